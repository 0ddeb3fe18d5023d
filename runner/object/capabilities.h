// What the kernel asks of a process that loads and attaches BPF programs.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "object/libbpf.h"

namespace probe_run {

// The kernel's numbers.
enum class Capability : unsigned {
  dac_read_search = 2,
  net_admin = 12,
  sys_admin = 21,
  sys_resource = 24,
  syslog = 34,
  perfmon = 38,
  bpf = 39
};

class Capabilities {
 public:
  Capabilities() = default;
  Capabilities(std::initializer_list<Capability> list) {
    for (const Capability one : list) add(one);
  }

  void add(Capability one) { bits_ |= bit(one); }
  void add(Capabilities others) { bits_ |= others.bits_; }
  bool has(Capability one) const { return (bits_ & bit(one)) != 0; }

  // Of this process, as they are in force now.
  static Capabilities effective();

 private:
  static std::uint64_t bit(Capability one) { return std::uint64_t{1} << static_cast<unsigned>(one); }

  std::uint64_t bits_ = 0;
};

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

}  // namespace probe_run
