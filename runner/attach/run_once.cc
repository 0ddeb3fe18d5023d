// Programs that are run once, for their side effects.
#include <fmt/format.h>
#include <linux/bpf.h>

#include <cerrno>

#include "attach/define_attach_type.h"
#include "attach/refusal.h"
#include "object/libbpf.h"

namespace probe_run {
namespace {

std::string describe_target(const RunAttach&) {
  return "one run";
}

Attachment attach_to(bpf_program* program, const RunAttach& point) {
  auto options = zeroed_options<bpf_test_run_opts>();
  if (bpf_prog_test_run_opts(bpf_program__fd(program), &options) != 0) {
    const int error = errno;
    refuse(program, describe_target(point), error,
           error == EINVAL ? "check that the program does not read its context: it is run without one"
                           : std::string());
  }
  return Attachment(fmt::format("one run of {} (it returned {})", bpf_program__name(program),
                                static_cast<std::int32_t>(options.retval)));
}

}  // namespace

template <>
struct AttachTypeOf<RunAttach> {
  static Section section() { return {"syscall", {BPF_PROG_TYPE_SYSCALL}}; }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel{5, 14};
  static constexpr std::string_view example = no_keys;
  static constexpr Company company = Company::repeated;
  static constexpr Pinning pinning{"it runs once and is not attached", "remove \"pin\""};
  static constexpr Places places{nullptr, "it is run once, without a target"};
  static constexpr auto check = nothing_to_check;
  static constexpr auto prepare = nothing_to_prepare;
  static Attachment attach(BpfObject&, bpf_program* program, const RunAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const RunAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<RunAttach>();

}  // namespace probe_run
