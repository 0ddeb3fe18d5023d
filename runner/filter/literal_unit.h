// Times and sizes of conditions in the unit of the field that they are compared with.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "filter/expression.h"
#include "filter/field_kind.h"

namespace probe_run {

// 10ms is 10000 for a field whose unit is "us"; what has no unit stays as it is. Reports what cannot be compared.
std::optional<Literal> in_unit_of(const Field& field, const FieldKind& kind, const Literal& literal,
                                  std::string_view path, std::vector<ExpressionError>& errors);

}  // namespace probe_run
