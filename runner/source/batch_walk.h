// By batches (Linux 5.6), and key by key where the kernel has none for the map.
#pragma once

#include <vector>

#include "source/key_walk.h"
#include "source/map_walk.h"

namespace probe_run {

class BatchWalk final : public MapWalk {
 public:
  // How the kernel's batches go on from one to the next: by place or by bucket, so that no key comes twice,
  // or from the last key, which may be gone by then.
  enum class Cursor { place, key };

  BatchWalk(const OpenMap& map, KeyWalk::Keys keys, Cursor cursor);

  int walk(EntryVisitor& out) noexcept override;

 private:
  enum class Outcome { done, by_keys, failed };
  // One pass. In a repeated one, keys that were seen before are expected.
  Outcome walk_batches(EntryVisitor& out, bool repeated) noexcept;

  OpenMap map_;
  Cursor cursor_kind_;
  KeyWalk by_keys_;
  KeyTable seen_;
  std::uint32_t batch_;  // entries asked for at once
  bool batches_;         // until the kernel says no
  int error_ = 0;
  std::vector<std::byte> cursor_, next_cursor_, batch_keys_, batch_values_;
};

}  // namespace probe_run
