#include "attach/name_pattern.h"

#include "attach/refusal.h"

namespace probe_run {

Glob name_pattern(const bpf_program* program, std::string_view target, const std::string& pattern) {
  Glob::Mistake mistake;
  Glob glob = Glob::compile(pattern, mistake);
  if (mistake.length != 0) refuse(program, target, mistake.what, "* stands for any letters, ? for one");
  return glob;
}

}  // namespace probe_run
