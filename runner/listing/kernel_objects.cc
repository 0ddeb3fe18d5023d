// Iterators over the kernel's objects, and tables of functions that it calls.
#include <fmt/format.h>

#include <algorithm>

#include "listing/families.h"

namespace probe_run {

// Of an iterator there are both a function bpf_iter_NAME and what its program gets: struct bpf_iter__NAME.
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

// The kernel marks each such table by a struct bpf_struct_ops_NAME around it. Which variable of the object
// has the functions is the spec's to say, so there is no "attach" to give.
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

}  // namespace probe_run
