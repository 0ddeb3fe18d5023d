// Finds rows of one size by the key that each begins with.
//
// The rows are the owner's: they are numbered from 0 and follow one another in memory. To find one allocates nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace probe_run {

// FNV-1a over 8 bytes at a time.
std::uint64_t hash_of(const std::byte* bytes, std::size_t size) noexcept;

class KeyIndex {
 public:
  static constexpr std::uint32_t none = UINT32_MAX;

  KeyIndex() : KeyIndex(0, 0) {}
  // Keys are the first `key_size` bytes of the `row_size` bytes of each row.
  KeyIndex(std::size_t key_size, std::size_t row_size);

  struct Place {
    std::size_t slot = 0;
    std::uint32_t row = none;  // none: no row has this key
  };
  Place find(const std::byte* key, const std::byte* rows) const noexcept;

  // Adds a row at the place that find() gave for its key. REQUIRES: place.row == none, and nothing was added since
  void add(const Place& place, std::uint32_t row, const std::byte* rows);
  // Forgets a row, whose key must still be there.
  void remove(std::uint32_t row, const std::byte* rows) noexcept;
  // The row is to have another number. Its key is still at the old one.
  void renumber(std::uint32_t from, std::uint32_t to, const std::byte* rows) noexcept;
  void clear() noexcept;  // keeps its memory

 private:
  const std::byte* key(std::size_t row, const std::byte* rows) const { return rows + row * row_size_; }
  std::size_t home(std::size_t row, const std::byte* rows) const noexcept;
  std::size_t slot_of(std::uint32_t row, const std::byte* rows) const noexcept;
  std::size_t next(std::size_t slot) const { return (slot + 1) & (slots_.size() - 1); }
  void grow(const std::byte* rows);

  std::size_t key_size_, row_size_;
  std::size_t used_ = 0;
  std::vector<std::uint32_t>
      slots_;  // open addressing: number of a row plus one, 0 for free; at most half full
};

// A set of keys of one size that remembers the order in which they came.
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
