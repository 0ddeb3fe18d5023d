#include "source/map_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "object/libbpf.h"

namespace probe_run {
namespace {

constexpr std::uint32_t first_batch = 256;

std::size_t round_up_8(std::size_t size) {
  return (size + 7) & ~std::size_t{7};
}

}  // namespace

MapReader::MapReader(const MapInfo& map, int map_fd, std::uint32_t index, std::uint32_t possible_cpus,
                     EventConsumer& consumer)
    : map_(map),
      fd_(map_fd),
      index_(index),
      consumer_(consumer),
      value_bytes_(map.is_per_cpu() ? round_up_8(map.value_size) * possible_cpus : map.value_size),
      batch_(std::clamp(map.max_entries, 1u, first_batch)) {
  // The cursor takes 4 bytes for a hash and a whole key for an array.
  cursor_.resize(std::max<std::size_t>(map.key_size, 8));
  next_cursor_.resize(cursor_.size());
  entry_.resize(round_up_8(map.key_size) + value_bytes_);
}

int MapReader::read() noexcept {
  incomplete_ = false;
  error_ = 0;
  consumer_.begin_read(index_);
  // A map of one entry is read by one look-up either way.
  Outcome outcome = Outcome::unsupported;
  if (batches_ && map_.max_entries > 1) outcome = read_batches();
  if (outcome == Outcome::unsupported) {
    if (map_.max_entries > 1) batches_ = false;
    error_ = read_keys();
  }
  consumer_.end_read(index_, incomplete_ || error_ != 0);
  return error_;
}

MapReader::Outcome MapReader::read_batches() noexcept {
  bool first = true;
  for (;;) {
    keys_.resize(std::size_t{batch_} * map_.key_size);
    values_.resize(std::size_t{batch_} * value_bytes_);
    std::uint32_t count = batch_;
    const int result = bpf_map_lookup_batch(fd_, first ? nullptr : cursor_.data(), next_cursor_.data(),
                                            keys_.data(), values_.data(), &count, nullptr);
    if (result == -ENOSPC) {
      // A bucket of the hash has more entries than asked for: ask again for more, from the same place.
      if (batch_ >= map_.max_entries * 2) {
        error_ = ENOSPC;
        return Outcome::failed;
      }
      batch_ *= 2;
      continue;
    }
    if (result != 0 && result != -ENOENT) {
      const bool never =
          first && (result == -EINVAL || result == -ENOTSUP || result == -524);  // 524: the kernel's ENOTSUPP
      error_ = never ? 0 : -result;
      return never ? Outcome::unsupported : Outcome::failed;
    }
    // ENOENT is the end, and the last entries come with it.
    for (std::uint32_t i = 0; i < std::min(count, batch_); ++i) {
      hand_over(keys_.data() + std::size_t{i} * map_.key_size,
                values_.data() + std::size_t{i} * value_bytes_);
    }
    if (result == -ENOENT) return Outcome::done;
    cursor_.swap(next_cursor_);
    first = false;
  }
}

int MapReader::read_keys() noexcept {
  keys_.resize(std::size_t{2} * map_.key_size);
  values_.resize(value_bytes_);
  std::byte* key = keys_.data();
  std::byte* next = keys_.data() + map_.key_size;
  bool first = true;
  // A key that is deleted while it is the current one sends the walk back to the beginning: it is cut at
  // twice the map's size.
  for (std::uint64_t steps = 0; steps < std::uint64_t{map_.max_entries} * 2 + 1; ++steps) {
    const int result = bpf_map_get_next_key(fd_, first ? nullptr : key, next);
    if (result == -ENOENT) return 0;
    if (result != 0) return -result;
    first = false;
    std::swap(key, next);
    const int found = bpf_map_lookup_elem(fd_, key, values_.data());
    if (found == 0) {
      hand_over(key, values_.data());
    } else if (found == -ENOENT) {
      incomplete_ = map_.map_class() == MapClass::hash;
    } else {
      return -found;
    }
  }
  incomplete_ = true;
  return 0;
}

void MapReader::hand_over(const std::byte* key, const std::byte* value) noexcept {
  std::memcpy(entry_.data(), key, map_.key_size);
  std::memcpy(entry_.data() + round_up_8(map_.key_size), value, value_bytes_);
  consumer_.entry(index_, entry_);
}

}  // namespace probe_run
