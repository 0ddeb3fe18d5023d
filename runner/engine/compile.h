// The steps from a spec's file to a pipeline, shared by run, check and describe.
#pragma once

#include <memory>
#include <optional>

#include "engine/named_specs.h"
#include "engine/pipeline.h"
#include "object/bpf_object.h"
#include "object/map_entries.h"

namespace probe_run {

// A spec with its object, opened and not loaded, and its pipeline. The parts refer to each other, so it cannot be
// moved.
struct CompiledSpec {
  explicit CompiledSpec(SinkSet& of_run) : sinks(of_run) {}

  SinkSet& sinks;  // shared with other specs
  Spec spec;
  std::unique_ptr<BpfObject> object;
  std::vector<MapEntries> entries;
  std::unique_ptr<Pipeline> pipeline;
  std::vector<Diagnostic> warnings;
  ParameterValues parameters;  // what --set gave
};

// Throws Error with all mistakes.
std::unique_ptr<CompiledSpec> compile_spec(const NamedSpec& named, const Options& options,
                                           MissingParameters missing, LibbpfLog& log, SinkSet& sinks);

}  // namespace probe_run
