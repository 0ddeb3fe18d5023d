// The table of formats, from which everything else follows: the names in specs, --format and --test, the JSON schema,
// and which formats may share a target.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "format/format.h"
#include "spec/output_spec.h"

namespace probe_run {

// A format's file defines its function.
using CompileFormat = std::unique_ptr<Format>(const FormatRequest&, Diagnostics&);
CompileFormat compile_text, compile_table, compile_live, compile_json, compile_jsonl, compile_csv,
    compile_logfmt, compile_histogram, compile_folded, compile_raw;

namespace {

constexpr auto lines = Sharing::lines;
constexpr auto whole_target = Sharing::whole_target;

constexpr FormatTraits formats[] = {
    {.name = "text",
     .about = "a line by a template",
     .sharing = lines,
     .compile = compile_text,
     .takes_template = true},
    {.name = "table", .about = "aligned columns", .sharing = lines, .compile = compile_table},
    {.name = "live",
     .about = "a table drawn in place on a terminal",
     .sharing = lines,
     .compile = compile_live,
     .draws = true},
    {.name = "json",
     .about = "one JSON document, an array of rows",
     .sharing = whole_target,
     .compile = compile_json,
     .in_array = true,
     .json_summary = true,
     .instead = "jsonl"},
    {.name = "jsonl",
     .about = "a JSON object on each line",
     .sharing = lines,
     .compile = compile_jsonl,
     .json_summary = true},
    {.name = "csv", .about = "RFC 4180 with a header", .sharing = whole_target, .compile = compile_csv},
    {.name = "logfmt", .about = "key=value pairs on each line", .sharing = lines, .compile = compile_logfmt},
    {.name = "histogram",
     .about = "bars, as bcc prints them",
     .sharing = lines,
     .compile = compile_histogram},
    {.name = "folded",
     .about = "stacks for flame graphs",
     .sharing = whole_target,
     .compile = compile_folded},
    {.name = "raw",
     .about = "the bytes of each record in hexadecimal",
     .sharing = lines,
     .compile = compile_raw},
    {.name = "prometheus",
     .about = "metrics in the text format of Prometheus",
     .sharing = whole_target,
     .metrics = MetricDialect::prometheus},
    {.name = "openmetrics",
     .about = "metrics in the text format of OpenMetrics",
     .sharing = whole_target,
     .metrics = MetricDialect::openmetrics},
};

// Every row is complete, and refers only to existing formats.
constexpr bool complete() {
  for (const FormatTraits& row : formats) {
    if (row.name.empty() || row.about.empty() || row.sharing == Sharing::unstated) return false;
    if ((row.compile != nullptr) == row.metrics.has_value()) return false;
    std::size_t same = 0, instead = 0;
    for (const FormatTraits& other : formats) {
      if (other.name == row.name) ++same;
      if (other.name == row.instead) ++instead;
    }
    if (same != 1 || (!row.instead.empty() && instead == 0)) return false;
  }
  return true;
}
static_assert(complete(), "a row of the format table is incomplete, or its name is not unique");

// An OutputFormat is the number of its row.
constexpr auto names = [] {
  std::array<EnumName<OutputFormat>, std::size(formats)> result{};
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = {static_cast<OutputFormat>(i), formats[i].name};
  return result;
}();

constexpr OutputFormat number_of(std::string_view name) {
  for (const auto& entry : names) {
    if (entry.name == name) return entry.value;
  }
  throw "no such format";  // in a constant expression, so that a wrong name does not compile
}

constexpr OutputFormat text = number_of("text"), table = number_of("table"), jsonl = number_of("jsonl"),
                       prometheus = number_of("prometheus");

}  // namespace

constinit const std::span<const EnumName<OutputFormat>> EnumNames<OutputFormat>::names = probe_run::names;

std::string partial_seconds(Duration lasted) {
  const double number = std::chrono::duration<double>(lasted).count();
  std::string seconds = fmt::format("{:.3f}", std::max(number, 0.001));
  seconds.resize(seconds.find_last_not_of('0') + 1);
  if (seconds.ends_with('.')) seconds.pop_back();
  return seconds;
}

std::string partial_title(Duration lasted) {
  return fmt::format("interval of {} s", partial_seconds(lasted));
}

const FormatTraits& traits_of(OutputFormat format) noexcept {
  return formats[static_cast<std::size_t>(format)];
}

bool takes_template(OutputFormat format) noexcept {
  return traits_of(format).takes_template;
}

std::string_view about(OutputFormat format) noexcept {
  return traits_of(format).about;
}

OutputFormat format_named(std::string_view name) noexcept {
  const auto* const found =
      std::find_if(names.begin(), names.end(), [&](const auto& entry) { return entry.name == name; });
  return found->value;
}

OutputFormat default_format(const OutputSpec& output, bool to_terminal) noexcept {
  if (output.trace_pipe != TracePipe::none || output.text_template) return text;
  return to_terminal ? table : jsonl;
}

OutputFormat default_metrics_format() noexcept {
  return prometheus;
}

std::unique_ptr<Format> compile_format(OutputFormat format, const FormatRequest& request,
                                       Diagnostics& diagnostics) {
  return traits_of(format).compile(request, diagnostics);
}

}  // namespace probe_run
