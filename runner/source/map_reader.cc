#include "source/map_reader.h"

#include <fmt/format.h>
#include <linux/bpf.h>

#include <algorithm>
#include <cstring>

#include "object/libbpf.h"
#include "source/open_walk.h"
#include "spec/map_spec.h"

namespace probe_run {
namespace {

// A stack is an array of addresses, or of build ids with offsets, that ends where it is zero.
std::size_t unit_of_stack(const MapInfo& info, const OpenMap& map) {
  if (info.map_class() != MapClass::stack_trace) return 0;
  return (map.flags & BPF_F_STACK_BUILD_ID) != 0 ? sizeof(bpf_stack_build_id) : sizeof(std::uint64_t);
}

}  // namespace

MapReader::MapReader(const MapInfo& map, int map_fd, std::uint32_t index, std::uint32_t possible_cpus,
                     Way way, ReadConsumer& consumer)
    : consumer_(consumer), index_(index), key_size_(map.entry_key_size()) {
  const OpenMap open = open_map(map, map_fd, possible_cpus);
  walk_ = open_walk(map, open, std::move(way.keys));
  value_size_ = map.map_class() == MapClass::bloom_filter ? map.entry_value_size() : open.value_bytes;
  trailing_unit_ = unit_of_stack(map, open);
  if (way.mode == ReadMode::drain && map.traits().reading() == Reading::drain) idle_.emplace(open, map.name);
  entry_.resize(padded(key_size_) + value_size_);
}

int MapReader::read(Turn turn) noexcept {
  may_take_ = idle_ && turn == Turn::one_of_many;
  restarted_ = incomplete_ = false;
  vanished_ = 0;
  if (idle_) idle_->begin_read(IdleEntries::Clock::now());
  // Nobody takes what would be read (--count): nothing may be removed for nobody.
  if (!consumer_.begin_read(index_, turn == Turn::metrics ? ReadFor::metrics : ReadFor::everyone)) return 0;
  int error = walk_->walk(*this);
  if (may_take_) {
    // What rests was not handed over yet, so it is taken whether the walk came to its end or not.
    const int failed = idle_->take(*this);
    if (error == 0) error = failed;
  }
  consumer_.end_read(index_, {incomplete_ || restarted_ || error != 0, restarted_, vanished_});
  return error;
}

std::span<const std::byte> MapReader::joined(const std::byte* key, const std::byte* value) noexcept {
  if (key_size_ > 0) std::memcpy(entry_.data(), key, key_size_);
  const std::size_t offset = padded(key_size_);
  std::memcpy(entry_.data() + offset, value, value_size_);
  std::size_t used = value_size_;
  if (trailing_unit_ > 0) {
    const auto is_zero = [](std::byte byte) { return byte == std::byte{0}; };
    while (used >= trailing_unit_ && std::all_of(value + used - trailing_unit_, value + used, is_zero)) {
      used -= trailing_unit_;
    }
  }
  return {entry_.data(), offset + used};
}

void MapReader::entry(const std::byte* key, const std::byte* value) noexcept {
  if (idle_ && idle_->rests(key, value, !may_take_)) return;
  consumer_.entry(index_, joined(key, value));
}

void MapReader::taken(const std::byte* key, const std::byte* value) noexcept {
  consumer_.taken_entry(index_, joined(key, value));
}

}  // namespace probe_run
