// What the kernel allows this process beyond what it allows every process of its user: capabilities(7).
//
// They are in force only around the calls that need them. Everything else, such as opening a file that the user named,
// is done with the user's own rights, even if the program was given more (setcap, set-user-ID).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace probe_run {

// The kernel's numbers.
enum class Capability : unsigned {
  chown = 0,
  dac_override = 1,
  dac_read_search = 2,
  fowner = 3,
  fsetid = 4,
  net_bind_service = 10,
  net_admin = 12,
  ipc_lock = 14,
  sys_ptrace = 19,
  sys_admin = 21,
  sys_resource = 24,
  syslog = 34,
  perfmon = 38,
  bpf = 39,
  checkpoint_restore = 40
};

class Capabilities {
 public:
  constexpr Capabilities() = default;
  constexpr Capabilities(std::initializer_list<Capability> list) {
    for (const Capability one : list) add(one);
  }
  static constexpr Capabilities of_bits(std::uint64_t bits) {
    Capabilities all;
    all.bits_ = bits;
    return all;
  }

  constexpr void add(Capability one) { bits_ |= bit(one); }
  constexpr void add(Capabilities others) { bits_ |= others.bits_; }
  constexpr bool has(Capability one) const { return (bits_ & bit(one)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr std::uint64_t bits() const { return bits_; }
  constexpr Capabilities operator&(Capabilities other) const { return of_bits(bits_ & other.bits_); }
  constexpr Capabilities operator|(Capabilities other) const { return of_bits(bits_ | other.bits_); }
  constexpr bool operator==(const Capabilities&) const = default;

  // Of this process: all that it can put in force, and those that are in force now.
  static Capabilities held() noexcept;
  static Capabilities in_force() noexcept;

 private:
  static constexpr std::uint64_t bit(Capability one) {
    return std::uint64_t{1} << static_cast<unsigned>(one);
  }

  std::uint64_t bits_ = 0;
};

// What loading and attaching takes, of any type. None of these opens a file that the user may not open.
inline constexpr Capabilities bpf_rights{
    Capability::bpf,          Capability::perfmon, Capability::net_admin, Capability::sys_admin,
    Capability::sys_resource, Capability::syslog,  Capability::ipc_lock};
// What reading the kernel's own files takes, where only root may: tracefs, and symbols with their addresses.
inline constexpr Capabilities kernel_file_rights{Capability::dac_read_search, Capability::syslog};

// What reading about other users' processes takes. With lent rights this leaves out those that open any file.
Capabilities process_rights() noexcept;

// "CAP_BPF" and its name in setcap(8), "cap_bpf".
struct CapabilityName {
  Capability capability;
  std::string_view name;
  std::string_view file_name;
};
std::vector<CapabilityName> names_of(Capabilities all);

// Whether the rights belong to the file of the program, and not to the user who runs it.
bool rights_are_lent() noexcept;

// The first thing that a process does. Nothing is in force after it but, for a user who has them himself, such as root,
// the rights to files; the ids are those of the user; and no program that is executed can gain rights. Returns 0 or an
// errno: then the process must not continue.
int lay_rights_down() noexcept;

// Puts exactly those of the rights in force that this process holds, in this thread, until it is destroyed.
class InForce {
 public:
  explicit InForce(Capabilities exactly) noexcept;
  ~InForce();
  InForce(const InForce&) = delete;
  InForce& operator=(const InForce&) = delete;

 private:
  Capabilities before_;
};

// The same in addition to what is in force already.
inline InForce raise_rights(Capabilities wanted) noexcept {
  return InForce(Capabilities::in_force() | wanted);
}

// Gives up for good all but the rights to files that are in force.
void keep_only_rights_to_files() noexcept;

// Gives up for good all but `kept`; of these, `always` remain in force. REQUIRES: there is only one thread
void give_up_rights(Capabilities kept, Capabilities always = {}) noexcept;

}  // namespace probe_run
