// The types of attach points, each with how its places are found. A new type is a row in places.cc.
#pragma once

#include <span>
#include <string_view>

#include "listing/search.h"

namespace probe_run {

std::span<const Family> families();

// In the file of each family.
void list_kprobes(Search& search);
void list_multiple_kprobes(Search& search);
void list_kprobe_sessions(Search& search);
void list_system_calls(Search& search);
void list_trampolines(Search& search);
void list_changed_returns(Search& search);
void list_security_hooks(Search& search);
void list_tracepoints(Search& search);
void list_raw_tracepoints(Search& search);
void list_typed_tracepoints(Search& search);
void list_iterators(Search& search);
void list_struct_ops(Search& search);
void list_perf_events(Search& search);
void list_user_functions(Search& search);
void list_user_functions_at_once(Search& search);
void list_user_probes(Search& search);
void list_interfaces(Search& search);
void list_interface_directions(Search& search);
void list_netkit_devices(Search& search);
void list_netfilter_hooks(Search& search);
void list_network_namespaces(Search& search);
void list_cgroups(Search& search);

}  // namespace probe_run
