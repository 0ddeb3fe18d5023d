// Applies the spec's "fields" to a plan: renderers, names of values, conditions.
#pragma once

#include "decode/plan.h"
#include "spec/map_spec.h"

namespace probe_run {

// Applies all of them. Reports unknown fields and unsuitable options.
void apply_field_options(const MapSpec& map, const ObjectDescription& object, Plan& plan,
                         Diagnostics& diagnostics);

// The condition of `when` for the field at `path`: names are looked up next to the field, then further out. nullptr
// if a mistake was reported.
std::shared_ptr<const Condition> compile_condition(const When& when, std::string_view path, const Plan& plan,
                                                   Diagnostics& diagnostics);

// Makes the field and everything below it depend on the condition.
void restrict_field(Field& field, const std::shared_ptr<const Condition>& condition);

}  // namespace probe_run
