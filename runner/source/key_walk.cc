#include "source/key_walk.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "object/libbpf.h"

namespace probe_run {
namespace {

// Each deletion of the key that the walk has reached sends it back to the beginning. The walk is long enough
// for several of them, and ends whatever happens.
constexpr std::uint64_t rounds = 8;
constexpr std::uint64_t unlimited_entries = 1u << 20;

// These do not start again when the key that the walk has reached was deleted: they report that it was the last.
bool ends_at_deleted_key(const MapType& type) {
  return type.map_class == MapClass::cgroup_storage;
}

}  // namespace

KeyWalk::KeyWalk(const OpenMap& map, Keys keys)
    : map_(map),
      keys_(keys),
      seen_(map.key_size),
      two_keys_(std::size_t{2} * map.key_size),
      value_(map.value_bytes) {}

int KeyWalk::walk(EntryVisitor& out) noexcept {
  seen_.clear();
  return walk_on(out, seen_);
}

int KeyWalk::walk_on(EntryVisitor& out, KeyTable& seen) noexcept {
  bool repeated = seen.size() > 0;
  for (int pass = 0; pass < most_passes; ++pass) {
    std::uint64_t found = 0;
    if (const int error = walk_once(out, seen, repeated, found); error != 0) return error;
    if (keys_ == Keys::places || found == 0) return 0;
    repeated = true;
  }
  return 0;
}

// In a repeated pass, keys that were seen before are expected.
int KeyWalk::walk_once(EntryVisitor& out, KeyTable& seen, bool repeated, std::uint64_t& found) noexcept {
  std::byte* key = two_keys_.data();
  std::byte* next = two_keys_.data() + map_.key_size;
  const std::uint64_t entries = map_.max_entries != 0 ? map_.max_entries : unlimited_entries;
  bool first = true;
  bool among_seen = repeated;
  for (std::uint64_t steps = 0; steps < entries * rounds + rounds; ++steps) {
    const int listed = bpf_map_get_next_key(map_.fd, first ? nullptr : key, next);
    if (listed == -ENOENT) {
      if (!first && ends_at_deleted_key(*map_.type) &&
          bpf_map_lookup_elem(map_.fd, key, value_.data()) == -ENOENT) {
        out.cut();
      }
      return 0;
    }
    if (listed != 0) return -listed;
    first = false;
    std::swap(key, next);
    if (keys_ == Keys::come_and_go && seen.find(key)) {
      if (!among_seen) out.restarted();
      among_seen = true;
      out.passed();
      continue;
    }
    among_seen = repeated;
    const int result = bpf_map_lookup_elem(map_.fd, key, value_.data());
    if (result == 0) {
      if (keys_ == Keys::come_and_go) seen.insert(key);
      ++found;
      out.entry(key, value_.data());
    } else if (result != -ENOENT) {
      return -result;
    } else if (keys_ == Keys::come_and_go) {
      out.vanished();
    } else {
      out.passed();
    }
  }
  out.cut();
  return 0;
}

namespace {

constexpr std::size_t batch_bytes = 1u << 20;
constexpr std::size_t least_batch = 64, most_batch = 4096;
constexpr int no_such_operation = -524;  // the kernel's own ENOTSUPP

std::uint32_t first_batch(const OpenMap& map) {
  const std::size_t entry = std::max<std::size_t>(map.key_size + map.value_bytes, 1);
  const std::size_t count = std::clamp(batch_bytes / entry, least_batch, most_batch);
  return static_cast<std::uint32_t>(std::clamp<std::size_t>(map.max_entries, 1, count));
}

}  // namespace

BatchWalk::BatchWalk(const OpenMap& map, KeyWalk::Keys keys, Cursor cursor)
    : map_(map),
      cursor_kind_(cursor),
      by_keys_(map, keys),
      seen_(map.key_size),
      batch_(first_batch(map)),
      batches_(map.max_entries > 1),  // one look-up reads one entry either way
      // The cursor takes 4 bytes for a hash and a whole key for others.
      cursor_(std::max<std::size_t>(map.key_size, 8)),
      next_cursor_(cursor_.size()) {}

int BatchWalk::walk(EntryVisitor& out) noexcept {
  seen_.clear();
  error_ = 0;
  if (!batches_) return by_keys_.walk_on(out, seen_);
  for (int pass = 0; pass < KeyWalk::most_passes; ++pass) {
    const std::size_t known = seen_.size();
    switch (walk_batches(out, pass > 0)) {
      case Outcome::by_keys:
        return by_keys_.walk_on(out, seen_);
      case Outcome::failed:
        return error_;
      case Outcome::done:
        break;
    }
    // A trie that changes under the walk may hide a whole branch from it, without notice: look again until
    // nothing new comes.
    if (cursor_kind_ == Cursor::place || seen_.size() == known) break;
  }
  return 0;
}

BatchWalk::Outcome BatchWalk::walk_batches(EntryVisitor& out, bool repeated) noexcept {
  bool first = true;
  std::uint64_t handed = 0;
  for (;;) {
    batch_keys_.resize(std::size_t{batch_} * map_.key_size);
    batch_values_.resize(std::size_t{batch_} * map_.value_bytes);
    std::uint32_t count = batch_;
    const int result = bpf_map_lookup_batch(map_.fd, first ? nullptr : cursor_.data(), next_cursor_.data(),
                                            batch_keys_.data(), batch_values_.data(), &count, nullptr);
    if (result == -ENOSPC) {
      // A bucket of the hash has more entries than asked for: ask again for more, from the same place.
      if (batch_ / 2 >= map_.max_entries) {
        error_ = ENOSPC;
        return Outcome::failed;
      }
      batch_ *= 2;
      continue;
    }
    // An entry that was deleted meanwhile breaks a batch by keys on some kernels.
    if (result == -EINTR && cursor_kind_ == Cursor::key) return Outcome::by_keys;
    if (result != 0 && result != -ENOENT) {
      if (first && (result == -EINVAL || result == -ENOTSUP || result == no_such_operation)) {
        batches_ = false;
        return Outcome::by_keys;
      }
      error_ = -result;
      return Outcome::failed;
    }
    out.passed();
    // ENOENT is the end, and the last entries come with it.
    bool among_seen = repeated;
    for (std::uint32_t i = 0; i < std::min(count, batch_); ++i) {
      const std::byte* const key = batch_keys_.data() + std::size_t{i} * map_.key_size;
      if (cursor_kind_ == Cursor::key && !seen_.insert(key).added) {
        if (!among_seen) out.restarted();
        among_seen = true;
        continue;
      }
      among_seen = repeated;
      out.entry(key, batch_values_.data() + std::size_t{i} * map_.value_bytes);
    }
    if (result == -ENOENT) return Outcome::done;
    handed += count;
    if (cursor_kind_ == Cursor::key && handed > map_.max_entries * rounds) {
      out.cut();
      return Outcome::done;
    }
    cursor_.swap(next_cursor_);
    first = false;
  }
}

}  // namespace probe_run
