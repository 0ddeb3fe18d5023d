// What the kernel asks of a process that loads and attaches BPF programs.
#pragma once

#include <cstdint>
#include <string>

#include "object/libbpf.h"
#include "support/rights.h"

namespace probe_run {

// What loading such a program takes; attaching it takes no more, unless the attach type says so.
Capabilities needed_capabilities(std::uint32_t program_type);

// What making such a map takes.
Capabilities needed_for_map(std::uint32_t map_type);

// Which of `needed` are missing from `have`, and how to get them, as a hint; "" when none is. `executable` is
// the file to grant them to.
std::string missing_capabilities(Capabilities needed, Capabilities have, const std::string& executable);

// The same for root without them, as in a container.
std::string missing_for_root(Capabilities needed, Capabilities have);

// The same for a process in a user namespace, where neither sudo nor setcap helps.
std::string missing_in_user_namespace(Capabilities needed, Capabilities have);

// Whether this process is in one: then its capabilities count for what belongs to it, such as its network,
// and BPF does not.
bool in_user_namespace();

// The file that this process runs.
std::string own_executable();

// The same of this process and its executable, wherever it is.
std::string missing_capabilities(Capabilities needed);

// What this kernel wants for every bpf() call, even about an own map: nothing since Linux 6.0, and before that if
// kernel.unprivileged_bpf_disabled is 0.
Capabilities needed_for_calls() noexcept;

}  // namespace probe_run
