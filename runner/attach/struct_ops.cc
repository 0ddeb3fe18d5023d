// struct_ops: tables of functions that the kernel calls.
#include <fmt/format.h>
#include <linux/bpf.h>

#include <cerrno>

#include "attach/define_attach_type.h"
#include "attach/refusal.h"
#include "listing/search.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

std::string describe_target(const StructOpsAttach& point) {
  return fmt::format("struct_ops:{}", escape_for_terminal(*point.map));
}

// A table is attached as a whole or not at all, so one of its programs stands for all.
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
    refuse(program, target, "the object does not have this struct_ops variable",
           suggestion(*point.map, tables, "variables in SEC(\".struct_ops\")"));
  }
  LinkHandle link(bpf_map__attach_struct_ops(map));
  if (!link) {
    const int error = errno;
    refuse(program, target, error,
           error == EEXIST ? "the kernel already has a table with this name, perhaps from a run that was "
                             "killed: `bpftool struct_ops unregister name NAME` removes it"
                           : "the kernel's log (dmesg) may say more",
           true);
  }
  return {target, std::move(link)};
}

// The kernel wraps each such table in a struct bpf_struct_ops_NAME. A spec names a variable of its object
// instead, so no "attach" is listed.
void list_struct_ops(Search& search) {
  constexpr std::string_view prefix = "bpf_struct_ops_";
  const KernelTypes* const types = search.machine().types();
  if (types == nullptr) return;
  for (const KernelTypes::Named& wrapper : types->all(KernelTypes::Kind::structure, prefix)) {
    const std::string_view name = wrapper.name.substr(prefix.size());
    if (!search.wants(name)) continue;
    const std::vector<CVariable> fields = types->fields(wrapper);
    if (fields.empty() || fields.back().type != fmt::format("struct {}", name)) continue;
    const std::optional<KernelTypes::Named> table = types->find(KernelTypes::Kind::structure, name);
    if (!table) continue;
    Place& place = search.add(std::string(name));
    if (search.details())
      place.signature = Signature{fmt::format("struct {}", name), types->fields(*table), false, {}, false};
  }
}

}  // namespace

template <>
struct AttachTypeOf<StructOpsAttach> {
  static Section section() { return {"struct_ops", {BPF_PROG_TYPE_STRUCT_OPS}}; }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel{5, 6};
  static constexpr std::string_view example = R"("map": "my_congestion")";
  static constexpr Company company = Company::none;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_struct_ops};
  static constexpr auto check = nothing_to_check;
  static Fd prepare(BpfObject& object, bpf_program* program, const StructOpsAttach& point) {
    return prepare_for(object, program, point);
  }
  static Attachment attach(BpfObject& object, bpf_program* program, const StructOpsAttach& point) {
    return attach_to(object, program, point);
  }
  static std::string describe(const StructOpsAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<StructOpsAttach>();

}  // namespace probe_run
