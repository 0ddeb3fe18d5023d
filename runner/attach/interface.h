// Network interfaces by name, and those that go away.
#pragma once

#include <string>
#include <vector>

#include "object/libbpf.h"
#include "support/fd.h"

namespace probe_run {

// Its index. Refuses to attach `program` to `target` where there is none of that name.
int interface_index(const bpf_program* program, std::string_view target, const std::string& name);

// Those of this network namespace.
std::vector<std::string> interface_names();

// What its driver calls itself: "veth". "" where it does not say.
std::string driver_of_interface(const std::string& name);

// In the network namespace of this process.
class InterfaceWatch {
 public:
  // 0 or an errno.
  int open();
  int fd() const { return socket_.get(); }

  // Whether something was announced of interfaces since the last call: then look which there are.
  bool take() noexcept;

  static bool exists(int index) noexcept;

 private:
  Fd socket_;
};

}  // namespace probe_run
