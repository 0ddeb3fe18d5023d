#include "object/entry_rules.h"

#include <fmt/format.h>
#include <linux/bpf.h>

namespace probe_run {
namespace {

EntryRefusal of_objects(std::string_view what) {
  return {fmt::format("they hang on {}, of which a spec has none", what),
          "let the BPF program make them, or keep what is set here in a hash as well"};
}

std::optional<EntryRefusal> by_type(std::uint32_t type) {
  switch (type) {
    case BPF_MAP_TYPE_PERF_EVENT_ARRAY:
    case BPF_MAP_TYPE_RINGBUF:
      return EntryRefusal{"its records come from the BPF programs", "remove \"entries\""};
    case BPF_MAP_TYPE_USER_RINGBUF:
      return EntryRefusal{"it is a buffer for programs that are attached already",
                          "\"send\" writes to it: \"type\": \"struct ...\", \"send\": [{ ... }]"};
    case BPF_MAP_TYPE_STACK_TRACE:
      return EntryRefusal{"the kernel alone writes stacks to it", "remove \"entries\""};
    case BPF_MAP_TYPE_XSKMAP:
    case BPF_MAP_TYPE_SOCKMAP:
    case BPF_MAP_TYPE_SOCKHASH:
    case BPF_MAP_TYPE_REUSEPORT_SOCKARRAY:
      return EntryRefusal{"they are sockets, and this program has none",
                          "who has the sockets puts them in: pin the map with \"pin\", so that it is found"};
    case BPF_MAP_TYPE_CGROUP_STORAGE:
    case BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE:
    case map_type_cgrp_storage:
      return of_objects("cgroups");
    case BPF_MAP_TYPE_TASK_STORAGE:
      return of_objects("tasks");
    case BPF_MAP_TYPE_SK_STORAGE:
      return of_objects("sockets");
    case BPF_MAP_TYPE_INODE_STORAGE:
      return of_objects("files");
    case BPF_MAP_TYPE_STRUCT_OPS:
      return EntryRefusal{"it is a table of the kernel's callbacks",
                          "a program with the attach type struct_ops puts it in force"};
    case map_type_iterator:
      return EntryRefusal{"it is a program, not a map", "remove \"entries\""};
    default:
      return std::nullopt;
  }
}

bool is_known(std::uint32_t type) {
  switch (type) {
    case BPF_MAP_TYPE_HASH:
    case BPF_MAP_TYPE_ARRAY:
    case BPF_MAP_TYPE_PROG_ARRAY:
    case BPF_MAP_TYPE_PERCPU_HASH:
    case BPF_MAP_TYPE_PERCPU_ARRAY:
    case BPF_MAP_TYPE_CGROUP_ARRAY:
    case BPF_MAP_TYPE_LRU_HASH:
    case BPF_MAP_TYPE_LRU_PERCPU_HASH:
    case BPF_MAP_TYPE_LPM_TRIE:
    case BPF_MAP_TYPE_ARRAY_OF_MAPS:
    case BPF_MAP_TYPE_HASH_OF_MAPS:
    case BPF_MAP_TYPE_DEVMAP:
    case BPF_MAP_TYPE_DEVMAP_HASH:
    case BPF_MAP_TYPE_CPUMAP:
    case BPF_MAP_TYPE_QUEUE:
    case BPF_MAP_TYPE_STACK:
    case BPF_MAP_TYPE_BLOOM_FILTER:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::optional<EntryRefusal> refuse_entries(const MapInfo& map) {
  if (map.map_class() == MapClass::section) {
    return EntryRefusal{"it is a section of global variables",
                        "\"globals\" of the spec sets them: { \"name\": value }"};
  }
  if (auto refusal = by_type(map.type)) return refusal;
  if (!is_known(map.type)) {
    return EntryRefusal{
        fmt::format("a map of type {} has no entries that user space writes", map_type_name(map.type)),
        "remove \"entries\""};
  }
  if ((map.flags & BPF_F_RDONLY) != 0) {
    return EntryRefusal{"the object makes the map read-only for user space (BPF_F_RDONLY)",
                        "make it without that flag in the BPF program"};
  }
  return std::nullopt;
}

bool has_values_only(const MapInfo& map) {
  return map.map_class() == MapClass::queue || map.map_class() == MapClass::bloom_filter;
}

}  // namespace probe_run
