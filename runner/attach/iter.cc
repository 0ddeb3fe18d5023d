// Iterators: programs that run once for each kernel object of a kind while they are read.
#include <fmt/format.h>
#include <linux/bpf.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "attach/btf_target.h"
#include "attach/cgroup.h"
#include "attach/define_attach_type.h"
#include "attach/refusal.h"
#include "listing/search.h"
#include "object/libbpf.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

int map_of(const BpfObject& object, const bpf_program* program, const std::string& target,
           const std::string& name) {
  const int fd = object.map(name) != nullptr ? object.map_fd(name) : -1;
  if (fd >= 0) return fd;
  std::vector<std::string_view> maps;
  for (const MapInfo& map : object.description().maps) maps.push_back(map.name);
  refuse(program, target, fmt::format("the object has no map \"{}\"", escape_for_terminal(name)),
         suggestion(name, maps, "maps"));
}

std::string describe_target(const IterAttach& point) {
  std::string text = fmt::format("iter:{}", escape_for_terminal(*point.target));
  if (point.map) text += fmt::format(":{}", escape_for_terminal(**point.map));
  if (point.cgroup) text += fmt::format(" of {}", escape_for_terminal(**point.cgroup));
  if (point.pid) text += fmt::format(" of process {}", **point.pid);
  return text;
}

Fd prepare_for(bpf_program* program, const IterAttach& point) {
  set_btf_target(program, describe_target(point), *point.target, KernelTarget::iterator);
  return {};
}

Attachment attach_to(BpfObject& object, bpf_program* program, const IterAttach& point) {
  std::string target = describe_target(point);
  bpf_iter_link_info info{};
  Fd cgroup;
  if (point.map) {
    info.map.map_fd = static_cast<std::uint32_t>(map_of(object, program, target, **point.map));
  } else if (point.cgroup) {
    cgroup = open_cgroup(program, target, **point.cgroup);
    info.cgroup.cgroup_fd = static_cast<std::uint32_t>(cgroup.get());
    info.cgroup.order = BPF_CGROUP_ITER_DESCENDANTS_PRE;
  } else if (point.pid) {
    // The kernel would accept this and just iterate over nothing.
    if (::kill(static_cast<pid_t>(**point.pid), 0) != 0 && errno == ESRCH) {
      refuse(program, target, fmt::format("process {} is not found", **point.pid),
             "give the id of a running process in this process's pid namespace, or omit \"pid\" for all "
             "processes");
    }
    info.task.pid = static_cast<std::uint32_t>(**point.pid);
  }
  auto options = zeroed_options<bpf_iter_attach_opts>();
  if (point.map || point.cgroup || point.pid) {
    options.link_info = &info;
    options.link_info_len = sizeof info;
  }
  LinkHandle link(bpf_program__attach_iter(program, &options));
  if (link) return {std::move(target), std::move(link)};
  const int error = errno;
  std::string hint;
  if (error == EBADF && !point.map) {
    hint = "this iterator needs a map: \"map\": \"NAME\"";
  } else if ((error == EINVAL || error == E2BIG) && (point.map || point.cgroup || point.pid)) {
    hint = "this kernel or this iterator does not support \"map\", \"cgroup\" or \"pid\"";
  }
  refuse(program, target, error, std::move(hint));
}

// An iterator has both a function bpf_iter_NAME and the context of its program: struct bpf_iter__NAME.
void list_iterators(Search& search) {
  constexpr std::string_view prefix = "bpf_iter_";
  const KernelTypes* const types = search.machine().types();
  if (types == nullptr) return;
  const std::vector<KernelTypes::Named> functions = types->all(KernelTypes::Kind::function, prefix);
  for (const KernelTypes::Named& context : types->all(KernelTypes::Kind::structure, "bpf_iter__")) {
    const std::string_view name = context.name.substr(prefix.size() + 1);
    const bool is_iterator =
        std::any_of(functions.begin(), functions.end(),
                    [&](const KernelTypes::Named& f) { return f.name.substr(prefix.size()) == name; });
    if (!is_iterator || !search.wants(name)) continue;
    Place& place = search.add(std::string(name));
    if (!search.details()) continue;
    place.attach = {{"target", place.target}};
    place.signature =
        Signature{fmt::format("struct {}", context.name), types->fields(context), false, {}, false};
  }
}

// The kernel interprets the option by the target: it would take a map's descriptor for a thread id.
void check_point(const IterAttach& point, Diagnostics& diagnostics) {
  const auto only_for = [&](const auto& choice, std::string_view key, std::vector<std::string_view> targets) {
    if (!choice || std::find(targets.begin(), targets.end(), *point.target) != targets.end()) return;
    diagnostics.error(
        choice->at,
        fmt::format("an iterator over {} does not take \"{}\"", escape_for_terminal(*point.target), key),
        fmt::format("\"{}\" is for the target {}", key, join(targets, " or ")));
  };
  only_for(point.map, "map", {"bpf_map_elem", "bpf_sk_storage_map"});
  only_for(point.cgroup, "cgroup", {"cgroup"});
  only_for(point.pid, "pid", {"task", "task_file", "task_vma"});
}

}  // namespace

template <>
struct AttachTypeOf<IterAttach> {
  static Section section() { return {"iter", {BPF_PROG_TYPE_TRACING}, {BPF_TRACE_ITER}}; }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel{5, 8};
  static constexpr std::string_view example = R"("target": "task")";
  static constexpr Company company = Company::none;
  static constexpr Pinning pinning{"it runs only when it is read", "remove \"pin\""};
  static constexpr Places places{list_iterators};
  static constexpr auto check = check_point;
  static Fd prepare(BpfObject&, bpf_program* program, const IterAttach& point) {
    return prepare_for(program, point);
  }
  static Attachment attach(BpfObject& object, bpf_program* program, const IterAttach& point) {
    return attach_to(object, program, point);
  }
  static std::string describe(const IterAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<IterAttach>();

}  // namespace probe_run
