// The parameters of a spec: their values, and ${NAME} in its text.
#pragma once

#include "spec/parse.h"

namespace probe_run {

// The value of each parameter by name: of --set, else the default, else (in a check) the example. Reports unknown
// names in `set` and parameters without a value.
Dictionary<Value> parameter_values(const Dictionary<Parameter>& parameters, const ParameterValues& set,
                                   MissingParameters missing, Diagnostics& diagnostics);

// Replaces ${NAME} in all strings below `root`. A string that is only "${NAME}" becomes the value itself, so that a
// number stays a number; "$${" is a literal "${". Errors about a value of `set` name it, not the place that uses it.
void substitute(Value& root, const Dictionary<Value>& values, const ParameterValues& set,
                Diagnostics& diagnostics);

}  // namespace probe_run
