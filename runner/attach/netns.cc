// sk_lookup and flow_dissector, which attach to network namespaces: which socket a packet is for, and how its
// headers are parsed.
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/bpf.h>

#include <cerrno>
#include <filesystem>

#include "attach/define_attach_type.h"
#include "attach/refusal.h"
#include "listing/search.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

namespace fs = std::filesystem;

constexpr const char* own_namespace = "/proc/self/ns/net";
constexpr const char* named_namespaces = "/run/netns";  // of `ip netns`

template <class Point>
std::string describe_netns(const Point& point) {
  return point.netns ? fmt::format("{} in {}", Point::type, escape_for_terminal(**point.netns))
                     : std::string(Point::type);
}

std::string near_names(const std::string& name) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(named_namespaces, error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  return suggestion(name, views(names), "namespaces of `ip netns`");
}

template <class Point>
Attachment attach_netns(bpf_program* program, const Point& point) {
  const std::string target = describe_netns(point);
  std::string path = own_namespace;
  if (point.netns) {
    const std::string& name = **point.netns;
    path = name.find('/') != std::string::npos ? name : fmt::format("{}/{}", named_namespaces, name);
  }
  const Fd netns(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!netns) {
    const int error = errno;
    if (error == ENOENT) {
      refuse(program, target, fmt::format("network namespace {} is not found", escape_for_terminal(path)),
             near_names(path.substr(path.rfind('/') + 1)));
    }
    refuse(program, target, fmt::format("cannot open {}: {}", escape_for_terminal(path), errno_text(error)),
           "run it as root");
  }
  LinkHandle link(bpf_program__attach_netns(program, netns.get()));
  if (link) return {target, std::move(link)};
  const int error = errno;
  std::string hint;
  if (error == EEXIST || error == E2BIG) {
    hint = "the namespace already has a program of this type: `bpftool net show` lists it";
  } else if (error == EINVAL) {
    hint = fmt::format("{} must be a network namespace; this needs Linux 5.7 (5.9 for sk_lookup)",
                       escape_for_terminal(path));
  }
  refuse(program, target, error, std::move(hint), true);
}

std::string describe_target(const SkLookupAttach& point) {
  return describe_netns(point);
}
std::string describe_target(const FlowDissectorAttach& point) {
  return describe_netns(point);
}

Attachment attach_to(bpf_program* program, const SkLookupAttach& point) {
  return attach_netns(program, point);
}
Attachment attach_to(bpf_program* program, const FlowDissectorAttach& point) {
  return attach_netns(program, point);
}

// This process's own namespace and those of `ip netns`.
void list_network_namespaces(Search& search) {
  std::vector<std::string> names{"/proc/self/ns/net"};
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/run/netns", error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  for (const std::string& name : names) {
    if (!search.wants(name)) continue;
    Place& place = search.add(name);
    if (search.details()) place.attach = {{"netns", name}};
  }
}

}  // namespace

template <>
struct AttachTypeOf<SkLookupAttach> {
  static Section section() { return {"sk_lookup", {BPF_PROG_TYPE_SK_LOOKUP}}; }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel{5, 9};
  static constexpr std::string_view example = no_keys;
  static constexpr Company company = Company::any;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_network_namespaces};
  static constexpr auto check = nothing_to_check;
  static constexpr auto prepare = nothing_to_prepare;
  static Attachment attach(BpfObject&, bpf_program* program, const SkLookupAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const SkLookupAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<SkLookupAttach>();

template <>
struct AttachTypeOf<FlowDissectorAttach> {
  static Section section() { return {"flow_dissector", {BPF_PROG_TYPE_FLOW_DISSECTOR}}; }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel{5, 7};
  static constexpr std::string_view example = no_keys;
  static constexpr Company company = Company::any;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_network_namespaces};
  static constexpr auto check = nothing_to_check;
  static constexpr auto prepare = nothing_to_prepare;
  static Attachment attach(BpfObject&, bpf_program* program, const FlowDissectorAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const FlowDissectorAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<FlowDissectorAttach>();

}  // namespace probe_run
