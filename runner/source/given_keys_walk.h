// Only the keys that the spec names.
#pragma once

#include <vector>

#include "source/map_walk.h"

namespace probe_run {

class GivenKeysWalk final : public MapWalk {
 public:
  // `keys` are one behind the other, each of the map's key_size.
  GivenKeysWalk(const OpenMap& map, std::vector<std::byte> keys)
      : map_(map), keys_(std::move(keys)), value_(map.value_bytes) {}

  int walk(EntryVisitor& out) noexcept override;

 private:
  OpenMap map_;
  std::vector<std::byte> keys_, value_;
};

// A Bloom filter is asked with values: an entry is the value asked for, and a byte that is 1 when the filter
// has it (or takes it for one it has) and 0 when it certainly has not.
class BloomFilterWalk final : public MapWalk {
 public:
  BloomFilterWalk(const OpenMap& map, std::vector<std::byte> values)
      : map_(map), values_(std::move(values)), asked_(map.value_bytes) {}

  int walk(EntryVisitor& out) noexcept override;

 private:
  OpenMap map_;
  std::vector<std::byte> values_, asked_;
};

}  // namespace probe_run
