// Key by key: works on every map that can list its keys.
#pragma once

#include <vector>

#include "source/key_table.h"
#include "source/map_walk.h"

namespace probe_run {

class KeyWalk final : public MapWalk {
 public:
  // Deleting: keys come and go. Else the keys are places, and one that holds nothing is no loss.
  enum class Keys { come_and_go, places };

  KeyWalk(const OpenMap& map, Keys keys);

  int walk(EntryVisitor& out) noexcept override;

  // The rest of a walk that `seen` has begun: what is in it is not handed over again.
  int walk_on(EntryVisitor& out, KeyTable& seen) noexcept;

 private:
  OpenMap map_;
  Keys keys_;
  KeyTable seen_;
  std::vector<std::byte> two_keys_, value_;
};

}  // namespace probe_run
