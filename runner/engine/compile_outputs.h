// The outputs of a spec in this run, with their formats and targets.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "engine/input.h"
#include "engine/options.h"
#include "engine/output.h"
#include "engine/sink_set.h"

namespace probe_run {

// Adds each output to the input whose rows it gets, and an input for printed lines if an output shows them. Reports
// mistakes. `spec`, `object`, `sinks`, `context` and `inputs` must outlive the outputs.
std::vector<std::unique_ptr<Output>> compile_outputs(const Spec& spec, const ObjectDescription& object,
                                                     const Options& options, SinkSet& sinks,
                                                     const RenderContext& context, std::deque<Input>& inputs,
                                                     Diagnostics& diagnostics);

}  // namespace probe_run
