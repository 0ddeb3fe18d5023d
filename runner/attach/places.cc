#include "attach/places.h"

#include <iterator>

#include "spec/attach_point.h"

namespace probe_run {
namespace {

constexpr bool again = true;
constexpr bool in_file = true;

constexpr Family table[] = {
    {XdpAttach::type, list_interfaces},
    {TcAttach::type, list_interface_directions},
    {TcxAttach::type, list_interface_directions},
    {NetkitAttach::type, list_netkit_devices},
    {NetfilterAttach::type, list_netfilter_hooks},
    {SkLookupAttach::type, list_network_namespaces},
    {FlowDissectorAttach::type, list_network_namespaces},
    {SockmapAttach::type, nullptr, "it names a map of the spec's own object"},
    {CgroupAttach::type, list_cgroups},
    {KprobeAttach::type, list_kprobes},
    {KretprobeAttach::type, list_kprobes, {}, again},
    {KprobeMultiAttach::type, list_multiple_kprobes, {}, again},
    {KprobeSessionAttach::type, list_kprobe_sessions, {}, again},
    {KsyscallAttach::type, list_system_calls},
    {KretsyscallAttach::type, list_system_calls, {}, again},
    {FentryAttach::type, list_trampolines},
    {FexitAttach::type, list_trampolines, {}, again},
    {FmodRetAttach::type, list_changed_returns, {}, again},
    {LsmAttach::type, list_security_hooks},
    {FreplaceAttach::type, nullptr, "it names a function of another BPF program: `bpftool prog` lists those"},
    {StructOpsAttach::type, list_struct_ops},
    {TracepointAttach::type, list_tracepoints},
    {RawTracepointAttach::type, list_raw_tracepoints},
    {TpBtfAttach::type, list_typed_tracepoints, {}, again},
    {IterAttach::type, list_iterators},
    {PerfEventAttach::type, list_perf_events},
    {UprobeAttach::type, list_user_functions, {}, false, in_file},
    {UretprobeAttach::type, list_user_functions, {}, again, in_file},
    {UprobeMultiAttach::type, list_user_functions_at_once, {}, again, in_file},
    {UsdtAttach::type, list_user_probes, {}, false, in_file},
    {RunAttach::type, nullptr, "it attaches to nothing"},
    {AutoAttach::type, nullptr, "the program's SEC() in the object says where: see --describe"},
};
static_assert(std::size(table) == std::variant_size_v<AttachPoint>);

}  // namespace

std::span<const Family> families() {
  return table;
}

}  // namespace probe_run
