#include "attach/libbpf_version.h"

#include <fmt/format.h>

#include "attach/refusal.h"

namespace probe_run {

std::string needs_newer_libbpf(std::string_view type, LibbpfVersion needed) {
  return fmt::format("{} needs libbpf {}.{}; this probe-run was built with libbpf {}.{}", type, needed.major,
                     needed.minor, libbpf_built_with.major, libbpf_built_with.minor);
}

void refuse_old_libbpf(const bpf_program* program, std::string_view target, std::string_view type,
                       LibbpfVersion needed) {
  refuse(program, target, needs_newer_libbpf(type, needed), {});
}

}  // namespace probe_run
