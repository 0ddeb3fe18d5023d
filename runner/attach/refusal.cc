#include "attach/refusal.h"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>

#include "support/descriptors.h"
#include "support/error.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

std::string first_line(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return escape_for_terminal(line);
}

}  // namespace

void refuse(const bpf_program* program, std::string_view target, std::string_view why, std::string hint) {
  throw Error(fmt::format("cannot attach program \"{}\" to {}: {}",
                          escape_for_terminal(bpf_program__name(program)), target, why),
              std::move(hint));
}

void refuse(const bpf_program* program, std::string_view target, int error, std::string hint,
            Capabilities more) {
  if (error == EPERM || error == EACCES) {
    Capabilities needed = needed_capabilities(static_cast<std::uint32_t>(bpf_program__type(program)));
    needed.add(more);
    hint = permission_hint(needed);
  }
  if (error == EMFILE) hint = descriptor_limit_hint();
  if (error < __LIBBPF_ERRNO__START) refuse(program, target, errno_text(error), std::move(hint));
  char text[128];
  libbpf_strerror(error, text, sizeof text);
  refuse(program, target, text, std::move(hint));
}

void refuse(const bpf_program* program, std::string_view target, int error, std::string hint, bool network) {
  refuse(program, target, error, std::move(hint),
         network ? Capabilities{Capability::net_admin} : Capabilities());
}

std::string permission_hint(Capabilities needed) {
  std::string hint = missing_capabilities(needed);
  if (!hint.empty()) return hint;
  if (in_user_namespace()) {
    return "this process is in a user namespace: its capabilities apply only to resources of that namespace, "
           "such as its network, and a token applies only to loading; kprobe, uprobe, usdt, tracepoint and "
           "perf_event are attached by perf, which cannot be delegated";
  }
  // Some kernels require more than is documented, such as 6.18 for uprobes.
  hint = missing_capabilities({Capability::sys_admin});
  if (!hint.empty()) {
    hint +=
        "\nthese capabilities are usually enough; a container, a seccomp filter or a security module may forbid "
        "the call";
  } else {
    hint =
        "this process has the capabilities; in a container they apply only to its own namespaces, and a "
        "seccomp filter or a security module may forbid the call";
  }
  const std::string paranoid = first_line("/proc/sys/kernel/perf_event_paranoid");
  if (!paranoid.empty() && paranoid != "-1")
    hint += fmt::format("; kernel.perf_event_paranoid is {}", paranoid);
  const std::string lockdown = first_line("/sys/kernel/security/lockdown");
  if (!lockdown.empty() && lockdown.find("[none]") == std::string::npos)
    hint += fmt::format("; lockdown is {}", lockdown);
  return hint;
}

}  // namespace probe_run
