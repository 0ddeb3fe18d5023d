// What a process cannot do any more after it has given up its rights and forbidden itself calls and files. Each case
// runs in a child process: nothing of this can be undone.
#include <fcntl.h>
#include <linux/bpf.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <functional>

#include "support/call_filter.h"
#include "support/catch.h"
#include "support/fd.h"
#include "support/landlock.h"
#include "support/rights.h"

using namespace probe_run;

namespace {

namespace fs = std::filesystem;

// What the action returns in a child process: 0 for success, else the number of the first fact that does not hold.
int in_child(const std::function<int()>& action) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(action());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool refused(long result) {
  return result < 0 && errno == EPERM;
}

long bpf_command(unsigned command) {
  bpf_attr attr{};
  return ::syscall(SYS_bpf, command, &attr, sizeof attr);
}

long open_with(const std::string& path, int flags) {
  return Fd(::openat(AT_FDCWD, path.c_str(), flags | O_CLOEXEC, 0600)).get();
}

struct Scratch {
  fs::path path = fs::temp_directory_path() / ("probe-run-confinement-" + std::to_string(::getpid()));
  Scratch() {
    fs::create_directories(path / "outputs");
    fs::create_directories(path / "others");
  }
  ~Scratch() { fs::remove_all(path); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
};

}  // namespace

TEST_CASE("A process that forbids itself other calls executes, traces, mounts and loads nothing") {
  CHECK(in_child([] {
          ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
          if (forbid_other_calls({}) != 0) return 1;
          const char* const arguments[] = {"true", nullptr};
          if (!refused(::execve("/bin/true", const_cast<char**>(arguments), nullptr))) return 2;  // NOLINT
          if (!refused(::syscall(SYS_mount, nullptr, nullptr, nullptr, 0, nullptr))) return 3;
          if (!refused(::syscall(SYS_init_module, nullptr, 0, nullptr))) return 4;
          if (!refused(::syscall(SYS_process_vm_writev, ::getppid(), nullptr, 0, nullptr, 0, 0))) return 5;
          if (!refused(::syscall(SYS_perf_event_open, nullptr, 0, 0, 0, 0))) return 6;
          if (!refused(bpf_command(BPF_PROG_LOAD)) || !refused(bpf_command(BPF_MAP_CREATE))) return 7;
          if (!refused(bpf_command(BPF_LINK_CREATE)) || !refused(bpf_command(1000))) return 8;
          if (!refused(open_with("/dev/null", O_WRONLY)) || !refused(open_with("/dev/null", O_RDWR)))
            return 9;
          if (!refused(open_with("/tmp/probe-run-never", O_CREAT))) return 10;
          if (!refused(::unlink("/tmp/probe-run-never"))) return 11;
          // What a run does.
          if (open_with("/dev/null", O_RDONLY) < 0) return 12;
          if (::getppid() <= 0 || ::syscall(SYS_getpid) <= 0) return 13;
          return 0;
        }) == 0);
}

TEST_CASE("What the rest of a run needs is not forbidden") {
  const auto allowed = [](long result) { return result >= 0 || errno != EPERM; };
  CHECK(in_child([&] {
          ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
          LaterCalls later;
          later.opens_events = later.writes_files = later.opens_by_handle = true;
          if (forbid_other_calls(later) != 0) return 1;
          if (!allowed(::syscall(SYS_perf_event_open, nullptr, 0, 0, 0, 0))) return 2;  // EFAULT
          if (open_with("/dev/null", O_WRONLY) < 0) return 3;
          if (!allowed(::unlink("/tmp/probe-run-never"))) return 4;  // ENOENT
          if (!refused(bpf_command(BPF_PROG_LOAD))) return 5;
          return 0;
        }) == 0);
}

TEST_CASE("A fenced process writes only in the directories of its outputs") {
  const Scratch scratch;
  const int status = in_child([&] {
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    const std::string output = scratch.path / "outputs/x.prom", temporary = scratch.path / "outputs/.x";
    FileFence fence({output});
    if (const int error = fence.enter(); error != 0) return error == ENOSYS || error == EOPNOTSUPP ? 77 : 1;
    if (open_with(temporary, O_WRONLY | O_CREAT | O_EXCL) < 0) return 2;
    if (::rename(temporary.c_str(), output.c_str()) != 0) return 3;
    if (open_with(output, O_WRONLY | O_APPEND | O_TRUNC) < 0) return 4;
    if (::unlink(output.c_str()) != 0) return 5;
    if (open_with(scratch.path / "others/x", O_WRONLY | O_CREAT) >= 0 || errno != EACCES) return 6;
    if (open_with(scratch.path / "x", O_WRONLY | O_CREAT) >= 0 || errno != EACCES) return 7;
    if (open_with("/dev/null", O_RDWR) < 0 || open_with("/etc/passwd", O_RDONLY) < 0) return 8;
    return 0;
  });
  if (status == 77) {
    WARN("this kernel has no Landlock");
    return;
  }
  CHECK(status == 0);
}

TEST_CASE("Rights that are laid down are in force only while they are raised, and those given up are gone") {
  CHECK(in_child([] {
          const Capabilities before = Capabilities::held();
          if (lay_rights_down() != 0) return 1;
          if (Capabilities::held() != before) return 2;
          if (!(Capabilities::in_force() & bpf_rights).empty()) return 3;
          {
            const InForce raised = raise_rights(bpf_rights);
            if ((Capabilities::in_force() & bpf_rights) != (before & bpf_rights)) return 4;
            const InForce nothing{Capabilities()};
            if (!Capabilities::in_force().empty()) return 5;
          }
          if (!(Capabilities::in_force() & bpf_rights).empty()) return 6;
          give_up_rights({Capability::bpf});
          if (Capabilities::held() != (before & Capabilities{Capability::bpf})) return 7;
          const InForce raised = raise_rights(bpf_rights);
          if (Capabilities::in_force() != (before & Capabilities{Capability::bpf})) return 8;
          return ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 9;
        }) == 0);
}
