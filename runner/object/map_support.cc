#include "object/map_support.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "object/libbpf.h"
#include "object/map_type.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

struct Since {
  std::uint32_t type;
  std::string_view linux_version;
};
constexpr std::array<Since, 10> newer_types{{{BPF_MAP_TYPE_SK_STORAGE, "5.2"},
                                             {BPF_MAP_TYPE_DEVMAP_HASH, "5.4"},
                                             {BPF_MAP_TYPE_STRUCT_OPS, "5.6"},
                                             {BPF_MAP_TYPE_RINGBUF, "5.8"},
                                             {BPF_MAP_TYPE_INODE_STORAGE, "5.10"},
                                             {BPF_MAP_TYPE_TASK_STORAGE, "5.11"},
                                             {BPF_MAP_TYPE_BLOOM_FILTER, "5.16"},
                                             {BPF_MAP_TYPE_USER_RINGBUF, "6.1"},
                                             {map_type_cgrp_storage, "6.2"},
                                             {map_type_arena, "6.9"}}};

std::string_view since(std::uint32_t type) {
  for (const Since& known : newer_types) {
    if (known.type == type) return known.linux_version;
  }
  return {};
}

}  // namespace

std::string unsupported_maps(const bpf_object* object) {
  std::string hint;
  const bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    // The older types are everywhere. The kernel is asked about the others: it may have them whatever its
    // version is.
    const std::string_view linux_version = since(bpf_map__type(map));
    if (linux_version.empty() || !bpf_map__autocreate(map)) continue;
    if (libbpf_probe_bpf_map_type(bpf_map__type(map), nullptr) != 0) continue;
    hint += fmt::format("{}the map \"{}\" is of type {}, which this kernel lacks: Linux {} has it",
                        hint.empty() ? "" : "\n", escape_for_terminal(bpf_map__name(map)),
                        map_type_name(bpf_map__type(map)), linux_version);
  }
  return hint;
}

}  // namespace probe_run
