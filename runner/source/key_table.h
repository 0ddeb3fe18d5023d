// A set of keys of one size that remembers the order in which they came.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "support/key_index.h"

namespace probe_run {

class KeyTable {
 public:
  explicit KeyTable(std::uint32_t key_size) : key_size_(key_size), index_(key_size, key_size) {}

  // The key's place, from 0 in the order of insertion.
  struct Place {
    std::uint32_t index = 0;
    bool added = false;
  };
  Place insert(const std::byte* key);
  std::optional<std::uint32_t> find(const std::byte* key) const;

  std::uint32_t size() const { return size_; }
  const std::byte* key(std::uint32_t index) const { return keys_.data() + std::size_t{index} * key_size_; }
  void clear();  // keeps its memory

 private:
  std::uint32_t key_size_;
  std::uint32_t size_ = 0;
  std::vector<std::byte> keys_;
  KeyIndex index_;
};

}  // namespace probe_run
