#include "source/key_walk.h"

#include <cerrno>
#include <utility>

#include "object/libbpf.h"

namespace probe_run {
namespace {

// Each deletion of the key that the walk has come to sends it back to the beginning. The walk is long enough
// for several of them, and ends whatever happens.
constexpr std::uint64_t rounds = 8;
constexpr std::uint64_t unlimited_entries = 1u << 20;

// These do not start again when the key that the walk has come to was deleted: they say that it was the last.
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
    }
  }
  out.cut();
  return 0;
}

}  // namespace probe_run
