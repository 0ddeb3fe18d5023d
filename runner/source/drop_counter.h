// The counter in which an object counts the records that it could not send ("lost" of a map in the spec).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "object/bpf_object.h"

namespace probe_run {

// Where the counter is; known without a kernel.
struct DropCounterPlace {
  std::string map;  // the map that holds it; of a global variable: its section, such as ".bss"
  bool is_section = false;
  std::uint32_t offset = 0;  // within each value
  std::uint32_t size = 8;    // 1, 2, 4 or 8
};

// "dropped" (a global variable, or a map with a numeric value), "counts.dropped" (a member of either).
// Reports what is not there.
std::optional<DropCounterPlace> find_drop_counter(const Located<std::string>& name,
                                                  const ObjectDescription& object, Diagnostics& diagnostics);

class DropCounter {
 public:
  DropCounter(const DropCounterPlace& place, const BpfObject& object);  // REQUIRES: loaded

  // The sum over entries and CPUs. nullopt when the kernel refuses the read.
  std::optional<std::uint64_t> read() noexcept;

 private:
  DropCounterPlace place_;
  int fd_ = -1;
  std::uint32_t value_size_ = 0, max_entries_ = 1, copies_ = 1;
  std::vector<std::byte> value_;
};

}  // namespace probe_run
