#include "source/map_walk.h"

#include <fmt/format.h>
#include <linux/bpf.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>

#include "object/libbpf.h"
#include "source/key_walk.h"
#include "source/storage_walk.h"
#include "support/error.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// Queues and stacks: each read takes the next value away.

class QueueWalk final : public MapWalk {
 public:
  explicit QueueWalk(const OpenMap& map) : map_(map), value_(map.value_bytes) {}

  // Until it is empty, but no more than it has room for: a fast producer has the next read for the rest.
  int walk(EntryVisitor& out) noexcept override;

 private:
  OpenMap map_;
  std::vector<std::byte> value_;
};

int QueueWalk::walk(EntryVisitor& out) noexcept {
  for (std::uint32_t taken = 0; taken < map_.max_entries; ++taken) {
    const int result = bpf_map_lookup_and_delete_elem(map_.fd, nullptr, value_.data());
    if (result == -ENOENT) return 0;
    if (result != 0) return -result;
    out.taken(nullptr, value_.data());
  }
  return 0;
}

// Arrays whose memory the kernel shares (BPF_F_MMAPABLE): read without a system call.

class MappedWalk final : public MapWalk {
 public:
  ~MappedWalk() override;
  MappedWalk(const MappedWalk&) = delete;
  MappedWalk& operator=(const MappedWalk&) = delete;

  // nullptr where the map cannot be mapped.
  static std::unique_ptr<MappedWalk> map(const OpenMap& map);

  int walk(EntryVisitor& out) noexcept override;

 private:
  MappedWalk(const OpenMap& map, const std::byte* memory, std::size_t size)
      : map_(map), memory_(memory), size_(size) {}

  OpenMap map_;
  const std::byte* memory_;
  std::size_t size_;
};

// Entries follow one another, each padded to a multiple of 8 bytes.
std::size_t stride_of(const OpenMap& map) {
  return padded(map.value_bytes);
}

std::unique_ptr<MappedWalk> MappedWalk::map(const OpenMap& map) {
  if ((map.flags & BPF_F_MMAPABLE) == 0) return nullptr;
  const std::size_t size = stride_of(map) * map.max_entries;
  void* const memory = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, map.fd, 0);
  if (memory == MAP_FAILED) return nullptr;
  return std::unique_ptr<MappedWalk>(new MappedWalk(map, static_cast<const std::byte*>(memory), size));
}

MappedWalk::~MappedWalk() {
  ::munmap(const_cast<std::byte*>(memory_), size_);  // NOLINT(*-const-cast)
}

int MappedWalk::walk(EntryVisitor& out) noexcept {
  const std::size_t stride = stride_of(map_);
  for (std::uint32_t place = 0; place < map_.max_entries; ++place) {
    const auto key = std::bit_cast<std::array<std::byte, sizeof place>>(place);
    out.entry(key.data(), memory_ + place * stride);
  }
  return 0;
}

// Only the keys that the spec names.

class GivenKeysWalk final : public MapWalk {
 public:
  // `keys` follow one another, each of the map's key_size.
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

int GivenKeysWalk::walk(EntryVisitor& out) noexcept {
  for (std::size_t at = 0; at < keys_.size(); at += map_.key_size) {
    const int found = bpf_map_lookup_elem(map_.fd, keys_.data() + at, value_.data());
    if (found == 0) {
      out.entry(keys_.data() + at, value_.data());
    } else if (found != -ENOENT) {
      return -found;
    } else {
      out.passed();
    }
  }
  return 0;
}

int BloomFilterWalk::walk(EntryVisitor& out) noexcept {
  for (std::size_t at = 0; at < values_.size(); at += map_.value_bytes) {
    std::copy_n(values_.data() + at, map_.value_bytes, asked_.data());
    const int found = bpf_map_lookup_elem(map_.fd, nullptr, asked_.data());
    if (found != 0 && found != -ENOENT) return -found;
    const std::byte present{static_cast<unsigned char>(found == 0 ? 1 : 0)};
    out.entry(values_.data() + at, &present);
  }
  return 0;
}

}  // namespace

OpenMap open_map(const MapInfo& map, int map_fd, std::uint32_t possible_cpus) {
  bpf_map_info info;
  std::memset(&info, 0, sizeof info);
  std::uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(map_fd, &info, &size) != 0) {
    throw Error(fmt::format("cannot ask the kernel about the map \"{}\": {}", escape_for_terminal(map.name),
                            errno_text(errno)));
  }
  const std::size_t value =
      map.is_per_cpu() ? std::size_t{padded(info.value_size)} * possible_cpus : info.value_size;
  return {map_fd, &map.traits(), info.key_size, info.max_entries, info.map_flags, value};
}

std::unique_ptr<MapWalk> open_walk(const MapInfo& info, const OpenMap& map, std::vector<std::byte> keys) {
  using Keys = KeyWalk::Keys;
  const MapClass map_class = info.map_class();
  switch (map_class) {
    case MapClass::queue:
      return std::make_unique<QueueWalk>(map);
    case MapClass::bloom_filter:
      return std::make_unique<BloomFilterWalk>(map, std::move(keys));
    case MapClass::task_storage:
      return std::make_unique<TaskStorageWalk>(map, std::move(keys));
    case MapClass::cgrp_storage:
      return std::make_unique<CgroupWalk>(map, std::move(keys));
    default:
      break;
  }
  if (!keys.empty()) return std::make_unique<GivenKeysWalk>(map, std::move(keys));
  switch (map_class) {
    case MapClass::array:
    case MapClass::section:
      if (auto mapped = MappedWalk::map(map)) return mapped;
      return std::make_unique<BatchWalk>(map, Keys::places, BatchWalk::Cursor::place);
    case MapClass::hash:
      return std::make_unique<BatchWalk>(map, Keys::come_and_go, BatchWalk::Cursor::place);
    case MapClass::lpm_trie:
      return std::make_unique<BatchWalk>(map, Keys::come_and_go, BatchWalk::Cursor::key);
    case MapClass::references:
    case MapClass::sockets:
      return std::make_unique<KeyWalk>(map,
                                       map.type->keys == MapKeys::index ? Keys::places : Keys::come_and_go);
    default:
      return std::make_unique<KeyWalk>(map, Keys::come_and_go);
  }
}

}  // namespace probe_run
