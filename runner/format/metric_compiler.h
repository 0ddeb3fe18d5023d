// From what the spec says of an output's metrics, or from its columns, to the fields they are made of.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "decode/plan.h"
#include "format/metric_family.h"
#include "support/source_text.h"

namespace probe_run {

struct OutputSpec;

struct Metric {
  MetricFamily family;
  Span at;                       // in the spec: its name, or the output
  const Field* value = nullptr;  // nullptr: rows are counted
  double factor = 1;
  std::vector<const Field*> labels;  // nullptr: the element's number, of an array
  const Field* array = nullptr;      // each element is a series; `value` is the element or in it
};

// What the rows are that metrics are made of.
struct MetricSource {
  std::string spec;         // its name
  std::string description;  // for "help"
  std::string input;        // the map's name, or "lines" of the trace pipe
  enum class Rows {
    stream,  // records, one by one
    groups,  // and what is computed of each, over the whole run
    state,   // of a map: what it holds now
    added    // of a map: what came since the read before
  };
  Rows rows = Rows::state;
  bool per_cpu = false;  // the value is an array of one value for each CPU
};

// `plan` is of the rows that are shown, and must outlive the result. Reports what does not fit.
std::vector<Metric> compile_metrics(const MetricSource& source, const OutputSpec& output, const Plan& plan,
                                    Diagnostics& diagnostics);

}  // namespace probe_run
