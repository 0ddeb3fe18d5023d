// System calls, by the kernel's functions for them.
#include <fmt/format.h>

#include "attach/perf_probe.h"
#include "attach/system_call_prefix.h"
#include "listing/event_format.h"
#include "listing/families.h"

namespace probe_run {
namespace {

// The kernel's function takes its arguments from saved registers, so what describes them is the tracepoint of
// the system call, or the function behind it where the compiler left that one.
std::optional<Signature> signature(Machine& machine, const std::string& name) {
  Signature found;
  found.name = name;
  found.is_function = true;
  found.returns = "long";
  const std::string path = fmt::format("events/syscalls/sys_enter_{}/format", name);
  if (const std::optional<std::string> text = machine.tracefs_file(path)) {
    for (CVariable& field : event_fields(*text)) {
      // Newer kernels put the text that a pointer leads to into the event as well; that is no argument.
      if (field.name == "__syscall_nr" || field.type.starts_with("__data_loc ")) continue;
      // Where it stands in the event is not where a kprobe finds it.
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

}  // namespace

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

}  // namespace probe_run
