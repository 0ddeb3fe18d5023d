// Programs that run once, for what they do.
#include <fmt/format.h>

#include <cerrno>

#include "attach/families.h"
#include "attach/refusal.h"
#include "object/zeroed_options.h"

namespace probe_run {

std::string describe_target(const RunAttach&) {
  return "one run";
}

Attachment attach_to(bpf_program* program, const RunAttach& point) {
  auto options = zeroed_options<bpf_test_run_opts>();
  if (bpf_prog_test_run_opts(bpf_program__fd(program), &options) != 0) {
    const int error = errno;
    refuse(program, describe_target(point), error,
           error == EINVAL ? "the program may read a context; it gets none" : std::string());
  }
  return Attachment(fmt::format("one run of {} (it returned {})", bpf_program__name(program),
                                static_cast<std::int32_t>(options.retval)));
}

}  // namespace probe_run
