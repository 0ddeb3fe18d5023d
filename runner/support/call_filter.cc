#include "support/call_filter.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <seccomp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>

namespace probe_run {
namespace {

// Names, because this machine's headers may not have their numbers; libseccomp passes over what it does not know.
// Every list is about one ability.
constexpr std::array running_programs{"execve", "execveat"};
constexpr std::array other_processes{"process_vm_readv", "process_vm_writev", "process_madvise",
                                     "pidfd_getfd", "kcmp"};
// LeakSanitizer traces the process at its end.
#ifdef __has_feature
constexpr bool is_sanitized = __has_feature(address_sanitizer);
#elif defined(__SANITIZE_ADDRESS__)
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif
constexpr std::array namespaces{"mount",   "umount",    "umount2",    "pivot_root",   "chroot",
                                "unshare", "setns",     "fsopen",     "fsconfig",     "fsmount",
                                "fspick",  "open_tree", "move_mount", "mount_setattr"};
constexpr std::array machine{
    "init_module", "finit_module", "delete_module",  "kexec_load",    "kexec_file_load",
    "reboot",      "swapon",       "swapoff",        "acct",          "quotactl",
    "quotactl_fd", "settimeofday", "clock_settime",  "clock_adjtime", "adjtimex",
    "stime",       "sethostname",  "setdomainname",  "iopl",          "ioperm",
    "syslog",      "vhangup",      "lookup_dcookie", "personality",   "modify_ldt"};
constexpr std::array identity{"setuid",    "setgid",   "setreuid", "setregid", "setresuid",
                              "setresgid", "setfsuid", "setfsgid", "setgroups"};
// Interfaces with a history of faults, and those that pass by this filter.
constexpr std::array rarely_used{"io_uring_setup", "io_uring_enter", "io_uring_register",
                                 "userfaultfd",    "add_key",        "request_key",
                                 "keyctl",         "fanotify_init"};
constexpr std::array files{"mknod",        "mknodat",  "mkdir",  "mkdirat",    "rmdir",       "symlink",
                           "symlinkat",    "link",     "linkat", "chmod",      "fchmodat",    "fchmodat2",
                           "chown",        "lchown",   "fchown", "fchownat",   "setxattr",    "lsetxattr",
                           "fsetxattr",    "truncate", "creat",  "setxattrat", "removexattr", "lremovexattr",
                           "fremovexattr", "utimensat"};
constexpr std::array replacing{"rename", "renameat", "renameat2", "unlink", "unlinkat"};

// What a run does with the maps, programs and links that it has.
constexpr std::array<std::uint32_t, 16> used_bpf_commands{
    BPF_MAP_LOOKUP_ELEM,    BPF_MAP_UPDATE_ELEM,
    BPF_MAP_DELETE_ELEM,    BPF_MAP_GET_NEXT_KEY,
    BPF_PROG_DETACH,        BPF_PROG_TEST_RUN,
    BPF_OBJ_GET_INFO_BY_FD, BPF_MAP_LOOKUP_AND_DELETE_ELEM,
    BPF_MAP_LOOKUP_BATCH,   BPF_MAP_LOOKUP_AND_DELETE_BATCH,
    BPF_MAP_UPDATE_BATCH,   BPF_MAP_DELETE_BATCH,
    BPF_ENABLE_STATS,       BPF_ITER_CREATE,
    BPF_LINK_DETACH,        BPF_PROG_QUERY};
constexpr std::uint32_t most_bpf_commands = 64;  // more than any kernel has

struct Release {
  void operator()(void* filter) const { ::seccomp_release(filter); }
};

class Filter {
 public:
  Filter() : filter_(::seccomp_init(SCMP_ACT_ALLOW)) {
    if (!filter_) return;
    // Calls of another architecture fail, too; programs of 32 bits use them.
    set(SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM));
    set(SCMP_FLTATR_CTL_NNP, 0);       // set at the start
    set(SCMP_FLTATR_CTL_SSB, 1);       // its programs are this one: no slower memory accesses for them
    set(SCMP_FLTATR_CTL_OPTIMIZE, 2);  // by a binary search
  }

  template <std::size_t Count>
  void forbid(const std::array<const char*, Count>& names) {
    for (const char* name : names) forbid(name);
  }
  template <class... Comparisons>
  void forbid(const char* name, Comparisons... comparisons) {
    const int number = ::seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR || number < 0) return;
    forbid_with(EPERM, number, comparisons...);
  }
  template <class... Comparisons>
  void forbid_with(int error, int number, Comparisons... comparisons) {
    if (!filter_ || error_ != 0) return;
    error_ = -::seccomp_rule_add(filter_.get(), SCMP_ACT_ERRNO(static_cast<std::uint32_t>(error)), number,
                                 sizeof...(comparisons), comparisons...);
  }

  int load() noexcept {
    if (!filter_) return ENOMEM;
    if (error_ == 0) error_ = -::seccomp_load(filter_.get());
    return error_;
  }

 private:
  void set(scmp_filter_attr attribute, std::uint32_t value) {
    ::seccomp_attr_set(filter_.get(), attribute, value);  // an older libseccomp does without
  }

  std::unique_ptr<void, Release> filter_;
  int error_ = 0;
};

scmp_arg_cmp argument_is(unsigned index, std::uint64_t mask, std::uint64_t value) {
  return {index, SCMP_CMP_MASKED_EQ, mask, value};
}

// The flags of open() and openat() are that argument.
void forbid_opening_for_writing(Filter& filter, const char* name, unsigned flags) {
  filter.forbid(name, argument_is(flags, O_ACCMODE, O_WRONLY));
  filter.forbid(name, argument_is(flags, O_ACCMODE, O_RDWR));
  filter.forbid(name, argument_is(flags, O_CREAT, O_CREAT));
  filter.forbid(name, argument_is(flags, O_TRUNC, O_TRUNC));
}

void forbid_bpf(Filter& filter, const LaterCalls& needed) {
  if (needed.attaches) return;
  for (std::uint32_t command = 0; command < most_bpf_commands; ++command) {
    const bool is_link = command == BPF_LINK_CREATE && needed.opens_events;
    if (is_link ||
        std::find(used_bpf_commands.begin(), used_bpf_commands.end(), command) != used_bpf_commands.end())
      continue;
    filter.forbid("bpf", scmp_arg_cmp{0, SCMP_CMP_EQ, command, 0});
  }
  filter.forbid("bpf", scmp_arg_cmp{0, SCMP_CMP_GE, most_bpf_commands, 0});
}

}  // namespace

int forbid_other_calls(const LaterCalls& needed) noexcept {
  Filter filter;
  filter.forbid(running_programs);
  filter.forbid(other_processes);
  if constexpr (!is_sanitized) filter.forbid("ptrace");
  filter.forbid(namespaces);
  filter.forbid(machine);
  filter.forbid(identity);
  filter.forbid(rarely_used);
  filter.forbid(files);
  if (!needed.writes_files) {
    filter.forbid(replacing);
    forbid_opening_for_writing(filter, "open", 1);
    forbid_opening_for_writing(filter, "openat", 2);
  }
  // Its flags are in memory, where a filter does not look. The C library uses openat() where this does not exist.
  if (const int number = ::seccomp_syscall_resolve_name("openat2"); number > 0)
    filter.forbid_with(ENOSYS, number);
  if (!needed.opens_by_handle) filter.forbid("open_by_handle_at");
  if (!needed.opens_events && !needed.attaches) filter.forbid("perf_event_open");
  forbid_bpf(filter, needed);
  return filter.load();
}

}  // namespace probe_run
