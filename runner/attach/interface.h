// Finds network interfaces by name, and watches for their removal.
#pragma once

#include <string>
#include <vector>

#include "object/libbpf.h"
#include "support/fd.h"

namespace probe_run {

// Its index. Throws as refuse() does if no interface has that name.
int interface_index(const bpf_program* program, std::string_view target, const std::string& name);

// Those of this network namespace.
std::vector<std::string> interface_names();

// The name of its driver: "veth". "" if unknown.
std::string driver_of_interface(const std::string& name);

// In the network namespace of this process.
class InterfaceWatch {
 public:
  // 0 or an errno.
  int open();
  int fd() const { return socket_.get(); }

  // Whether the kernel announced a change of interfaces since the last call: the caller then looks at which
  // interfaces exist.
  bool take() noexcept;

  static bool exists(int index) noexcept;

 private:
  Fd socket_;
};

}  // namespace probe_run
