#include "source/open_walk.h"

#include <fmt/format.h>
#include <linux/bpf.h>

#include <cerrno>
#include <cstring>

#include "object/libbpf.h"
#include "source/batch_walk.h"
#include "source/cgroup_walk.h"
#include "source/given_keys_walk.h"
#include "source/key_walk.h"
#include "source/mapped_walk.h"
#include "source/queue_walk.h"
#include "source/task_storage_walk.h"
#include "support/error.h"
#include "support/utf8.h"

namespace probe_run {

OpenMap open_map(const MapInfo& map, int map_fd, std::uint32_t possible_cpus) {
  bpf_map_info info;
  std::memset(&info, 0, sizeof info);
  std::uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(map_fd, &info, &size) != 0) {
    throw Error(fmt::format("the kernel does not describe the map \"{}\": {}", escape_for_terminal(map.name),
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
