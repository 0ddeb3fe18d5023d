// raw_tracepoint and tp_btf: tracepoints with the arguments that the kernel passes, raw or typed.
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "attach/btf_target.h"
#include "attach/define_attach_type.h"
#include "attach/refusal.h"
#include "listing/search.h"
#include "listing/tracefs.h"
#include "support/error.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// The tracepoints of single system calls are built on raw_syscalls:sys_enter and sys_exit, so raw programs
// cannot attach to them.
constexpr std::string_view system_calls = "syscalls";

std::string missing_raw_hint(const std::string& name) {
  std::string tracefs;
  try {
    tracefs = tracefs_path();
  } catch (const Error&) {
    return "mount tracefs to get suggestions of similar names: mount -t tracefs tracefs "
           "/sys/kernel/tracing";
  }
  std::vector<std::string> names;
  bool is_system_call = false;
  for (const std::string& category : tracepoint_categories(tracefs)) {
    std::vector<std::string> some = tracepoints_of(tracefs, category);
    if (category == system_calls) {
      is_system_call = std::find(some.begin(), some.end(), name) != some.end();
      continue;
    }
    names.insert(names.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
  }
  if (is_system_call) {
    return fmt::format(
        "this tracepoint has no raw form: use {{\"type\": \"tracepoint\", \"category\": \"syscalls\", \"name\": "
        "\"{}\"}}, or the raw_tracepoint \"{}\" for every system call",
        escape_for_terminal(name), name.starts_with("sys_exit") ? "sys_exit" : "sys_enter");
  }
  if (const std::size_t cut = name.find_first_of(":/"); cut != std::string::npos) {
    const std::string bare = name.substr(cut + 1);
    if (std::find(names.begin(), names.end(), bare) != names.end()) {
      return fmt::format("give the name without its category: \"{}\"", escape_for_terminal(bare));
    }
  }
  const std::string hint = suggestion(name, views(names), {});
  return hint.empty() ? fmt::format("{}/events lists the names", tracefs) : hint;
}

// A tracepoint's arguments have names in the function that calls it, but not in the type that marks it.
std::optional<Signature> signature(Machine& machine, const KernelTypes::Named& mark, std::string_view name) {
  const KernelTypes* const types = machine.types();
  std::optional<CPrototype> prototype = machine.prototype(fmt::format("__traceiter_{}", name), mark.module);
  if (!prototype) prototype = types->prototype(mark);
  if (!prototype) return std::nullopt;
  // Programs do not get the first argument, which is internal to the tracepoint. The result is ignored.
  if (!prototype->arguments.empty()) prototype->arguments.erase(prototype->arguments.begin());
  prototype->returns = "void";
  return signature_of(std::string(name), std::move(*prototype));
}

void list_marked(Search& search, const KernelTypes& types) {
  constexpr std::string_view prefix = "btf_trace_";
  for (const KernelTypes::Named& mark : types.all(KernelTypes::Kind::type_definition, prefix)) {
    const std::string_view name = mark.name.substr(prefix.size());
    if (!search.wants(name)) continue;
    Place& place = search.add(std::string(name));
    if (!search.details()) continue;
    place.attach = {{"name", place.target}};
    place.signature = signature(search.machine(), mark, name);
  }
}

std::string describe_target(const RawTracepointAttach& point) {
  return fmt::format("raw_tracepoint:{}", escape_for_terminal(*point.name));
}

Attachment attach_to(bpf_program* program, const RawTracepointAttach& point) {
  const std::string target = describe_target(point);
  LinkHandle link(bpf_program__attach_raw_tracepoint(program, point.name->c_str()));
  if (link) return {target, std::move(link)};
  const int error = errno;
  if (error == ENOENT)
    refuse(program, target, "this kernel has no such tracepoint", missing_raw_hint(*point.name));
  refuse(program, target, error,
         error == EINVAL ? "check that the program reads no more arguments than this tracepoint has"
                         : std::string());
}

std::string describe_target(const TpBtfAttach& point) {
  return fmt::format("tp_btf:{}", escape_for_terminal(*point.name));
}

Fd prepare_for(bpf_program* program, const TpBtfAttach& point) {
  set_btf_target(program, describe_target(point), *point.name, KernelTarget::tracepoint);
  return {};
}

Attachment attach_to(bpf_program* program, const TpBtfAttach& point) {
  std::string target = describe_target(point);
  LinkHandle link = attach_btf_target(program, target);
  return {std::move(target), std::move(link)};
}

void list_raw_tracepoints(Search& search) {
  if (const KernelTypes* const types = search.machine().types()) return list_marked(search, *types);
  // Without BTF: most events have the name of their tracepoint, except those of system calls.
  search.machine().each_event([&](std::string_view, std::string_view category, std::string_view name) {
    if (category == "syscalls" || !search.wants(name)) return;
    Place& place = search.add(std::string(name));
    if (search.details()) place.attach = {{"name", place.target}};
  });
}

void list_typed_tracepoints(Search& search) {
  if (const KernelTypes* const types = search.machine().types()) list_marked(search, *types);
}

}  // namespace

template <>
struct AttachTypeOf<RawTracepointAttach> {
  static Section section() {
    return {"raw_tracepoint",
            {BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE},
            {},
            {"raw_tracepoint.w"}};
  }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel = every_kernel;
  static constexpr std::string_view example = R"("name": "sys_enter")";
  static constexpr Company company = Company::any;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_raw_tracepoints};
  static constexpr auto check = nothing_to_check;
  static constexpr auto prepare = nothing_to_prepare;
  static Attachment attach(BpfObject&, bpf_program* program, const RawTracepointAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const RawTracepointAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<RawTracepointAttach>();

template <>
struct AttachTypeOf<TpBtfAttach> {
  static Section section() { return {"tp_btf", {BPF_PROG_TYPE_TRACING}, {BPF_TRACE_RAW_TP}}; }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel{5, 5};
  static constexpr std::string_view example = R"("name": "sched_switch")";
  static constexpr Company company = Company::none;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_typed_tracepoints, {}, true};
  static constexpr auto check = nothing_to_check;
  static Fd prepare(BpfObject&, bpf_program* program, const TpBtfAttach& point) {
    return prepare_for(program, point);
  }
  static Attachment attach(BpfObject&, bpf_program* program, const TpBtfAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const TpBtfAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<TpBtfAttach>();

}  // namespace probe_run
