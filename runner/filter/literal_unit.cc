#include "filter/literal_unit.h"

#include <fmt/format.h>

#include "decode/renderers/unit.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// "us", of the numbers as they are in the record; "" if unknown.
std::string_view unit_of(const Field& field) {
  if (!field.unit.empty() || field.shape != Shape::rendered) return field.unit;
  return field.renderer->unit;
}

}  // namespace

std::optional<Literal> in_unit_of(const Field& field, const FieldKind& kind, const Literal& literal,
                                  std::string_view path, std::vector<ExpressionError>& errors) {
  const std::string_view unit = unit_of(field);
  if (literal.dimension == Dimension::none || unit.empty()) return literal;
  const std::string written = escape_for_terminal(literal.text);
  const std::optional<KnownUnit> known = known_unit(unit);
  if (!known || known->dimension != literal.dimension) {
    errors.push_back({literal.at,
                      fmt::format("the unit of \"{}\" is \"{}\", which is not that of {}", path,
                                  escape_for_terminal(unit), written),
                      "compare it with a number without a unit"});
    return std::nullopt;
  }
  Literal scaled = literal;
  if (kind.floating) {
    scaled.kind = Literal::Kind::floating;
    scaled.real = static_cast<double>(literal.magnitude) / static_cast<double>(known->factor);
    if (literal.negative) scaled.real = -scaled.real;
    return scaled;
  }
  if (literal.magnitude % known->factor != 0) {
    errors.push_back({literal.at,
                      fmt::format("{} is not a whole number of \"{}\", the unit of \"{}\"", written,
                                  escape_for_terminal(unit), path),
                      "round it to that unit"});
    return std::nullopt;
  }
  scaled.magnitude = literal.magnitude / known->factor;
  return scaled;
}

}  // namespace probe_run
