// ksyscall and kretsyscall: entry and return of system calls at the kernel's functions for them, whose names
// depend on the architecture.
#include <fmt/format.h>
#include <linux/bpf.h>

#include <algorithm>
#include <cerrno>

#include "attach/define_attach_type.h"
#include "attach/perf_probe.h"
#include "attach/refusal.h"
#include "attach/symbol_search.h"
#include "host/kernel_symbols.h"
#include "listing/event_format.h"
#include "listing/search.h"
#include "object/libbpf.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// The prefix of the kernel's functions for system calls.
#if defined(__x86_64__)
constexpr std::string_view system_call_prefix = "__x64_sys_";
#elif defined(__aarch64__)
constexpr std::string_view system_call_prefix = "__arm64_sys_";
#else
#error "probe-run knows the system calls of x86_64 and aarch64 only"
#endif

std::string near_system_calls(const std::string& name) {
  std::vector<std::string> names;
  read_kallsyms(kallsyms_path, [&](const KallsymsLine& line) {
    if (line.is_function() && line.name.starts_with(system_call_prefix))
      names.emplace_back(line.name.substr(system_call_prefix.size()));
  });
  const std::string_view near = nearest(name, views(names));
  // "__x64_sys_openat" and "sys_openat" are names of the kernel's function.
  for (const std::string_view begin : {system_call_prefix, std::string_view("sys_")}) {
    const std::string_view bare = std::string_view(name).substr(std::min(begin.size(), name.size()));
    if (name.starts_with(begin) && std::find(names.begin(), names.end(), bare) != names.end())
      return fmt::format("use the name of the system call itself: \"{}\"", escape_for_terminal(bare));
  }
  if (!near.empty()) return fmt::format("did you mean \"{}\"?", escape_for_terminal(near));
  return "use a name from `man syscalls`, such as openat or execve";
}

Attachment attach_system_call(bpf_program* program, std::string target, const std::string& name,
                              bool at_return) {
  require_kprobes(program, target);
  auto options = zeroed_options<bpf_ksyscall_opts>();
  options.retprobe = at_return;
  LinkHandle link(bpf_program__attach_ksyscall(program, name.c_str(), &options));
  if (link) return {std::move(target), std::move(link)};
  const int error = errno;
  if (error == ENOENT || error == EADDRNOTAVAIL || error == EINVAL || error == ESRCH) {
    refuse(program, target, "this kernel has no such system call", near_system_calls(name));
  }
  refuse(program, target, error, "the kernel's log (dmesg) may say more");
}

// The kernel's function takes its arguments from saved registers, so they are described by the system call's
// tracepoint, or by the function that it calls unless the compiler inlined that.
std::optional<Signature> signature(Machine& machine, const std::string& name) {
  Signature found;
  found.name = name;
  found.is_function = true;
  found.returns = "long";
  const std::string path = fmt::format("events/syscalls/sys_enter_{}/format", name);
  if (const std::optional<std::string> text = machine.tracefs_file(path)) {
    for (CVariable& field : event_fields(*text)) {
      // Newer kernels also add the text that a pointer refers to; that is not an argument.
      if (field.name == "__syscall_nr" || field.type.starts_with("__data_loc ")) continue;
      // Its offset in the event is of no use in a kprobe.
      field.offset = field.size = std::nullopt;
      found.variables.push_back(std::move(field));
    }
    return found;
  }
  std::optional<CPrototype> prototype = machine.prototype("__do_sys_" + name, {});
  if (!prototype) return std::nullopt;
  found.variables = std::move(prototype->arguments);
  return found;
}

std::string describe_target(const KsyscallAttach& point) {
  return fmt::format("ksyscall:{}", escape_for_terminal(*point.syscall));
}
std::string describe_target(const KretsyscallAttach& point) {
  return fmt::format("kretsyscall:{}", escape_for_terminal(*point.syscall));
}

Attachment attach_to(bpf_program* program, const KsyscallAttach& point) {
  return attach_system_call(program, describe_target(point), *point.syscall, false);
}
Attachment attach_to(bpf_program* program, const KretsyscallAttach& point) {
  return attach_system_call(program, describe_target(point), *point.syscall, true);
}

void list_system_calls(Search& search) {
  if (!has_kprobes()) {
    search.note("this kernel has no kprobes (CONFIG_KPROBES, CONFIG_KPROBE_EVENTS)");
    return;
  }
  const auto consider = [&](std::string_view function) {
    if (!function.starts_with(system_call_prefix)) return;
    function.remove_prefix(system_call_prefix.size());
    if (function == "ni_syscall" || !search.wants(function)) return;  // "not implemented"
    Place& place = search.add(std::string(function));
    if (!search.details()) return;
    place.attach = {{"syscall", place.target}};
    place.signature = signature(search.machine(), place.target);
  };
  const std::vector<KernelFunction>& functions = search.machine().functions();
  for (const KernelFunction& function : functions) consider(function.name);
  if (!functions.empty()) return;
  if (const KernelTypes* const types = search.machine().types()) {
    for (const KernelTypes::Named& named : types->all(KernelTypes::Kind::function, system_call_prefix))
      consider(named.name);
  }
}

}  // namespace

template <>
struct AttachTypeOf<KsyscallAttach> {
  static Section section() { return {"ksyscall", {BPF_PROG_TYPE_KPROBE}}; }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel = every_kernel;
  static constexpr std::string_view example = R"("syscall": "openat")";
  static constexpr Company company = Company::any;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_system_calls};
  static constexpr auto check = nothing_to_check;
  static constexpr auto prepare = nothing_to_prepare;
  static Attachment attach(BpfObject&, bpf_program* program, const KsyscallAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const KsyscallAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<KsyscallAttach>();

template <>
struct AttachTypeOf<KretsyscallAttach> {
  static Section section() { return {"kretsyscall", {BPF_PROG_TYPE_KPROBE}}; }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel = every_kernel;
  static constexpr std::string_view example = R"("syscall": "openat")";
  static constexpr Company company = Company::any;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_system_calls, {}, true};
  static constexpr auto check = nothing_to_check;
  static constexpr auto prepare = nothing_to_prepare;
  static Attachment attach(BpfObject&, bpf_program* program, const KretsyscallAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const KretsyscallAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<KretsyscallAttach>();

}  // namespace probe_run
