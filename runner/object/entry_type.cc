#include "object/entry_type.h"

#include <fmt/format.h>

#include <algorithm>

#include "object/layout.h"
#include "spec/map_spec.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// Where BTF has no better type. kind none where a number has no such size.
Type number_of(std::uint32_t size) {
  Type type;
  if (size != 1 && size != 2 && size != 4 && size != 8) return type;
  type.kind = Type::Kind::integer;
  type.name = fmt::format("a number of {} byte{}", size, size == 1 ? "" : "s");
  type.size = size;
  type.bits = size * 8;
  return type;
}

}  // namespace

EntryType::EntryType(std::uint32_t size, std::uint32_t type_id, const std::vector<LayoutMember>& layout,
                     std::string_view part, const MapInfo& map, const ObjectDescription& object,
                     Diagnostics& diagnostics)
    : number_(number_of(size)), has_layout_(!layout.empty()) {
  if (!layout.empty()) {
    declared_ = declare_type(layout, object, diagnostics);
    if (!declared_) return;
    const Type& type = declared_->back();
    std::uint32_t end = 0;  // without padding
    for (const TypeMember& member : type.members)
      end = std::max(end, member.bit_offset / 8 + member.type->size);
    if (end > size) {
      diagnostics.error(layout.back().name.at,
                        fmt::format("the layout has {} bytes; the {} of the map \"{}\" has {}", end, part,
                                    escape_for_terminal(map.name), size),
                        "leave members out, or give them an \"offset\"");
      return;
    }
    type_ = &type;
    return;
  }
  const Type* const type = object.types.by_id(type_id);
  if (type != nullptr && strip(*type).size == size) {
    type_ = type;
  } else if (number_.kind != Type::Kind::none) {
    type_ = &number_;
  }
}

}  // namespace probe_run
