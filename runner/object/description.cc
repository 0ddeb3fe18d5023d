#include "object/description.h"

#include <fmt/format.h>
#include <linux/bpf.h>

#include <algorithm>
#include <array>

namespace probe_run {
namespace {

constexpr std::array<std::string_view, 31> type_names{"unspec",
                                                      "hash",
                                                      "array",
                                                      "prog_array",
                                                      "perf_event_array",
                                                      "percpu_hash",
                                                      "percpu_array",
                                                      "stack_trace",
                                                      "cgroup_array",
                                                      "lru_hash",
                                                      "lru_percpu_hash",
                                                      "lpm_trie",
                                                      "array_of_maps",
                                                      "hash_of_maps",
                                                      "devmap",
                                                      "sockmap",
                                                      "cpumap",
                                                      "xskmap",
                                                      "sockhash",
                                                      "cgroup_storage",
                                                      "reuseport_sockarray",
                                                      "percpu_cgroup_storage",
                                                      "queue",
                                                      "stack",
                                                      "sk_storage",
                                                      "devmap_hash",
                                                      "struct_ops",
                                                      "ringbuf",
                                                      "inode_storage",
                                                      "task_storage",
                                                      "bloom_filter"};

}  // namespace

MapClass MapInfo::map_class() const {
  switch (type) {
    case BPF_MAP_TYPE_RINGBUF:
      return MapClass::ring_buffer;
    case BPF_MAP_TYPE_PERF_EVENT_ARRAY:
      return MapClass::perf_buffer;
    case BPF_MAP_TYPE_ARRAY:
    case BPF_MAP_TYPE_PERCPU_ARRAY:
      return MapClass::array;
    case BPF_MAP_TYPE_HASH:
    case BPF_MAP_TYPE_LRU_HASH:
    case BPF_MAP_TYPE_PERCPU_HASH:
    case BPF_MAP_TYPE_LRU_PERCPU_HASH:
      return MapClass::hash;
    default:
      return MapClass::unsupported;
  }
}

bool MapInfo::is_per_cpu() const {
  return type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_PERCPU_HASH ||
         type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

bool MapInfo::is_stream() const {
  return map_class() == MapClass::ring_buffer || map_class() == MapClass::perf_buffer;
}

std::string map_type_name(std::uint32_t type) {
  return type < type_names.size() ? std::string(type_names[type]) : fmt::format("type {}", type);
}

const MapInfo* ObjectDescription::find_map(std::string_view name) const {
  const auto found =
      std::find_if(maps.begin(), maps.end(), [&](const MapInfo& map) { return map.name == name; });
  return found == maps.end() ? nullptr : &*found;
}

const ProgramInfo* ObjectDescription::find_program(std::string_view name) const {
  const auto found =
      std::find_if(programs.begin(), programs.end(), [&](const ProgramInfo& p) { return p.name == name; });
  return found == programs.end() ? nullptr : &*found;
}

}  // namespace probe_run
