// Comparisons with addresses and blocks of them.
#pragma once

#include <optional>

#include "filter/expression.h"
#include "filter/field_kind.h"
#include "filter/field_predicate.h"

namespace probe_run {

// `op` is == or in for a good test. nullopt with an error added for what is no address, or one of another
// family. REQUIRES: kind.ip or kind.mac
std::optional<FieldPredicate> address_predicate(const Field& field, const FieldKind& kind, Operator op,
                                                const ExpressionNode& node,
                                                std::vector<ExpressionError>& errors);

}  // namespace probe_run
