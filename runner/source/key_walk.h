// Key by key: works on every map that can list its keys.
//
// The kernel finds the next key through the entry of the one before. When that entry is deleted meanwhile, it
// begins anew; when the entry's memory is used for another key at once, it goes on from that one's place, and
// nothing tells. So where keys come and go the walk is repeated until it finds nothing new, a few times at
// most.
#pragma once

#include <vector>

#include "source/key_table.h"
#include "source/map_walk.h"

namespace probe_run {

class KeyWalk final : public MapWalk {
 public:
  // Deleting: keys come and go. Else the keys are places, and one that holds nothing is no loss.
  enum class Keys { come_and_go, places };

  // Of a walk that is repeated until nothing new comes: where keys come faster, it ends all the same.
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

}  // namespace probe_run
