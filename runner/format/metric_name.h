// Names of metrics and labels, by the rules of Prometheus, OpenMetrics and the linter of promtool.
#pragma once

#include <string>
#include <string_view>

#include "spec/metric_spec.h"

namespace probe_run {

// Letters, digits and "_", not beginning with a digit nor with "__". A ":" is for recording rules.
bool is_metric_name(std::string_view name);
bool is_label_name(std::string_view name);

// Makes a name of any text: invalid characters become "_". "" if nothing is left.
std::string metric_name_of(std::string_view text);
std::string label_name_of(std::string_view text);

// The reserved suffix of the name, which is used for lines of a counter or a histogram, or by other types of
// OpenMetrics: "_bucket", "_count", "_created", "_info", "_sum", "_total"; "" for none.
std::string_view reserved_suffix(std::string_view name);

// The family of a metric: for a counter, its name without "_total".
std::string_view family_name(std::string_view metric, MetricType type);

}  // namespace probe_run
