#include "source/map_reader.h"

#include <fmt/format.h>
#include <linux/bpf.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "object/libbpf.h"
#include "source/map_walk.h"
#include "spec/map_spec.h"
#include "support/error.h"
#include "support/key_index.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// An LPM trie has no such operation: its entries are looked up and then deleted.
bool in_two_steps(const OpenMap& map) {
  return map.type->map_class == MapClass::lpm_trie;
}

}  // namespace

IdleEntries::IdleEntries(const OpenMap& map, const std::string& name)
    : map_(map), last_(map.key_size), now_(map.key_size), resting_(map.key_size), value_(map.value_bytes) {
  if (in_two_steps(map)) return;
  // Called with a key that the map does not have: the error shows whether the kernel supports it.
  std::vector<std::byte> key(map.key_size);
  for (unsigned fill = 0; fill < 256; ++fill) {
    std::fill(key.begin(), key.end(), static_cast<std::byte>(fill));
    if (bpf_map_lookup_elem(map.fd, key.data(), value_.data()) == -ENOENT) break;
    if (fill == 255) return;  // the first removal will show it
  }
  const int result = bpf_map_lookup_and_delete_elem(map.fd, key.data(), value_.data());
  if (result == 0 || result == -ENOENT) return;
  throw Error(
      fmt::format("the map \"{}\" cannot be drained: {}", escape_for_terminal(name), errno_text(-result)),
      "draining a hash needs Linux 5.14; \"read\": \"delta\" gives the same numbers and removes nothing");
}

void IdleEntries::begin_read(Clock::time_point now) {
  read_at_ = now;
  std::swap(last_, now_);
  now_.keys.clear();
  now_.states.clear();
  resting_.clear();
}

bool IdleEntries::rests(const std::byte* key, const std::byte* value, bool keep) {
  Read::State state{hash_of(value, map_.value_bytes), read_at_};
  const std::optional<std::uint32_t> before = last_.keys.find(key);
  if (before && last_.states[*before].hash == state.hash) {
    state.since = last_.states[*before].since;
    if (!keep && read_at_ - state.since >= least_rest) {
      resting_.insert(key);
      return true;
    }
  }
  if (now_.keys.insert(key).added) now_.states.push_back(state);
  return false;
}

int IdleEntries::remove(const std::byte* key) noexcept {
  if (!in_two_steps(map_)) return bpf_map_lookup_and_delete_elem(map_.fd, key, value_.data());
  const int found = bpf_map_lookup_elem(map_.fd, key, value_.data());
  return found != 0 ? found : bpf_map_delete_elem(map_.fd, key);
}

int IdleEntries::take(EntryVisitor& out) noexcept {
  for (std::uint32_t i = 0; i < resting_.size(); ++i) {
    const int result = remove(resting_.key(i));
    if (result == 0) {
      out.taken(resting_.key(i), value_.data());
    } else if (result == -ENOENT) {
      out.vanished();  // somebody else deleted it
    } else {
      return -result;
    }
  }
  return 0;
}

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

int MapReader::read(Turn turn, Interlude& interlude) noexcept {
  interlude_ = &interlude;
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
  if (!idle_ || !idle_->rests(key, value, !may_take_)) consumer_.entry(index_, joined(key, value));
  interlude_->step();
}

void MapReader::taken(const std::byte* key, const std::byte* value) noexcept {
  consumer_.taken_entry(index_, joined(key, value));
  interlude_->step();
}

void MapReader::vanished() noexcept {
  ++vanished_;
  interlude_->step();
}

}  // namespace probe_run
