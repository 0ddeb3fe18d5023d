// Arrays whose memory the kernel shares (BPF_F_MMAPABLE): read without a system call.
#pragma once

#include <memory>

#include "source/map_walk.h"

namespace probe_run {

class MappedWalk final : public MapWalk {
 public:
  ~MappedWalk() override;
  MappedWalk(const MappedWalk&) = delete;
  MappedWalk& operator=(const MappedWalk&) = delete;

  // nullptr where the map cannot be mapped.
  static std::unique_ptr<MappedWalk> map(const OpenMap& map);

  int walk(EntryVisitor& out) noexcept override;

 private:
  MappedWalk(const OpenMap& map, const std::byte* memory, std::size_t size)
      : map_(map), memory_(memory), size_(size) {}

  OpenMap map_;
  const std::byte* memory_;
  std::size_t size_;
};

}  // namespace probe_run
