#include "listing/search.h"

namespace probe_run {

std::vector<KernelFunction> Search::functions() {
  std::vector<KernelFunction> functions = machine_.functions();
  if (!functions.empty()) return functions;
  note(
      "/proc/kallsyms, which lists the kernel's functions, cannot be read: only functions in the kernel's BTF "
      "are listed");
  if (const KernelTypes* const types = machine_.types()) {
    for (const KernelTypes::Named& named : types->all(KernelTypes::Kind::function))
      functions.push_back({named.name, named.module});
  }
  return functions;
}

void Search::describe(Place& place, std::string_view function, std::string_view module) {
  if (std::optional<CPrototype> prototype = machine_.prototype(function, module))
    place.signature = signature_of(std::string(function), std::move(*prototype));
}

Signature signature_of(std::string name, CPrototype prototype) {
  return {std::move(name), std::move(prototype.arguments), true, std::move(prototype.returns),
          prototype.variadic};
}

}  // namespace probe_run
