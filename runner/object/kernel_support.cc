#include "object/kernel_support.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "object/map_type.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// Newer than the kernel headers of some distributions.
constexpr std::uint32_t program_type_netfilter = 32;

struct Since {
  std::uint32_t type;
  std::string_view name;
  std::string_view linux_version;
};
constexpr std::array<Since, 6> newer_types{{{BPF_PROG_TYPE_EXT, "ext (freplace)", "5.6"},
                                            {BPF_PROG_TYPE_STRUCT_OPS, "struct_ops", "5.6"},
                                            {BPF_PROG_TYPE_LSM, "lsm", "5.7"},
                                            {BPF_PROG_TYPE_SK_LOOKUP, "sk_lookup", "5.9"},
                                            {BPF_PROG_TYPE_SYSCALL, "syscall", "5.14"},
                                            {program_type_netfilter, "netfilter", "6.4"}}};

}  // namespace

std::string unsupported_maps(const bpf_object* object) {
  std::string hint;
  const bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    // Every kernel has the older types. The kernel is asked about the others: it may have them whatever its
    // version is.
    const MapType& type = map_type(bpf_map__type(map));
    if (type.since.empty() || !bpf_map__autocreate(map)) continue;
    if (libbpf_probe_bpf_map_type(bpf_map__type(map), nullptr) != 0) continue;
    hint += fmt::format("{}the map \"{}\" is of type {}, which needs Linux {}", hint.empty() ? "" : "\n",
                        escape_for_terminal(bpf_map__name(map)), type.name, type.since);
  }
  return hint;
}

std::string unsupported_programs(const bpf_object* object) {
  std::string hint;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    if (!bpf_program__autoload(program)) continue;
    for (const Since& known : newer_types) {
      // Only a clear no counts: libbpf may not know how to ask, and the kernel may not let it.
      if (static_cast<std::uint32_t>(bpf_program__type(program)) != known.type ||
          libbpf_probe_bpf_prog_type(bpf_program__type(program), nullptr) != 0)
        continue;
      hint +=
          fmt::format("{}the program \"{}\" is of type {}, which needs Linux {}, built with support for it",
                      hint.empty() ? "" : "\n", escape_for_terminal(bpf_program__name(program)), known.name,
                      known.linux_version);
    }
  }
  return hint;
}

}  // namespace probe_run
