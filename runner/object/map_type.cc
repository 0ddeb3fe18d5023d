#include "object/map_type.h"

#include <fmt/format.h>
#include <linux/bpf.h>

#include <array>

namespace probe_run {
namespace {

using Class = MapClass;

constexpr std::string_view by_descriptor =
    "cannot be read: its entries hang on objects of which this program has no descriptor, and it has no list "
    "of them";
constexpr std::string_view keep_a_copy =
    "let the BPF program keep what should be seen in a hash as well, and read that";

// In the order of enum bpf_map_type.
constexpr std::array<MapType, 35> map_types{
    {{"unspec", Class::unsupported, false, "cannot be read", ""},
     {"hash", Class::hash},
     {"array", Class::array},
     {"prog_array", Class::references},
     {"perf_event_array", Class::perf_buffer},
     {"percpu_hash", Class::hash, true},
     {"percpu_array", Class::array, true},
     {"stack_trace", Class::stack_trace},
     {"cgroup_array", Class::unsupported, false, "cannot be read: the kernel shows nothing of it",
      "it is the program's list of cgroups, filled from outside; there is nothing to count in it"},
     {"lru_hash", Class::hash},
     {"lru_percpu_hash", Class::hash, true},
     {"lpm_trie", Class::lpm_trie},
     {"array_of_maps", Class::references},
     {"hash_of_maps", Class::references},
     {"devmap", Class::references},
     {"sockmap", Class::sockets},
     {"cpumap", Class::references},
     {"xskmap", Class::unsupported, false, "cannot be read: the kernel shows nothing of it",
      "it holds AF_XDP sockets; ss --xdp shows those of this machine"},
     {"sockhash", Class::sockets},
     {"cgroup_storage", Class::cgroup_storage},
     {"reuseport_sockarray", Class::sockets},
     {"percpu_cgroup_storage", Class::cgroup_storage, true},
     {"queue", Class::queue},
     {"stack", Class::queue},
     {"sk_storage", Class::unsupported, false, by_descriptor, keep_a_copy},
     {"devmap_hash", Class::references},
     {"struct_ops", Class::unsupported, false, "cannot be read: it holds the kernel's callbacks, not data",
      "read the maps that its programs count in"},
     {"ringbuf", Class::ring_buffer},
     {"inode_storage", Class::unsupported, false, by_descriptor, keep_a_copy},
     {"task_storage", Class::task_storage},
     {"bloom_filter", Class::bloom_filter},
     {"user_ringbuf", Class::user_ring_buffer},
     {"cgrp_storage", Class::cgrp_storage},
     {"arena", Class::unsupported, false,
      "cannot be read: libbpf has arenas from version 1.4 on, and they are memory without entries",
      "let the BPF program copy what should be seen to an array or a ring buffer"},
     {"insn_array", Class::unsupported, false, "cannot be read: it holds addresses of instructions, not data",
      "remove it from \"maps\""}}};

static_assert(map_types[BPF_MAP_TYPE_BLOOM_FILTER].name == "bloom_filter");
static_assert(map_types[map_type_cgrp_storage].name == "cgrp_storage");
static_assert(map_types[map_type_arena].name == "arena");

}  // namespace

const MapType* find_map_type(std::uint32_t type) {
  static constexpr MapType iterator{"iter", Class::iterator};
  if (type == map_type_iterator) return &iterator;
  return type < map_types.size() ? &map_types[type] : nullptr;
}

std::string map_type_name(std::uint32_t type) {
  const MapType* const known = find_map_type(type);
  return known != nullptr ? std::string(known->name) : fmt::format("type {}", type);
}

}  // namespace probe_run
