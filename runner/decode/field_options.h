// What the spec's "fields" say of a plan: renderers, names of values, conditions.
#pragma once

#include "decode/plan.h"
#include "spec/map_spec.h"

namespace probe_run {

// Applies them all. Reports fields that the plan lacks and what a field does not take.
void apply_field_options(const MapSpec& map, const ObjectDescription& object, Plan& plan,
                         Diagnostics& diagnostics);

// The condition that `when` makes for the field at `path`: names are looked up beside the field, then further
// out. nullptr after a report.
std::shared_ptr<const Condition> compile_condition(const When& when, std::string_view path, const Plan& plan,
                                                   Diagnostics& diagnostics);

// The field and all below it are there only when the condition is met.
void restrict_field(Field& field, const std::shared_ptr<const Condition>& condition);

}  // namespace probe_run
