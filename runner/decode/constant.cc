#include "decode/constant.h"

#include <fmt/format.h>

#include <algorithm>

#include "spec/map_spec.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

bool fits(std::uint64_t value, const Field& field) {
  const unsigned width = width_of(field.slot);
  if (width >= 64) return true;
  return value >> (field.slot.is_signed ? width - 1 : width) == 0;
}

bool fits(std::int64_t value, const Field& field) {
  const unsigned width = width_of(field.slot);
  return field.slot.is_signed && (width >= 64 || value >= -(std::int64_t{1} << (width - 1)));
}

}  // namespace

std::optional<std::uint64_t> constant_for(const Field& field, const Located<Constant>& constant,
                                          Diagnostics& diagnostics) {
  if (const auto* name = std::get_if<std::string>(&constant.value)) {
    const auto found = std::find_if(field.names.begin(), field.names.end(),
                                    [&](const auto& entry) { return entry.second == *name; });
    if (found != field.names.end()) return found->first;
    std::vector<std::string_view> names;
    for (const auto& entry : field.names) names.push_back(entry.second);
    diagnostics.error(
        constant.at,
        fmt::format("the field \"{}\" has no value \"{}\"", field.path, escape_for_terminal(*name)),
        names.empty() ? "use a number: it is not an enum" : suggestion(*name, names, "known values"));
    return std::nullopt;
  }
  const auto* natural = std::get_if<std::uint64_t>(&constant.value);
  const auto* negative = std::get_if<std::int64_t>(&constant.value);
  if (natural != nullptr ? fits(*natural, field) : fits(*negative, field)) {
    return natural != nullptr ? *natural : static_cast<std::uint64_t>(*negative);
  }
  diagnostics.error(constant.at,
                    fmt::format("the field \"{}\" cannot be {}: it has {} bits and is {}", field.path,
                                natural != nullptr ? fmt::to_string(*natural) : fmt::to_string(*negative),
                                width_of(field.slot), field.slot.is_signed ? "signed" : "unsigned"));
  return std::nullopt;
}

}  // namespace probe_run
