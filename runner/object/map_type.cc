#include "object/map_type.h"

#include <fmt/format.h>
#include <linux/bpf.h>

#include <array>
#include <cstddef>

namespace probe_run {
namespace {

using Class = MapClass;
using Keys = MapKeys;
using Values = MapValues;

// Newer than the kernel headers of some distributions.
constexpr std::uint32_t map_type_cgrp_storage = 32;
constexpr std::uint32_t map_type_arena = 33;
constexpr std::uint32_t map_type_insn_array = 34;

constexpr MapRefusal by_descriptor{
    "cannot be read: its entries belong to objects that this program has no descriptors of and cannot list",
    "let the BPF program keep a copy of what you want to see in a hash, and read that"};
constexpr std::string_view the_kernel_shows_nothing = "cannot be read: the kernel shows none of its entries";

constexpr MapRefusal from_programs{"its records come from the BPF programs", "remove \"entries\""};
constexpr MapRefusal no_entries{"user space cannot write entries to a map of this type",
                                "remove \"entries\""};
constexpr MapRefusal of_sockets{
    "its values are sockets, and probe-run has none",
    "pin the map with \"pin\", and let the process that owns the sockets add them"};
constexpr std::string_view let_the_program =
    "let the BPF program create them, or keep what you set here in a hash as well";
constexpr MapRefusal with_cgroups{"its entries belong to cgroups, which a spec cannot name", let_the_program};

// A row that leaves out what has no default does not compile.
#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wmissing-field-initializers"

// By number.
constexpr std::array<MapType, 35> map_types{{
    {.type = BPF_MAP_TYPE_UNSPEC,
     .name = "unspec",
     .map_class = Class::unsupported,
     .keys = Keys::none,
     .values = Values::refused,
     .not_read = {"cannot be read", "remove it from \"maps\""},
     .not_written = no_entries},
    {.type = BPF_MAP_TYPE_HASH,
     .name = "hash",
     .map_class = Class::hash,
     .keys = Keys::key,
     .values = Values::data},
    {.type = BPF_MAP_TYPE_ARRAY,
     .name = "array",
     .map_class = Class::array,
     .keys = Keys::index,
     .values = Values::data},
    {.type = BPF_MAP_TYPE_PROG_ARRAY,
     .name = "prog_array",
     .map_class = Class::references,
     .keys = Keys::index,
     .values = Values::program},
    {.type = BPF_MAP_TYPE_PERF_EVENT_ARRAY,
     .name = "perf_event_array",
     .map_class = Class::perf_buffer,
     .keys = Keys::index,
     .values = Values::refused,
     .not_written = from_programs},
    {.type = BPF_MAP_TYPE_PERCPU_HASH,
     .name = "percpu_hash",
     .map_class = Class::hash,
     .keys = Keys::key,
     .values = Values::data,
     .per_cpu = true},
    {.type = BPF_MAP_TYPE_PERCPU_ARRAY,
     .name = "percpu_array",
     .map_class = Class::array,
     .keys = Keys::index,
     .values = Values::data,
     .per_cpu = true},
    {.type = BPF_MAP_TYPE_STACK_TRACE,
     .name = "stack_trace",
     .map_class = Class::stack_trace,
     .keys = Keys::key,
     .values = Values::refused,
     .not_written = {"only the kernel writes stacks to it", "remove \"entries\""}},
    {.type = BPF_MAP_TYPE_CGROUP_ARRAY,
     .name = "cgroup_array",
     .map_class = Class::unsupported,
     .keys = Keys::index,
     .values = Values::cgroup,
     .not_read =
         {the_kernel_shows_nothing,
          "it is the program's list of cgroups, filled from outside; there is nothing to count in it"}},
    {.type = BPF_MAP_TYPE_LRU_HASH,
     .name = "lru_hash",
     .map_class = Class::hash,
     .keys = Keys::key,
     .values = Values::data},
    {.type = BPF_MAP_TYPE_LRU_PERCPU_HASH,
     .name = "lru_percpu_hash",
     .map_class = Class::hash,
     .keys = Keys::key,
     .values = Values::data,
     .per_cpu = true},
    {.type = BPF_MAP_TYPE_LPM_TRIE,
     .name = "lpm_trie",
     .map_class = Class::lpm_trie,
     .keys = Keys::prefix,
     .values = Values::data},
    {.type = BPF_MAP_TYPE_ARRAY_OF_MAPS,
     .name = "array_of_maps",
     .map_class = Class::references,
     .keys = Keys::index,
     .values = Values::map},
    {.type = BPF_MAP_TYPE_HASH_OF_MAPS,
     .name = "hash_of_maps",
     .map_class = Class::references,
     .keys = Keys::key,
     .values = Values::map},
    {.type = BPF_MAP_TYPE_DEVMAP,
     .name = "devmap",
     .map_class = Class::references,
     .keys = Keys::index,
     .values = Values::device,
     .needs_net_admin = true},
    {.type = BPF_MAP_TYPE_SOCKMAP,
     .name = "sockmap",
     .map_class = Class::sockets,
     .keys = Keys::index,
     .values = Values::refused,
     .needs_net_admin = true,
     .not_written = of_sockets},
    {.type = BPF_MAP_TYPE_CPUMAP,
     .name = "cpumap",
     .map_class = Class::references,
     .keys = Keys::index,
     .values = Values::cpu},
    {.type = BPF_MAP_TYPE_XSKMAP,
     .name = "xskmap",
     .map_class = Class::unsupported,
     .keys = Keys::index,
     .values = Values::refused,
     .needs_net_admin = true,
     .not_read = {the_kernel_shows_nothing, "it holds AF_XDP sockets; ss --xdp shows those of this machine"},
     .not_written = of_sockets},
    {.type = BPF_MAP_TYPE_SOCKHASH,
     .name = "sockhash",
     .map_class = Class::sockets,
     .keys = Keys::key,
     .values = Values::refused,
     .needs_net_admin = true,
     .not_written = of_sockets},
    {.type = BPF_MAP_TYPE_CGROUP_STORAGE,
     .name = "cgroup_storage",
     .map_class = Class::cgroup_storage,
     .keys = Keys::key,
     .values = Values::refused,
     .own_size = false,
     .not_written = with_cgroups},
    {.type = BPF_MAP_TYPE_REUSEPORT_SOCKARRAY,
     .name = "reuseport_sockarray",
     .map_class = Class::sockets,
     .keys = Keys::index,
     .values = Values::refused,
     .not_written = of_sockets},
    {.type = BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE,
     .name = "percpu_cgroup_storage",
     .map_class = Class::cgroup_storage,
     .keys = Keys::key,
     .values = Values::refused,
     .per_cpu = true,
     .own_size = false,
     .not_written = with_cgroups},
    {.type = BPF_MAP_TYPE_QUEUE,
     .name = "queue",
     .map_class = Class::queue,
     .keys = Keys::none,
     .values = Values::data},
    {.type = BPF_MAP_TYPE_STACK,
     .name = "stack",
     .map_class = Class::queue,
     .keys = Keys::none,
     .values = Values::data},
    {.type = BPF_MAP_TYPE_SK_STORAGE,
     .name = "sk_storage",
     .map_class = Class::unsupported,
     .keys = Keys::key,
     .values = Values::refused,
     .own_size = false,
     .since = "5.2",
     .not_read = by_descriptor,
     .not_written = {"its entries belong to sockets, which a spec cannot name", let_the_program}},
    {.type = BPF_MAP_TYPE_DEVMAP_HASH,
     .name = "devmap_hash",
     .map_class = Class::references,
     .keys = Keys::key,
     .values = Values::device,
     .needs_net_admin = true,
     .since = "5.4"},
    {.type = BPF_MAP_TYPE_STRUCT_OPS,
     .name = "struct_ops",
     .map_class = Class::unsupported,
     .keys = Keys::index,
     .values = Values::refused,
     .since = "5.6",
     .not_read = {"cannot be read: it holds the kernel's callbacks, not data",
                  "read the maps that its programs count in"},
     .not_written = {"it is a table of the kernel's callbacks",
                     "attach it: a program with the attach type struct_ops registers it"}},
    {.type = BPF_MAP_TYPE_RINGBUF,
     .name = "ringbuf",
     .map_class = Class::ring_buffer,
     .keys = Keys::none,
     .values = Values::refused,
     .since = "5.8",
     .not_written = from_programs},
    {.type = BPF_MAP_TYPE_INODE_STORAGE,
     .name = "inode_storage",
     .map_class = Class::unsupported,
     .keys = Keys::key,
     .values = Values::refused,
     .own_size = false,
     .since = "5.10",
     .not_read = by_descriptor,
     .not_written = {"its entries belong to files, which a spec cannot name", let_the_program}},
    {.type = BPF_MAP_TYPE_TASK_STORAGE,
     .name = "task_storage",
     .map_class = Class::task_storage,
     .keys = Keys::key,
     .values = Values::refused,
     .own_size = false,
     .since = "5.11",
     .not_written = {"its entries belong to tasks, which a spec cannot name", let_the_program}},
    {.type = BPF_MAP_TYPE_BLOOM_FILTER,
     .name = "bloom_filter",
     .map_class = Class::bloom_filter,
     .keys = Keys::the_value,
     .values = Values::data,
     .since = "5.16"},
    {.type = BPF_MAP_TYPE_USER_RINGBUF,
     .name = "user_ringbuf",
     .map_class = Class::user_ring_buffer,
     .keys = Keys::none,
     .values = Values::refused,
     .since = "6.1",
     .not_written = {"it can only be written to while programs are attached",
                     "use \"send\": \"type\": \"struct ...\", \"send\": [{ ... }]"}},
    {.type = map_type_cgrp_storage,
     .name = "cgrp_storage",
     .map_class = Class::cgrp_storage,
     .keys = Keys::key,
     .values = Values::refused,
     .own_size = false,
     .since = "6.2",
     .not_written = with_cgroups},
    {.type = map_type_arena,
     .name = "arena",
     .map_class = Class::unsupported,
     .keys = Keys::none,
     .values = Values::refused,
     .since = "6.9",
     .not_read =
         {"cannot be read: libbpf has arenas from version 1.4 on, and they are memory without entries",
          "let the BPF program copy what you want to see to an array or a ring buffer"},
     .not_written = no_entries},
    {.type = map_type_insn_array,
     .name = "insn_array",
     .map_class = Class::unsupported,
     .keys = Keys::index,
     .values = Values::refused,
     .not_read = {"cannot be read: it holds addresses of instructions, not data", "remove it from \"maps\""},
     .not_written = no_entries},
}};

constexpr MapType iterator{.type = map_type_iterator,
                           .name = "iter",
                           .map_class = Class::iterator,
                           .keys = Keys::none,
                           .values = Values::refused,
                           .not_written = {"it is a program, not a map", "remove \"entries\""}};

constexpr MapType section{.type = BPF_MAP_TYPE_ARRAY,
                          .name = "section",
                          .map_class = Class::section,
                          .keys = Keys::none,
                          .values = Values::refused,
                          .not_written = {"it is a section of global variables",
                                          "set them with \"globals\" of the spec: { \"name\": value }"}};

constexpr MapType unknown{
    .type = UINT32_MAX,
    .name = {},
    .map_class = Class::unsupported,
    .keys = Keys::none,
    .values = Values::refused,
    .not_read = {"cannot be read: this probe-run does not know it", "remove it from \"maps\""},
    .not_written = no_entries};

#pragma GCC diagnostic pop

// A row says why, and only where there is something to say.
constexpr bool is_whole(const MapType& row) {
  return (row.map_class == Class::unsupported) == !row.not_read.why.empty() &&
         row.not_read.why.empty() == row.not_read.hint.empty() &&
         (row.values == Values::refused) == !row.not_written.why.empty() &&
         row.not_written.why.empty() == row.not_written.hint.empty();
}

constexpr bool are_whole() {
  for (std::size_t i = 0; i < map_types.size(); ++i) {
    if (map_types[i].type != i || map_types[i].name.empty() || !is_whole(map_types[i])) return false;
  }
  return is_whole(iterator) && is_whole(section) && is_whole(unknown);
}
static_assert(are_whole());

}  // namespace

Reading MapType::reading() const {
  switch (map_class) {
    case Class::ring_buffer:
    case Class::perf_buffer:
    case Class::iterator:
      return Reading::stream;
    case Class::user_ring_buffer:
    case Class::unsupported:
      return Reading::none;
    case Class::array:
      return Reading::places;
    case Class::hash:
    case Class::lpm_trie:
      return Reading::drain;
    case Class::queue:
      return Reading::removing;
    case Class::cgroup_storage:
    case Class::task_storage:
    case Class::cgrp_storage:
    case Class::section:
      return Reading::delta;
    case Class::references:
    case Class::sockets:
    case Class::stack_trace:
    case Class::bloom_filter:
      return Reading::snapshot;
  }
  return Reading::none;
}

const MapType& map_type(std::uint32_t type) {
  if (type == map_type_iterator) return iterator;
  return type < map_types.size() ? map_types[type] : unknown;
}

const MapType& section_type() {
  return section;
}

std::string map_type_name(std::uint32_t type) {
  const MapType& row = map_type(type);
  return row.name.empty() ? fmt::format("type {}", type) : std::string(row.name);
}

}  // namespace probe_run
