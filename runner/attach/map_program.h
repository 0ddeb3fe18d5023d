// A program that runs for the sockets of a map.
#pragma once

#include <utility>

#include "object/libbpf.h"
#include "support/fd.h"

namespace probe_run {

// Detaches the program from the map when it goes. Kernels before 6.10 have no link for it; if the process is
// killed first, the program stays for as long as somebody holds the map.
class MapProgram {
 public:
  // Both descriptors are duplicated. REQUIRES: the program is attached
  MapProgram(int program_fd, int map_fd, bpf_attach_type type);
  MapProgram(MapProgram&&) noexcept = default;
  MapProgram& operator=(MapProgram&&) = delete;
  ~MapProgram();

 private:
  Fd program_, map_;
  bpf_attach_type type_;
};

}  // namespace probe_run
