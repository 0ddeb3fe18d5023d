#include "object/map_definition.h"

#include <fmt/format.h>
#include <linux/bpf.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "spec/map_spec.h"
#include "spec/spec.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

enum class Keys { any, none, four, prefix, cgroup };
enum class Values { any, none, four, four_or_eight, stack };
enum class Entries { some, none, any };
enum class Preallocation {
  any,
  must,
  must_not
};  // must: BPF_F_NO_PREALLOC may not be set; must_not: it must be

struct Needs {
  std::uint32_t type;
  Keys keys;
  Values values;
  Entries entries = Entries::some;
  Preallocation preallocation = Preallocation::must;
};

// Newer than the kernel headers of some distributions.
constexpr std::uint32_t cgrp_storage = 32;

constexpr std::array<Needs, 31> table{{
    {BPF_MAP_TYPE_HASH, Keys::any, Values::any, Entries::some, Preallocation::any},
    {BPF_MAP_TYPE_PERCPU_HASH, Keys::any, Values::any, Entries::some, Preallocation::any},
    {BPF_MAP_TYPE_LRU_HASH, Keys::any, Values::any},
    {BPF_MAP_TYPE_LRU_PERCPU_HASH, Keys::any, Values::any},
    {BPF_MAP_TYPE_ARRAY, Keys::four, Values::any},
    {BPF_MAP_TYPE_PERCPU_ARRAY, Keys::four, Values::any},
    {BPF_MAP_TYPE_PROG_ARRAY, Keys::four, Values::four},
    {BPF_MAP_TYPE_PERF_EVENT_ARRAY, Keys::four, Values::four,
     Entries::any},  // libbpf: 0 is the number of CPUs
    {BPF_MAP_TYPE_STACK_TRACE, Keys::four, Values::stack},
    {BPF_MAP_TYPE_CGROUP_ARRAY, Keys::four, Values::four},
    {BPF_MAP_TYPE_LPM_TRIE, Keys::prefix, Values::any, Entries::some, Preallocation::must_not},
    {BPF_MAP_TYPE_ARRAY_OF_MAPS, Keys::four, Values::four},
    {BPF_MAP_TYPE_HASH_OF_MAPS, Keys::any, Values::four, Entries::some, Preallocation::any},
    {BPF_MAP_TYPE_DEVMAP, Keys::four, Values::four_or_eight},
    {BPF_MAP_TYPE_DEVMAP_HASH, Keys::four, Values::four_or_eight},
    {BPF_MAP_TYPE_SOCKMAP, Keys::four, Values::four_or_eight},
    {BPF_MAP_TYPE_SOCKHASH, Keys::any, Values::four_or_eight},
    {BPF_MAP_TYPE_CPUMAP, Keys::four, Values::four_or_eight},
    {BPF_MAP_TYPE_XSKMAP, Keys::four, Values::four},
    {BPF_MAP_TYPE_CGROUP_STORAGE, Keys::cgroup, Values::any, Entries::none},
    {BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE, Keys::cgroup, Values::any, Entries::none},
    {BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, Keys::four, Values::four_or_eight},
    {BPF_MAP_TYPE_QUEUE, Keys::none, Values::any},
    {BPF_MAP_TYPE_STACK, Keys::none, Values::any},
    {BPF_MAP_TYPE_SK_STORAGE, Keys::four, Values::any, Entries::none, Preallocation::must_not},
    {BPF_MAP_TYPE_INODE_STORAGE, Keys::four, Values::any, Entries::none, Preallocation::must_not},
    {BPF_MAP_TYPE_TASK_STORAGE, Keys::four, Values::any, Entries::none, Preallocation::must_not},
    {cgrp_storage, Keys::four, Values::any, Entries::none, Preallocation::must_not},
    {BPF_MAP_TYPE_RINGBUF, Keys::none, Values::none},
    {BPF_MAP_TYPE_USER_RINGBUF, Keys::none, Values::none},
    {BPF_MAP_TYPE_BLOOM_FILTER, Keys::none, Values::any},
}};

constexpr std::uint32_t index_size = 4;
constexpr std::uint32_t cgroup_key_size = 16;  // struct bpf_cgroup_storage_key
constexpr std::uint32_t prefix_begin = 4, longest_prefix = 256;
constexpr std::uint32_t most_address_bytes = prefix_begin + longest_prefix;

const Needs* needs_of(std::uint32_t type) {
  const auto row =
      std::find_if(table.begin(), table.end(), [&](const Needs& needs) { return needs.type == type; });
  return row == table.end() ? nullptr : &*row;
}

struct Mistake {
  std::string what, hint;
};

std::string has(std::string_view part, std::uint32_t size) {
  return fmt::format("its {} have {} byte{}", part, size, size == 1 ? "" : "s");
}

std::optional<Mistake> wrong_keys(const MapInfo& map, Keys need) {
  const std::uint32_t size = map.key_size;
  switch (need) {
    case Keys::none:
      if (size == 0) return std::nullopt;
      return Mistake{fmt::format("a {} has no keys", map.type_name()),
                     "remove __type(key, ...) or __uint(key_size, ...) from its definition"};
    case Keys::four:
      if (size == index_size) return std::nullopt;
      if (size == 0)
        return Mistake{"it does not have a type of keys", "add __type(key, __u32) to its definition"};
      return Mistake{fmt::format("the key of a map of type {} has 4 bytes, not {}", map.type_name(), size),
                     "define it with __type(key, __u32)"};
    case Keys::prefix:
      if (size > prefix_begin && size <= most_address_bytes) return std::nullopt;
      return Mistake{
          fmt::format("{}; the key of a map of type {} has 5 to {}", has("keys", size), map.type_name(),
                      most_address_bytes),
          "define the key as a struct with a __u32 for the prefix's length, followed by the address"};
    case Keys::cgroup:
      if (size == cgroup_key_size || size == sizeof(std::uint64_t)) return std::nullopt;
      return Mistake{
          fmt::format("{}, which a map of type {} does not take", has("keys", size), map.type_name()),
          "define it with __type(key, struct bpf_cgroup_storage_key), or with __u64"};
    case Keys::any:
      break;
  }
  if (size != 0) return std::nullopt;
  return Mistake{"it does not have a type of keys", "add __type(key, ...) to its definition"};
}

