// Network interfaces that go away, as the kernel announces it.
#pragma once

#include <string>
#include <vector>

#include "support/fd.h"

namespace probe_run {

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
