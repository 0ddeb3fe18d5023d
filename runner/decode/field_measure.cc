#include "decode/field_measure.h"

#include <fmt/format.h>

#include "decode/renderer.h"
#include "decode/renderers/unit.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {

bool choose_unit(const Renderer*& renderer, const Located<std::string>& unit, Field& field,
                 Diagnostics& diagnostics) {
  if (field.histogram) return true;  // the unit is that of its values, not of its counts
  const auto refuse = [&](std::string hint) {
    diagnostics.error(unit.at,
                      fmt::format("\"{}\" cannot print numbers of the unit \"{}\"", renderer->name,
                                  escape_for_terminal(*unit)),
                      std::move(hint));
    return false;
  };
  if (renderer->clock) {
    const std::optional<KnownUnit> known = known_unit(*unit);
    if (known && known->dimension == Dimension::time && known->factor == 1) return true;
    return refuse(fmt::format(
        "\"{}\" takes nanoseconds: remove \"unit\", or \"as\" to show the number with it", renderer->name));
  }
  if (renderer->unit.empty()) return true;
  const Renderer* const scaled = in_unit(*renderer, *unit);
  if (scaled == nullptr) return refuse("use the unit " + unit_names(known_unit(renderer->unit)->dimension));
  renderer = scaled;
  field.unit.clear();  // it is in the text
  return true;
}

void set_length(Field& field, const Located<std::string>& length, const Field* found, const Plan& plan,
                Diagnostics& diagnostics) {
  if (field.mistaken) return;
  const bool bytes = field.shape == Shape::text || field.shape == Shape::bytes ||
                     (field.shape == Shape::rendered && (field.renderer == &bytes_renderer() ||
                                                         field.renderer->form == Renderer::Form::strings));
  if ((!bytes && field.shape != Shape::array) || field.histogram) {
    return diagnostics.error(
        length.at, "\"length\" applies only to text, bytes and lists",
        fmt::format("remove it, or add \"as\": \"bytes\" to \"{}\"", escape_for_terminal(field.path)));
  }
  if (found == nullptr || !found->scalar || network_bytes(*found) != 0) {
    const std::vector<std::string> paths = plan.paths();
    return diagnostics.error(
        length.at, fmt::format("the length \"{}\" is not a number field", escape_for_terminal(*length)),
        found == nullptr ? suggestion(*length, views(paths), "fields")
                         : "use a field with a number of bytes or items");
  }
  field.length = found->slot;
}

}  // namespace probe_run
