// uprobe_multi: many functions of a program or library at once, with one link.
#include <fmt/format.h>
#include <linux/bpf.h>

#include <cerrno>
#include <climits>
#include <cstdint>
#include <vector>

#include "attach/binary_path.h"
#include "attach/define_attach_type.h"
#include "attach/libbpf_version.h"
#include "attach/refusal.h"
#include "attach/traceable_functions.h"
#include "attach/user_function_search.h"
#include "attach/user_functions.h"
#include "object/libbpf.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr LibbpfVersion oldest_libbpf{1, 3};

std::string describe_target(const UprobeMultiAttach& point) {
  return fmt::format("uprobe_multi:{}:{}{}{}", escape_for_terminal(*point.binary),
                     escape_for_terminal(*point.pattern), point.at_return ? " (return)" : "",
                     point.pid ? fmt::format(" in process {}", **point.pid) : std::string());
}

#if LIBBPF_MAJOR_VERSION > 1 || LIBBPF_MINOR_VERSION >= 3
Fd prepare_for(bpf_program* program, const UprobeMultiAttach&) {
  bpf_program__set_expected_attach_type(program, BPF_TRACE_UPROBE_MULTI);
  return {};
}

Attachment attach_to(bpf_program* program, const UprobeMultiAttach& point) {
  std::string target = describe_target(point);
  const std::string binary = require_binary(program, target, *point.binary);
  // libbpf would match names without their versions, and would not tell how many it found.
  const std::vector<std::uint64_t> found = matching_offsets(program, target, binary, *point.pattern);
  const std::vector<unsigned long> offsets(found.begin(), found.end());
  auto options = zeroed_options<bpf_uprobe_multi_opts>();
  options.offsets = offsets.data();
  options.cnt = offsets.size();
  options.retprobe = point.at_return;
  constexpr int every_process = -1;
  const int pid = point.pid ? static_cast<int>(**point.pid) : every_process;
  LinkHandle link(bpf_program__attach_uprobe_multi(program, pid, binary.c_str(), nullptr, &options));
  if (link) return {fmt::format("{} ({})", target, function_count(offsets.size())), std::move(link)};
  const int error = errno;
  std::string hint;
  if (error == ENOENT || error == ESRCH) {
    hint = fmt::format("`nm {}` lists its functions", escape_for_terminal(binary));
  } else if (error == EINVAL || error == EOPNOTSUPP) {
    hint = "this needs Linux 6.6; use the type \"uprobe\" with a \"pattern\" on older kernels";
  }
  refuse(program, target, error, std::move(hint));
}
#else
Fd prepare_for(bpf_program*, const UprobeMultiAttach&) {
  return {};
}

Attachment attach_to(bpf_program* program, const UprobeMultiAttach& point) {
  refuse_old_libbpf(program, describe_target(point), UprobeMultiAttach::type, oldest_libbpf);
}
#endif

void list_user_functions_at_once(Search& search) {
  list_functions(search, "pattern");
}

}  // namespace

template <>
struct AttachTypeOf<UprobeMultiAttach> {
  static Section section() { return {"uprobe.multi", {BPF_PROG_TYPE_KPROBE}}; }
  static constexpr LibbpfVersion libbpf = oldest_libbpf;
  static constexpr KernelVersion kernel{6, 6};
  static constexpr std::string_view example = R"("binary": "libc.so.6", "pattern": "mem*")";
  static constexpr Company company = Company::same_type;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_user_functions_at_once, {}, true, true};
  static constexpr auto check = nothing_to_check;
  static Fd prepare(BpfObject&, bpf_program* program, const UprobeMultiAttach& point) {
    return prepare_for(program, point);
  }
  static Attachment attach(BpfObject&, bpf_program* program, const UprobeMultiAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const UprobeMultiAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<UprobeMultiAttach>();

}  // namespace probe_run
