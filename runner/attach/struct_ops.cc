// Tables of functions that the kernel calls.
#include <fmt/format.h>

#include <cerrno>

#include "attach/families.h"
#include "attach/refusal.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {

std::string describe_target(const StructOpsAttach& point) {
  return fmt::format("struct_ops:{}", escape_for_terminal(*point.map));
}

// A table is whole or it is not taken, so one of its programs stands for all.
Fd prepare_for(BpfObject& object, bpf_program*, const StructOpsAttach&) {
  for (const ProgramInfo& info : object.description().programs) {
    if (info.type == BPF_PROG_TYPE_STRUCT_OPS) bpf_program__set_autoload(object.program(info.name), true);
  }
  return {};
}

Attachment attach_to(BpfObject& object, bpf_program* program, const StructOpsAttach& point) {
  const std::string target = describe_target(point);
  const bpf_map* const map = object.map(*point.map);
  if (map == nullptr || bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS) {
    std::vector<std::string_view> tables;
    for (const MapInfo& info : object.description().maps) {
      if (info.type == BPF_MAP_TYPE_STRUCT_OPS) tables.push_back(info.name);
    }
    refuse(program, target, "the object has no such table of functions",
           suggestion(*point.map, tables, "its variables in SEC(\".struct_ops\")"));
  }
  LinkHandle link(bpf_map__attach_struct_ops(map));
  if (!link) {
    const int error = errno;
    refuse(program, target, error,
           error == EEXIST ? "the kernel has a table of that name already, perhaps from a run that was "
                             "killed: `bpftool struct_ops unregister name NAME` removes it"
                           : "the kernel's log (dmesg) may say more",
           true);
  }
  return {target, std::move(link)};
}

}  // namespace probe_run
