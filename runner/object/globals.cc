#include "object/globals.h"

#include <fmt/format.h>

#include <span>

#include "object/encoder.h"
#include "spec/spec.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {

bpf_map* section_map(bpf_object* object, std::string_view section) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    // The name of an internal map is the object's name followed by the section's: "openat.rodata".
    if (bpf_map__is_internal(map) && std::string_view(bpf_map__name(map)).ends_with(section)) return map;
  }
  return nullptr;
}

void set_globals(bpf_object* object, const ObjectDescription& description, const Spec& spec,
                 Diagnostics& diagnostics) {
  for (const auto& [name, value] : spec.globals) {
    const TypeTable::Variable variable = description.types.find_variable(*name);
    if (variable.section == nullptr) {
      const std::vector<std::string> names = description.types.variable_names();
      diagnostics.error(name.at,
                        fmt::format("{} has no global variable \"{}\"", escape_for_terminal(description.path),
                                    escape_for_terminal(*name)),
                        suggestion(*name, views(names), "its global variables"));
      continue;
    }
    bpf_map* const map = section_map(object, variable.section->name);
    std::size_t size = 0;
    // libbpf hands out its own copy of the section's initial bytes.
    void* const data = map != nullptr ? const_cast<void*>(bpf_map__initial_value(map, &size))
                                      : nullptr;  // NOLINT(*-const-cast)
    const Type& type = *variable.member->type->target;
    const std::size_t offset = variable.member->bit_offset / 8;
    if (data == nullptr || offset + type.size > size) {
      diagnostics.error(
          name.at, fmt::format("the global \"{}\" has no initial data in {}", *name, variable.section->name));
      continue;
    }
    const std::span<std::byte> bytes(static_cast<std::byte*>(data) + offset, type.size);
    Encoder(fmt::format("the global \"{}\"", *name), diagnostics).encode(value, type, bytes);
  }
}

}  // namespace probe_run
