// The outputs of a spec: which rows, how and where.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "spec/keys.h"
#include "spec/metric_spec.h"
#include "spec/output_format.h"
#include "spec/rate_limit.h"
#include "support/duration.h"

namespace probe_run {

// "1s", or "exit": only once, when the run ends.
struct Every {
  bool at_exit = false;
  Duration interval{0};
};

// Which lines of bpf_printk: those of this object's format strings, or of all programs.
enum class TracePipe { none, own, all };

inline constexpr std::uint64_t most_groups = 100'000;                              // of an output
inline constexpr std::uint64_t default_series = 100'000, most_series = 1'000'000;  // of a metric

// A column: the field's path alone, or an object with these keys.
struct OutputField {
  Located<std::string> field;
  std::optional<Located<std::string>> name;
  OutputField() = default;
  OutputField(Located<std::string> path) : field(std::move(path)) {}  // NOLINT(*-explicit-*): a path is one
  template <class T = OutputField>
  static constexpr auto keys() {
    return std::tuple(
        key("field", &T::field, "The field's path.", required),
        key("name", &T::name, "The column's name, in every format; by default the path as written."));
  }
};

struct OutputSpec {
  static constexpr std::string_view short_form = "map";
  Span at;
  std::optional<Located<std::string>> map;
  TracePipe trace_pipe = TracePipe::none;
  std::optional<Located<std::string>> where;
  std::optional<Located<AtLeastOne>> sample;
  std::optional<Located<RateLimit>> rate_limit;
  std::vector<OutputField> fields;
  std::vector<Located<std::string>> group_by;
  Dictionary<Located<std::string>> aggregate;
  std::optional<Located<AtLeastOne>> groups;
  bool cumulative = false;
  std::optional<Located<Every>> every;
  std::optional<Located<std::string>> sort;
  std::optional<Located<AtLeastOne>> limit;
  std::optional<OutputFormat> format;
  std::optional<Located<std::string>> text_template;
  Dictionary<MetricSpec> metrics;
  std::optional<Located<AtLeastOne>> series;
  std::optional<Located<std::string>> to;
  template <class T = OutputSpec>
  static constexpr auto keys() {
    return std::tuple(
        key("map", &T::map, "The map whose records or entries it shows."),
        key("trace_pipe", &T::trace_pipe,
            "Instead of a map: the lines that this object's programs (true) or all programs (\"all\") print with "
            "bpf_printk."),
        key("where", &T::where, "Only rows for which this is true: \"pid == 42 and comm glob 'nginx*'\"."),
        key("sample", &T::sample, "Only every Nth of these rows, the first included."),
        key("rate_limit", &T::rate_limit,
            "The maximum rate of rows shown one by one: \"100/s\", \"10/m\", or a number of rows per second."),
        key("fields", &T::fields,
            "The fields, in this order; all by default. Each is a path, or { \"field\": \"value.bytes\", "
            "\"name\": \"received\" }."),
        key("group_by", &T::group_by, "Fields whose values make a group; without it all rows are one group."),
        key("aggregate", &T::aggregate,
            "Columns that are computed for each group, by name: { \"opens\": \"count\", \"slowest\": "
            "\"max(latency)\" }."),
        key("groups", &T::groups,
            "The maximum number of groups, 10000 by default and 100000 at most; rows of further groups are one "
            "group, \"(other)\"."),
        key("cumulative", &T::cumulative,
            "Keep the groups from one interval, or read, to the next; by default each starts empty."),
        key("every", &T::every,
            "When the groups are shown: an interval such as \"5s\", or \"exit\". For a polled map, \"exit\" "
            "shows the last read only."),
        key("sort", &T::sort,
            "The field by which rows shown together are sorted; \"-field\" for the largest first."),
        key("limit", &T::limit, "At most so many of the rows shown together."),
        key("format", &T::format, "How rows are written; by default a table on a terminal, else jsonl."),
        key("template", &T::text_template, "The line of the text format: \"{pid:>7} {comm}\"."),
        key("metrics", &T::metrics,
            "For prometheus and openmetrics: the metrics by name. By default every number is a metric."),
        key("series", &T::series,
            "The maximum number of series of each metric, 100000 by default and 1000000 at most; rows of further "
            "series are dropped, and counted."),
        key("to", &T::to, "stdout (the default), stderr, or a file's path."));
  }
};

}  // namespace probe_run
