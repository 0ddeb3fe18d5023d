#include "user_namespace.h"

#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "support/fd.h"

namespace test {
namespace {

using probe_run::Fd;

constexpr const char* users = "0 100000 65536\n";  // from 0 inside, from 100000 outside, count

// Some C libraries declare these in a way that C++ does not accept.
Fd process_of(pid_t pid) {
  return Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}
Fd copy_of(const Fd& process, int descriptor) {
  return Fd(static_cast<int>(::syscall(SYS_pidfd_getfd, process.get(), descriptor, 0)));
}

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + " failed: " + std::strerror(errno));
}

void leave_everything() {
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) != 0) ::_exit(126);
}

void write_map(pid_t pid, const char* name) {
  std::ofstream file("/proc/" + std::to_string(pid) + "/" + name);
  if (!(file << users << std::flush)) fail(std::string("writing ") + name);
}

void become_root() {
  if (::setgroups(0, nullptr) != 0 || ::setgid(0) != 0 || ::setuid(0) != 0) ::_exit(126);
}

// Runs as an act: returns the errno, or 0.
std::string bring_lo_up() {
  const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  return std::to_string(::ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0 ? 0 : errno);
}

// 0, or an errno.
int configure(int file_system, const Delegation& delegation) {
  const std::pair<const char*, const std::string&> options[] = {{"delegate_cmds", delegation.cmds},
                                                                {"delegate_maps", delegation.maps},
                                                                {"delegate_progs", delegation.progs},
                                                                {"delegate_attachs", delegation.attachs}};
  for (const auto& [name, value] : options) {
    if (!value.empty() && ::fsconfig(file_system, FSCONFIG_SET_STRING, name, value.c_str(), 0) != 0)
      return errno;
  }
  return ::fsconfig(file_system, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0 ? 0 : errno;
}

}  // namespace

UserNamespace::UserNamespace() : keeper_([] { return std::string(); }, leave_everything) {
  // The users are mapped from now on: a process that enters may become one of them.
  write_map(keeper_.pid(), "uid_map");
  write_map(keeper_.pid(), "gid_map");
  Actor network(bring_lo_up, [this] { enter(); });
  if (const int error = std::stoi(network.act()); error != 0) {
    errno = error;
    fail("bringing lo up");
  }
}

void UserNamespace::enter() const {
  const Fd keeper = process_of(keeper_.pid());
  if (::setns(keeper.get(), CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) != 0) ::_exit(126);
  become_root();
}

std::vector<std::string> UserNamespace::command_of(unsigned user,
                                                   const std::vector<std::string>& capabilities,
                                                   const std::vector<std::string>& command) const {
  std::string list = "-all";
  for (const std::string& name : capabilities) list += ",+" + name;
  const std::string id = std::to_string(user);
  std::vector<std::string> words{"nsenter",
                                 "--target=" + keeper_.id(),
                                 "--user",
                                 "--mount",
                                 "--net",
                                 "--setuid=0",
                                 "--setgid=0",
                                 "setpriv",
                                 "--reuid=" + id,
                                 "--regid=" + id,
                                 "--clear-groups",
                                 "--bounding-set=" + list,
                                 "--inh-caps=" + list,
                                 "--ambient-caps=" + list};
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

int UserNamespace::mount_bpffs(const std::string& directory, const Delegation& delegation,
                               Owner owner) const {
  // It belongs to the user namespace in which it is opened.
  Actor opener(
      [&] {
        const int opened = ::fsopen("bpf", 0);
        if (opened < 0 || owner == Owner::root_outside) return std::to_string(opened);
        return std::to_string(configure(opened, delegation));
      },
      [this] { enter(); });
  const int answer = std::stoi(opener.act());
  if (owner == Owner::root_inside) return answer;
  const Fd file_system = copy_of(process_of(opener.pid()), answer);
  if (!file_system) fail("opening a bpffs");
  if (const int error = configure(file_system.get(), delegation); error != 0) return error;
  const Fd mount(::fsmount(file_system.get(), FSMOUNT_CLOEXEC, 0));
  if (!mount) fail("making a mount of a bpffs");
  Actor mounter(
      [&] {
        const int done = ::move_mount(mount.get(), "", AT_FDCWD, directory.c_str(), MOVE_MOUNT_F_EMPTY_PATH);
        return std::to_string(done == 0 ? 0 : errno);
      },
      [this] { enter(); });
  return std::stoi(mounter.act());
}

}  // namespace test
