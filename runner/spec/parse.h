// Spec text to a Spec.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "spec/spec.h"

namespace probe_run {

// What `--set NAME=VALUE` gave.
using ParameterValues = std::map<std::string, std::string, std::less<>>;

// Whether parameters without a value stand for their example (a check) or are an error (a run).
enum class MissingParameters { use_example, refuse };

// Reports every mistake to `diagnostics`; returns nothing when there was one.
std::optional<Spec> parse_spec(std::shared_ptr<const SourceText> source, const ParameterValues& set,
                               MissingParameters missing, Diagnostics& diagnostics);

// The language as a JSON Schema, draft 7: the text of schema/probe-spec.schema.json.
std::string spec_schema();

// The lists of keys in docs/reference/keys.md, as Markdown.
std::string spec_reference();

}  // namespace probe_run
