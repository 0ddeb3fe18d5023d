#include "support/rights.h"

#include <linux/capability.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace probe_run {
namespace {

// In the order in which messages list them.
constexpr std::array<CapabilityName, 15> all_names{
    {{Capability::bpf, "CAP_BPF", "cap_bpf"},
     {Capability::perfmon, "CAP_PERFMON", "cap_perfmon"},
     {Capability::net_admin, "CAP_NET_ADMIN", "cap_net_admin"},
     {Capability::sys_admin, "CAP_SYS_ADMIN", "cap_sys_admin"},
     {Capability::sys_resource, "CAP_SYS_RESOURCE", "cap_sys_resource"},
     {Capability::syslog, "CAP_SYSLOG", "cap_syslog"},
     {Capability::ipc_lock, "CAP_IPC_LOCK", "cap_ipc_lock"},
     {Capability::dac_read_search, "CAP_DAC_READ_SEARCH", "cap_dac_read_search"},
     {Capability::dac_override, "CAP_DAC_OVERRIDE", "cap_dac_override"},
     {Capability::chown, "CAP_CHOWN", "cap_chown"},
     {Capability::fowner, "CAP_FOWNER", "cap_fowner"},
     {Capability::fsetid, "CAP_FSETID", "cap_fsetid"},
     {Capability::sys_ptrace, "CAP_SYS_PTRACE", "cap_sys_ptrace"},
     {Capability::checkpoint_restore, "CAP_CHECKPOINT_RESTORE", "cap_checkpoint_restore"},
     {Capability::net_bind_service, "CAP_NET_BIND_SERVICE", "cap_net_bind_service"}}};

// What lets a process open files, those of /proc among them.
constexpr Capabilities file_rights{Capability::chown,  Capability::dac_override, Capability::dac_read_search,
                                   Capability::fowner, Capability::fsetid,       Capability::sys_ptrace};

struct Sets {
  Capabilities effective, permitted, inheritable;
};

// By the system calls: the C library has no functions for them. They are about this thread.
int get(Sets& sets) noexcept {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
  if (::syscall(SYS_capget, &header, data.data()) != 0) return errno;
  const auto whole = [](std::uint32_t low, std::uint32_t high) {
    return Capabilities::of_bits(std::uint64_t{high} << 32 | low);
  };
  sets.effective = whole(data[0].effective, data[1].effective);
  sets.permitted = whole(data[0].permitted, data[1].permitted);
  sets.inheritable = whole(data[0].inheritable, data[1].inheritable);
  return 0;
}

int set(const Sets& sets) noexcept {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
  for (std::size_t i = 0; i < data.size(); ++i) {
    const auto half = [i](Capabilities all) { return static_cast<std::uint32_t>(all.bits() >> (32 * i)); };
    data[i] = {half(sets.effective), half(sets.permitted), half(sets.inheritable)};
  }
  return ::syscall(SYS_capset, &header, data.data()) == 0 ? 0 : errno;
}

void put_in_force(Capabilities wanted) noexcept {
  Sets sets;
  if (get(sets) != 0) return;
  wanted = wanted & sets.permitted;
  if (wanted == sets.effective) return;
  sets.effective = wanted;
  // What is held can be put in force. If a seccomp filter forbids it, whoever needs the right reports that it is
  // missing.
  static_cast<void>(set(sets));
}

// Of set-user-ID and set-group-ID programs.
int take_ids_of_user() noexcept {
  const uid_t user = ::getuid();
  const gid_t group = ::getgid();
  if (::geteuid() == user && ::getegid() == group) return 0;
  if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return errno;
  if (::setresgid(group, group, group) != 0 || ::setresuid(user, user, user) != 0) return errno;
  return ::prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) == 0 ? 0 : errno;
}

}  // namespace

Capabilities Capabilities::held() noexcept {
  Sets sets;
  get(sets);
  return sets.permitted;
}

Capabilities Capabilities::in_force() noexcept {
  Sets sets;
  get(sets);
  return sets.effective;
}

Capabilities process_rights() noexcept {
  Capabilities rights{Capability::sys_ptrace, Capability::checkpoint_restore};
  if (!rights_are_lent()) rights.add(Capability::dac_read_search);
  return rights;
}

std::vector<CapabilityName> names_of(Capabilities all) {
  std::vector<CapabilityName> names;
  for (const CapabilityName& name : all_names) {
    if (all.has(name.capability)) names.push_back(name);
  }
  return names;
}

bool rights_are_lent() noexcept {
  return ::getauxval(AT_SECURE) != 0 && ::getuid() != 0;
}

int lay_rights_down() noexcept {
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (const int error = take_ids_of_user(); error != 0) return error;
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  Sets sets;
  if (const int error = get(sets); error != 0) return error;
  sets.effective = rights_are_lent() ? Capabilities() : sets.effective & file_rights;
  sets.inheritable = {};
  return set(sets);
}

InForce::InForce(Capabilities exactly) noexcept : before_(Capabilities::in_force()) {
  put_in_force(exactly);
}

InForce::~InForce() {
  put_in_force(before_);
}

void give_up_rights(Capabilities kept, Capabilities always) noexcept {
  Sets sets;
  if (get(sets) != 0) return;
  sets.permitted = sets.permitted & kept;
  sets.effective = sets.permitted & always;
  static_cast<void>(set(sets));
}

void keep_only_rights_to_files() noexcept {
  const Capabilities kept =
      Capabilities::in_force() &
      Capabilities{Capability::dac_override, Capability::dac_read_search, Capability::fowner};
  give_up_rights(kept, kept);
}

}  // namespace probe_run
