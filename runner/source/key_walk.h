// Key by key: works on every map that can list its keys.
//
// The kernel finds the next key through the entry of the one before. When that entry is deleted meanwhile, it
// starts over; when the entry's memory is reused for another key at once, it continues from that key, and
// nothing shows it. So where keys come and go the walk is repeated until it finds nothing new, a few times at
// most.
#pragma once

#include <vector>

#include "source/map_walk.h"
#include "support/key_index.h"

namespace probe_run {

class KeyWalk final : public MapWalk {
 public:
  // Deleting: keys come and go. Otherwise the keys are places, and an empty place is not a loss.
  enum class Keys { come_and_go, places };

  // Of a walk that is repeated until nothing new comes: where keys come faster, it ends nevertheless.
  static constexpr int most_passes = 4;

  KeyWalk(const OpenMap& map, Keys keys);

  int walk(EntryVisitor& out) noexcept override;

  // The rest of a walk that `seen` has begun: what is in it is not handed over again.
  int walk_on(EntryVisitor& out, KeyTable& seen) noexcept;

 private:
  // `found`: keys that were not seen before.
  int walk_once(EntryVisitor& out, KeyTable& seen, bool repeated, std::uint64_t& found) noexcept;

  OpenMap map_;
  Keys keys_;
  KeyTable seen_;
  std::vector<std::byte> two_keys_, value_;
};

// By batches (Linux 5.6), and key by key where the kernel has none for the map.
class BatchWalk final : public MapWalk {
 public:
  // How the kernel's batches go on from one to the next: by place or by bucket, so that no key comes twice,
  // or from the last key, which may be deleted by then.
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
  bool batches_;         // until the kernel refuses
  int error_ = 0;
  std::vector<std::byte> cursor_, next_cursor_, batch_keys_, batch_values_;
};

}  // namespace probe_run
