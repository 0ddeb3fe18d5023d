// Names of metrics and of labels, as Prometheus, OpenMetrics and the linter of promtool want them.
#pragma once

#include <string>
#include <string_view>

#include "spec/metric_spec.h"

namespace probe_run {

// Letters, digits and "_", not beginning with a digit nor with "__". A ":" is for recording rules.
bool is_metric_name(std::string_view name);
bool is_label_name(std::string_view name);

// A name made of any text: what may not stand in it becomes "_". "" when nothing is left.
std::string metric_name_of(std::string_view text);
std::string label_name_of(std::string_view text);

// Ends that belong to the lines of a counter or a histogram, or to other types of OpenMetrics, and so to no
// family's name: "_bucket", "_count", "_created", "_info", "_sum", "_total"; "" when the name has none.
std::string_view reserved_suffix(std::string_view name);

// The family that a metric belongs to: of a counter, its name without "_total".
std::string_view family_name(std::string_view metric, MetricType type);

}  // namespace probe_run
