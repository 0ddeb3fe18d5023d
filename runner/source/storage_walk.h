// Storage of tasks and cgroups: the kernel does not list it, but looks it up by a descriptor of each task or cgroup.
#pragma once

#include <string>
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

// BPF_MAP_TYPE_CGRP_STORAGE.

class CgroupWalk final : public MapWalk {
 public:
  // `ids` are the 64-bit ids of the cgroups to ask for; empty for all below the mount of cgroup version 2
  // that this process sees. The key of an entry is the cgroup's id. Throws Error where there is no such
  // mount.
  CgroupWalk(const OpenMap& map, std::vector<std::byte> ids);

  int walk(EntryVisitor& out) noexcept override;

 private:
  int walk_below(int directory, int depth, EntryVisitor& out) noexcept;
  int look_up(int directory, EntryVisitor& out) noexcept;
  bool wanted(std::uint64_t id) const noexcept;

  OpenMap map_;
  std::string root_;
  std::vector<std::byte> ids_, value_;
};

}  // namespace probe_run
