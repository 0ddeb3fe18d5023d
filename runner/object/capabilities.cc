#include "object/capabilities.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <string_view>
#include <vector>

#include "object/map_type.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// Newer than the kernel headers of some distributions.
constexpr std::uint32_t program_type_netfilter = 32;

// CAP_SYS_ADMIN was all that there was before Linux 5.8, and still does for these.
bool is_granted(Capability one, Capabilities have) {
  if (have.has(one)) return true;
  return have.has(Capability::sys_admin) && (one == Capability::bpf || one == Capability::perfmon);
}

std::vector<std::string_view> missing_names(Capabilities needed, Capabilities have) {
  std::vector<std::string_view> missing;
  for (const CapabilityName& one : names_of(needed)) {
    if (!is_granted(one.capability, have)) missing.push_back(one.name);
  }
  return missing;
}

}  // namespace

Capabilities needed_capabilities(std::uint32_t program_type) {
  switch (program_type) {
    case BPF_PROG_TYPE_KPROBE:
    case BPF_PROG_TYPE_TRACEPOINT:
    case BPF_PROG_TYPE_PERF_EVENT:
    case BPF_PROG_TYPE_RAW_TRACEPOINT:
    case BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE:
    case BPF_PROG_TYPE_TRACING:
    case BPF_PROG_TYPE_LSM:
    case BPF_PROG_TYPE_STRUCT_OPS:
      return {Capability::bpf, Capability::perfmon};
    case BPF_PROG_TYPE_EXT:  // it may replace a part of any program
      return {Capability::bpf, Capability::perfmon, Capability::net_admin};
    case BPF_PROG_TYPE_SCHED_CLS:
    case BPF_PROG_TYPE_SCHED_ACT:
    case BPF_PROG_TYPE_XDP:
    case BPF_PROG_TYPE_LWT_IN:
    case BPF_PROG_TYPE_LWT_OUT:
    case BPF_PROG_TYPE_LWT_XMIT:
    case BPF_PROG_TYPE_LWT_SEG6LOCAL:
    case BPF_PROG_TYPE_SK_SKB:
    case BPF_PROG_TYPE_SK_MSG:
    case BPF_PROG_TYPE_FLOW_DISSECTOR:
    case BPF_PROG_TYPE_CGROUP_SKB:
    case BPF_PROG_TYPE_CGROUP_DEVICE:
    case BPF_PROG_TYPE_CGROUP_SOCK:
    case BPF_PROG_TYPE_CGROUP_SOCK_ADDR:
    case BPF_PROG_TYPE_CGROUP_SOCKOPT:
    case BPF_PROG_TYPE_CGROUP_SYSCTL:
    case BPF_PROG_TYPE_SOCK_OPS:
    case program_type_netfilter:
      return {Capability::bpf, Capability::net_admin};
    default:
      return {Capability::bpf};
  }
}

Capabilities needed_for_map(std::uint32_t type) {
  Capabilities needed{Capability::bpf};
  if (map_type(type).needs_net_admin) needed.add(Capability::net_admin);
  return needed;
}

std::string own_executable() {
  std::string path(PATH_MAX, '\0');
  const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
  if (length <= 0) return "probe-run";
  path.resize(static_cast<std::size_t>(length));
  return path;
}

std::string missing_capabilities(Capabilities needed, Capabilities have, const std::string& executable) {
  const std::vector<std::string_view> missing = missing_names(needed, have);
  if (missing.empty()) return {};
  std::string all;  // setcap takes what the file had
  for (const CapabilityName& one : names_of(needed))
    all += fmt::format("{}{}", all.empty() ? "" : ",", one.file_name);
  return fmt::format(
      "this process does not have {}: run it with sudo, or grant what it needs once: sudo setcap {}+ep {}",
      join(missing), all, escape_for_terminal(executable));
}

std::string missing_for_root(Capabilities needed, Capabilities have) {
  const std::vector<std::string_view> missing = missing_names(needed, have);
  if (missing.empty()) return {};
  std::string options;
  for (const CapabilityName& one : names_of(needed)) {
    constexpr std::size_t prefix = std::string_view("CAP_").size();
    options += fmt::format(" --cap-add {}", one.name.substr(prefix));
  }
  return fmt::format(
      "root does not have {0} here: run it outside of the container, or start the container with{1}",
      join(missing), options);
}

bool in_user_namespace() {
  // The number of the first one is a part of the kernel's interface; who cannot read it is taken for one of
  // it.
  const std::string_view first = "user:[4026531837]";
  std::array<char, 64> name{};
  const ssize_t length = ::readlink("/proc/self/ns/user", name.data(), name.size());
  return length > 0 && std::string_view(name.data(), static_cast<std::size_t>(length)) != first;
}

std::string missing_in_user_namespace(Capabilities needed, Capabilities have) {
  const std::vector<std::string_view> missing = missing_names(needed, have);
  if (missing.empty()) return {};
  return fmt::format(
      "this process does not have {} in its user namespace: run it as root of the namespace, or with setpriv "
      "and "
      "--inh-caps and --ambient-caps",
      join(missing));
}

std::string missing_capabilities(Capabilities needed) {
  if (in_user_namespace()) return missing_in_user_namespace(needed, Capabilities::held());
  if (::geteuid() == 0) return missing_for_root(needed, Capabilities::held());
  return missing_capabilities(needed, Capabilities::held(), own_executable());
}

Capabilities needed_for_calls() noexcept {
  const auto is_refused = [] {
    bpf_map_info info{};
    std::uint32_t size = sizeof info;
    constexpr int no_descriptor = -1;  // whether the call is allowed is decided before it is looked at
    return bpf_obj_get_info_by_fd(no_descriptor, &info, &size) != 0 && errno == EPERM;
  };
  const InForce nothing{Capabilities()};
  if (!is_refused()) return {};
  const InForce with_bpf{Capabilities{Capability::bpf}};
  return is_refused() ? Capabilities{Capability::sys_admin} : Capabilities{Capability::bpf};
}

}  // namespace probe_run