std::optional<Mistake> wrong_values(const MapInfo& map, Values need) {
  const std::uint32_t size = map.value_size;
  if (size == 0 && need != Values::none)
    return Mistake{"it does not have a type of values", "add __type(value, ...) to its definition"};
  switch (need) {
    case Values::none:
      if (size == 0) return std::nullopt;
      return Mistake{fmt::format("a {} has no values", map.type_name()), "remove __uint(value_size, ...)"};
    case Values::four:
      if (size == index_size) return std::nullopt;
      return Mistake{fmt::format("the value of a map of type {} has 4 bytes, not {}", map.type_name(), size),
                     "define it with __type(value, __u32)"};
    case Values::four_or_eight:
      if (size == index_size || size == 2 * index_size) return std::nullopt;
      return Mistake{
          fmt::format("the value of a map of type {} has 4 or 8 bytes, not {}", map.type_name(), size),
          "define it with __type(value, __u32), or with __u64"};
    case Values::stack: {
      const bool with_build_id = (map.flags & BPF_F_STACK_BUILD_ID) != 0;
      const std::size_t item = with_build_id ? sizeof(bpf_stack_build_id) : sizeof(std::uint64_t);
      if (size % item == 0) return std::nullopt;
      return Mistake{fmt::format("{}, which is not a multiple of {}", has("values", size), item),
                     with_build_id ? "define it with __type(value, struct bpf_stack_build_id[127])"
                                   : "define it with __type(value, __u64[127])"};
    }
    case Values::any:
      break;
  }
  return std::nullopt;
}

std::optional<Mistake> wrong_flags(const MapInfo& map, Preallocation need) {
  const bool is_set = (map.flags & BPF_F_NO_PREALLOC) != 0;
  if (need == Preallocation::must_not && !is_set) {
    return Mistake{fmt::format("a map of type {} needs the flag BPF_F_NO_PREALLOC", map.type_name()),
                   "add __uint(map_flags, BPF_F_NO_PREALLOC) to its definition"};
  }
  if (need == Preallocation::must && is_set) {
    return Mistake{fmt::format("a map of type {} cannot have the flag BPF_F_NO_PREALLOC", map.type_name()),
                   "remove it from \"map_flags\" of its definition"};
  }
  return std::nullopt;
}

std::optional<Mistake> wrong_entries(const MapInfo& map, Entries need, std::uint64_t entries) {
  if (need == Entries::some && entries == 0) {
    return Mistake{"it has no max_entries",
                   "give it in the spec (\"max_entries\") or in the object: "
                   "__uint(max_entries, ...)"};
  }
  if (need == Entries::none && entries != 0) {
    return Mistake{
        fmt::format("a map of type {} has no max_entries: its entries are kept with what they belong to",
                    map.type_name()),
        "remove __uint(max_entries, ...) from its definition"};
  }
  return std::nullopt;
}

// The first: one mistake often follows from another.
std::optional<Mistake> mistake_of(const MapInfo& map, std::uint64_t entries) {
  const Needs* const needs = needs_of(map.type);
  if (needs == nullptr) return std::nullopt;
  if (auto mistake = wrong_keys(map, needs->keys)) return mistake;
  if (auto mistake = wrong_values(map, needs->values)) return mistake;
  if (auto mistake = wrong_flags(map, needs->preallocation)) return mistake;
  return wrong_entries(map, needs->entries, entries);
}

}  // namespace

void complete_definition(bpf_map* map) {
  const std::uint32_t type = bpf_map__type(map);
  if (type == BPF_MAP_TYPE_RINGBUF || type == BPF_MAP_TYPE_USER_RINGBUF) {
    // Only a type: a size by itself is a mistake.
    if (bpf_map__btf_value_type_id(map) != 0) bpf_map__set_value_size(map, 0);
  } else if (type == BPF_MAP_TYPE_PERF_EVENT_ARRAY) {
    if (bpf_map__key_size(map) == 0) bpf_map__set_key_size(map, index_size);
    if (bpf_map__value_size(map) == 0 || bpf_map__btf_value_type_id(map) != 0)
      bpf_map__set_value_size(map, index_size);
  }
}

void check_map_definitions(const Spec& spec, const ObjectDescription& object, Diagnostics& diagnostics) {
  for (const MapInfo& map : object.maps) {
    if (map.map_class() == MapClass::section || map.map_class() == MapClass::iterator) continue;
    const auto wanted = std::find_if(spec.maps.begin(), spec.maps.end(),
                                     [&](const MapSpec& of_spec) { return *of_spec.name == map.name; });
    const bool is_wanted = wanted != spec.maps.end();
    // What the spec sets is checked where maps are set up.
    const bool has_size = is_wanted && wanted->max_entries;
    const std::optional<Mistake> mistake = mistake_of(map, has_size ? 1 : map.max_entries);
    if (!mistake || (has_size && !map.traits().own_size)) continue;
    diagnostics.error(
        is_wanted ? wanted->name.at : spec.object.at,
        fmt::format("no kernel accepts the map \"{}\": {}", escape_for_terminal(map.name), mistake->what),
        mistake->hint);
  }
}

}  // namespace probe_run
