// The specs of the command line: all of them are read before any is compiled, each with the parameters that --set gives
// it.
#pragma once

#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "engine/file_uses.h"
#include "engine/options.h"
#include "spec/outline.h"
#include "support/error.h"
#include "support/source_text.h"

namespace probe_run {

struct NamedSpec {
  std::string argument;                      // as on the command line
  std::string name;                          // the spec's own; if it cannot be read, that of its file
  std::shared_ptr<const SourceText> source;  // nullptr if it could not be read
  std::exception_ptr unreadable;             // the Error, if so
  ParameterValues parameters;
};

// Throws SpecError for a parameter that none of the specs has.
std::vector<NamedSpec> read_specs(const Options& options);

// The answer of a command about them goes to stdout, which must be none of them. Throws SpecError.
void claim_answer(const std::vector<NamedSpec>& specs, FileUses& files);

// The parameters of a single spec: "NAME", or "SPEC.NAME" of the one with that name. Throws SpecError for those of
// another.
ParameterValues parameters_of(const ParameterValues& given, const std::string& argument,
                              const std::shared_ptr<const SourceText>& source);

}  // namespace probe_run
