// Tracepoints whose arguments have the kernel's types.
#include <fmt/format.h>

#include "attach/btf_target.h"
#include "attach/families.h"
#include "support/utf8.h"

namespace probe_run {

std::string describe_target(const TpBtfAttach& point) {
  return fmt::format("tp_btf:{}", escape_for_terminal(*point.name));
}

Fd prepare_for(bpf_program* program, const TpBtfAttach& point) {
  set_btf_target(program, describe_target(point), *point.name, KernelTarget::tracepoint);
  return {};
}

Attachment attach_to(bpf_program* program, const TpBtfAttach& point) {
  std::string target = describe_target(point);
  LinkHandle link = attach_btf_target(program, target);
  return {std::move(target), std::move(link)};
}

}  // namespace probe_run
