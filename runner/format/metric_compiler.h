// Compiles an output's metrics, or its columns if it has none, to the fields that they are made of.
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
  std::vector<const Field*> labels;  // nullptr: the index of the element, for an array
  const Field* array = nullptr;      // each element is a series; `value` is the element or in it
};

// The rows that metrics are made of.
struct MetricSource {
  std::string spec;         // its name
  std::string description;  // for "help"
  std::string input;        // the map's name, or "lines" of the trace pipe
  enum class Rows {
    stream,  // records, one by one
    groups,  // with their aggregates, over the whole run
    state,   // of a map: its current contents
    added    // of a map: changes since the last read
  };
  Rows rows = Rows::state;
  bool per_cpu = false;  // the value is an array of one value for each CPU
};

// `plan` describes the rows that are shown, and must outlive the result. Reports mistakes.
std::vector<Metric> compile_metrics(const MetricSource& source, const OutputSpec& output, const Plan& plan,
                                    Diagnostics& diagnostics);

}  // namespace probe_run
