// A user namespace with mounts and a network of its own, as a container without privileges has them; and a
// bpffs in it that BPF is delegated through.
#pragma once

#include <string>
#include <vector>

#include "actor.h"
#include "machine.h"

namespace test {

// The options of a bpffs that say what is delegated, as mount(8) would take them; "" leaves one out.
struct Delegation {
  std::string cmds, maps, progs, attachs;
};

class UserNamespace {
 public:
  // Its users 0 to 65535 are 100000 and up outside. Its interface lo is up.
  UserNamespace();

  // Makes the calling process one of it, as its root. For a process that was forked for that.
  void enter() const;

  // The command as this user of it, with these capabilities there and no others, as setpriv names them.
  std::vector<std::string> command_of(unsigned user, const std::vector<std::string>& capabilities,
                                      const std::vector<std::string>& command) const;

  // Mounts a bpffs that belongs to the namespace, and is seen in it only. Its owner says what it delegates,
  // which nobody can but root outside: 0, or the errno of the refusal.
  enum class Owner { root_outside, root_inside };
  int mount_bpffs(const std::string& folder, const Delegation& delegation,
                  Owner owner = Owner::root_outside) const;

 private:
  Actor keeper_;
};

}  // namespace test
