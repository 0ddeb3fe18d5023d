// A user namespace with its own mounts and network, as in an unprivileged container, and a bpffs in it that
// delegates BPF.
#pragma once

#include <string>
#include <vector>

#include "actor.h"
#include "machine.h"

namespace test {

// The delegation options of a bpffs, in the syntax of mount(8); "" omits an option.
struct Delegation {
  std::string cmds, maps, progs, attachs;
};

class UserNamespace {
 public:
  // Its users 0 to 65535 are 100000 and up outside. Its interface lo is up.
  UserNamespace();

  // Moves the calling process into the namespace, as its root. For a process that was forked for that.
  void enter() const;

  // The command line that runs as this user of it with exactly these capabilities, in setpriv's spelling.
  std::vector<std::string> command_of(unsigned user, const std::vector<std::string>& capabilities,
                                      const std::vector<std::string>& command) const;

  // Mounts a bpffs that belongs to the namespace and is visible only in it. Only root outside can set what it
  // delegates. Returns 0 or an errno.
  enum class Owner { root_outside, root_inside };
  int mount_bpffs(const std::string& directory, const Delegation& delegation,
                  Owner owner = Owner::root_outside) const;

 private:
  Actor keeper_;
};

}  // namespace test
