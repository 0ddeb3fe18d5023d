// Network interfaces, the packet filter's hooks, network namespaces.
#include <fmt/format.h>
#include <net/if.h>

#include <filesystem>

#include "attach/interface.h"
#include "listing/families.h"
#include "spec/network_attach.h"

namespace probe_run {
namespace {

constexpr std::string_view iface_key = "iface";

// "eth0:ingress": an interface with what else the attach point needs.
template <class Choice>
void add_choices(Search& search, const std::string& iface, std::string_view key) {
  for (const auto& choice : EnumNames<Choice>::names) {
    const std::string target = fmt::format("{}:{}", iface, choice.name);
    if (!search.wants(target) && !search.wants(iface)) continue;
    Place& place = search.add(target);
    if (search.details()) place.attach = {{iface_key, iface}, {key, std::string(choice.name)}};
  }
}

}  // namespace

void list_interfaces(Search& search) {
  for (const std::string& iface : interface_names()) {
    if (!search.wants(iface)) continue;
    Place& place = search.add(iface);
    if (search.details()) place.attach = {{iface_key, iface}};
  }
}

void list_interface_directions(Search& search) {
  if (search.type() == TcxAttach::type && !search.machine().may_have_function("tcx_prog_attach")) {
    search.note("this kernel has no tcx (Linux 6.6)");
    return;
  }
  for (const std::string& iface : interface_names()) add_choices<Direction>(search, iface, "direction");
}

void list_netkit_devices(Search& search) {
  if (!search.machine().may_have_function("netkit_prog_attach")) {
    search.note("this kernel has no netkit devices (Linux 6.7 with CONFIG_NETKIT)");
    return;
  }
  for (const std::string& iface : interface_names()) {
    if (driver_of_interface(iface) == "netkit") add_choices<NetkitEnd>(search, iface, "end");
  }
}

void list_netfilter_hooks(Search& search) {
  if (!search.machine().may_have_function("bpf_nf_link_attach")) {
    search.note(
        "this kernel has no BPF programs in its packet filter (Linux 6.4 with CONFIG_NETFILTER_BPF_LINK)");
    return;
  }
  for (const auto& family : EnumNames<NetfilterFamily>::names) {
    for (const auto& hook : EnumNames<NetfilterHook>::names) {
      const std::string target = fmt::format("{}:{}", family.name, hook.name);
      if (!search.wants(target)) continue;
      Place& place = search.add(target);
      if (!search.details()) continue;
      place.attach = {
          {"family", std::string(family.name)}, {"hook", std::string(hook.name)}, {"priority", "0", true}};
    }
  }
}

// This process's own and those that `ip netns` knows.
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

}  // namespace probe_run
