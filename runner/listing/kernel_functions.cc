// Functions of the kernel and of its modules: kprobes, one at a time and many at once.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "attach/perf_probe.h"
#include "attach/symbol_search.h"
#include "listing/families.h"

namespace probe_run {
namespace {

std::string target_of(std::string_view name, std::string_view module) {
  return module.empty() ? std::string(name) : fmt::format("{}:{}", module, name);
}

void describe(Search& search, Place& place, std::string_view name, std::string_view module) {
  if (std::optional<CPrototype> prototype = search.machine().prototype(name, module))
    place.signature = signature_of(std::string(name), std::move(*prototype));
}

bool kprobes_are_here(Search& search) {
  if (has_kprobes()) return true;
  search.note("this kernel has no kprobes (CONFIG_KPROBES, CONFIG_KPROBE_EVENTS)");
  return false;
}

// What kallsyms names, or at least the kernel's types.
std::vector<KernelFunction> functions_of(Search& search) {
  std::vector<KernelFunction> functions = search.machine().functions();
  if (!functions.empty()) return functions;
  search.note(
      "/proc/kallsyms, which names the kernel's functions, cannot be read: only those that its types "
      "name are listed");
  if (const KernelTypes* const types = search.machine().types()) {
    for (const KernelTypes::Named& named : types->all(KernelTypes::Kind::function))
      functions.push_back({named.name, named.module});
  }
  return functions;
}

// Those that many probes at once can be put on, by their names alone.
void list_by_name(Search& search) {
  const auto add = [&](std::string_view name) {
    Place& place = search.add(std::string(name));
    if (!search.details()) return;
    place.attach = {{"symbols", place.target}};
    describe(search, place, name, {});
  };
  if (const std::unordered_set<std::string>* const traceable = search.machine().traceable_functions()) {
    for (const std::string& name : *traceable) {
      if (search.wants(name)) add(name);
    }
    return;
  }
  for (const KernelFunction& function : functions_of(search)) {
    if (search.wants(function.name)) add(function.name);
  }
}

}  // namespace

void list_kprobes(Search& search) {
  if (!kprobes_are_here(search)) return;
  const std::optional<std::unordered_set<std::string>> forbidden = forbidden_functions();
  if (!forbidden) {
    search.note(
        "which functions must not be probed is not known: /sys/kernel/debug/kprobes/blacklist cannot "
        "be read");
  }
  for (const KernelFunction& function : functions_of(search)) {
    const bool of_module = !function.module.empty();
    std::string target = of_module ? target_of(function.name, function.module) : std::string();
    if (!search.wants(function.name) && !(of_module && search.wants(target))) continue;
    if (forbidden && forbidden->contains(std::string(function.name))) continue;
    Place& place = search.add(of_module ? std::move(target) : std::string(function.name));
    if (!search.details()) continue;
    place.attach.push_back({"symbol", std::string(function.name)});
    if (of_module) place.attach.push_back({"module", std::string(function.module)});
    describe(search, place, function.name, function.module);
  }
}

void list_multiple_kprobes(Search& search) {
  if (search.machine().may_have_function("register_fprobe_ips")) return list_by_name(search);
  search.note("this kernel cannot probe many functions at once (Linux 5.18 with CONFIG_FPROBE)");
}

void list_kprobe_sessions(Search& search) {
  Machine& machine = search.machine();
  if (machine.may_have_function("register_fprobe_ips") && machine.may_have_function("bpf_session_is_return"))
    return list_by_name(search);
  search.note("this kernel has no sessions of kprobes (Linux 6.10 with CONFIG_FPROBE)");
}

}  // namespace probe_run
