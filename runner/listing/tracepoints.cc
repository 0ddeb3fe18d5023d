// Tracepoints: as events with fields, and with the arguments that the kernel passes.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "listing/event_format.h"
#include "listing/families.h"

namespace probe_run {
namespace {

// Calls visit("sched", "sched_switch") for each event; nothing where tracefs does not say.
template <class Visit>
void each_event(Machine& machine, const Visit& visit) {
  const std::optional<std::string> text = machine.tracefs_file("available_events");
  for (std::string_view rest = text ? std::string_view(*text) : ""; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) visit(line, line.substr(0, colon), line.substr(colon + 1));
  }
}

// A tracepoint's arguments have names where the kernel calls it, and none in the type that marks it.
std::optional<Signature> signature(Machine& machine, const KernelTypes::Named& mark, std::string_view name) {
  const KernelTypes* const types = machine.types();
  std::optional<CPrototype> prototype = machine.prototype(fmt::format("__traceiter_{}", name), mark.module);
  if (!prototype) prototype = types->prototype(mark);
  if (!prototype) return std::nullopt;
  // The first is the tracepoint's own; programs do not get it. Nor does anyone look at the result.
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

}  // namespace

void list_tracepoints(Search& search) {
  const std::string_view by_category = search.pattern().target();
  each_event(search.machine(), [&](std::string_view event, std::string_view category, std::string_view name) {
    // "sched_switch" alone, and all of "sched".
    if (!search.wants(event) && !search.wants(name) && by_category != category) return;
    Place& place = search.add(std::string(event));
    if (!search.details()) return;
    place.attach = {{"category", std::string(category)}, {"name", std::string(name)}};
    const std::optional<std::string> format =
        search.machine().tracefs_file(fmt::format("events/{}/{}/format", category, name));
    if (format) place.signature = Signature{{}, event_fields(*format), false, {}, false};
  });
}

void list_raw_tracepoints(Search& search) {
  if (const KernelTypes* const types = search.machine().types()) return list_marked(search, *types);
  // Without the kernel's types: most events have the name of their tracepoint, but those of system calls.
  each_event(search.machine(), [&](std::string_view, std::string_view category, std::string_view name) {
    if (category == "syscalls" || !search.wants(name)) return;
    Place& place = search.add(std::string(name));
    if (search.details()) place.attach = {{"name", place.target}};
  });
}

void list_typed_tracepoints(Search& search) {
  if (const KernelTypes* const types = search.machine().types()) list_marked(search, *types);
}

}  // namespace probe_run
