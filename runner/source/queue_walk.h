// Queues and stacks: each read takes the next value away.
#pragma once

#include <vector>

#include "source/map_walk.h"

namespace probe_run {

class QueueWalk final : public MapWalk {
 public:
  explicit QueueWalk(const OpenMap& map) : map_(map), value_(map.value_bytes) {}

  // Until it is empty, but no more than it has room for: a fast producer has the next read for the rest.
  int walk(EntryVisitor& out) noexcept override;

 private:
  OpenMap map_;
  std::vector<std::byte> value_;
};

}  // namespace probe_run
