// Task storage: the kernel lists none, but tells of each task that it is shown a descriptor of.
#pragma once

#include <vector>

#include "source/map_walk.h"

namespace probe_run {

class TaskStorageWalk final : public MapWalk {
 public:
  // `ids` are the 32-bit ids of the tasks to ask for; empty for all that /proc shows. The key of an entry is
  // the task's id. Threads that do not lead their process are asked for where the kernel gives descriptors of
  // them (Linux 6.9).
  TaskStorageWalk(const OpenMap& map, std::vector<std::byte> ids);

  int walk(EntryVisitor& out) noexcept override;

 private:
  int look_up(std::uint32_t id, bool thread, EntryVisitor& out) noexcept;
  int walk_process(std::uint32_t id, EntryVisitor& out) noexcept;

  OpenMap map_;
  std::vector<std::byte> ids_, value_;
  bool threads_;
};

}  // namespace probe_run
