#include "source/key_walk.h"

#include <linux/bpf.h>

#include <cerrno>
#include <utility>

#include "object/libbpf.h"

namespace probe_run {
namespace {

// Each deletion of the key that the walk has come to sends it back to the beginning. The walk is long enough
// for several of them, and ends whatever happens.
constexpr std::uint64_t rounds = 8;
constexpr std::uint64_t unlimited_entries = 1u << 20;

// These do not begin anew when the key that the walk has come to was deleted: they say that it was the last.
bool ends_at_deleted_key(std::uint32_t type) {
  return type == BPF_MAP_TYPE_CGROUP_STORAGE || type == BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE;
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
  std::byte* key = two_keys_.data();
  std::byte* next = two_keys_.data() + map_.key_size;
  const std::uint64_t entries = map_.max_entries != 0 ? map_.max_entries : unlimited_entries;
  bool first = true;
  bool among_seen = seen.size() > 0;  // those before the break are expected
  for (std::uint64_t steps = 0; steps < entries * rounds + rounds; ++steps) {
    const int listed = bpf_map_get_next_key(map_.fd, first ? nullptr : key, next);
    if (listed == -ENOENT) {
      if (!first && ends_at_deleted_key(map_.type) &&
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
    among_seen = false;
    const int found = bpf_map_lookup_elem(map_.fd, key, value_.data());
    if (found == 0) {
      if (keys_ == Keys::come_and_go) seen.insert(key);
      out.entry(key, value_.data());
    } else if (found != -ENOENT) {
      return -found;
    } else if (keys_ == Keys::come_and_go) {
      out.vanished();
    }
  }
  out.cut();
  return 0;
}

}  // namespace probe_run
