#include "engine/compile_outputs.h"

#include <fmt/format.h>

#include <algorithm>

#include "decode/printk_plan.h"
#include "engine/line_output.h"
#include "engine/metric_output.h"
#include "object/map_rules.h"
#include "sink/listen_address.h"
#include "spec/map_spec.h"
#include "spec/output_spec.h"
#include "spec/spec.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

class Compiler {
 public:
  Compiler(const Spec& spec, const ObjectDescription& object, const Options& options, SinkSet& sinks,
           const RenderContext& context, std::deque<Input>& inputs, Diagnostics& diagnostics)
      : spec_(spec),
        object_(object),
        options_(options),
        sinks_(sinks),
        context_(context),
        inputs_(inputs),
        diagnostics_(diagnostics),
        served_((options.listen || spec.listen) && options.mode != Options::Mode::replay) {}

  std::vector<std::unique_ptr<Output>> compile();

 private:
  std::vector<OutputSpec> default_outputs() const;
  bool writes_metrics(const OutputSpec& output) const;
  void compile(const OutputSpec& output);
  void compile_lines(const OutputSpec& output, OutputFormat format, Sink& sink);
  void compile_metrics(const OutputSpec& output, std::optional<MetricPages::Place> place);
  MetricSource metric_source(const OutputSpec& output, const Input& input) const;
  Input* input_of(const OutputSpec& output);
  Input& printed_lines(TracePipe lines);
  Input* find_map(const OutputSpec& output);

  const Spec& spec_;
  const ObjectDescription& object_;
  const Options& options_;
  SinkSet& sinks_;
  const RenderContext& context_;
  std::deque<Input>& inputs_;
  Diagnostics& diagnostics_;
  bool served_;  // the metrics are served by an endpoint
  std::vector<std::unique_ptr<Output>> outputs_;
};

std::vector<std::unique_ptr<Output>> Compiler::compile() {
  const std::vector<OutputSpec> defaults = default_outputs();
  const std::vector<OutputSpec>& outputs = spec_.outputs.empty() ? defaults : spec_.outputs;
  if (spec_.listen && !parse_listen_address(**spec_.listen)) {
    const Diagnostic mistake = listen_mistake(**spec_.listen).diagnostics().front();
    diagnostics_.error(spec_.listen->at, mistake.what, mistake.hint);
  }
  const auto is_metric = [&](const OutputSpec& output) { return writes_metrics(output); };
  // An endpoint needs something to serve: without metrics in the spec, it serves the outputs.
  const bool serves_all = served_ && std::none_of(outputs.begin(), outputs.end(), is_metric);
  for (const OutputSpec& output : outputs) {
    compile(output);
    // Metrics that this run does not write are checked, too.
    if (serves_all || (!is_metric(output) && !output.metrics.empty())) compile_metrics(output, std::nullopt);
  }
  return std::move(outputs_);
}

// A spec without outputs shows every map that is read.
std::vector<OutputSpec> Compiler::default_outputs() const {
  std::vector<OutputSpec> outputs;
  for (const MapSpec& map : spec_.maps) {
    const MapInfo* const known = object_.find_map(*map.name);
    if (map.send || (known != nullptr && is_set_up_only(spec_, map, *known))) continue;
    OutputSpec& output = outputs.emplace_back();
    output.map = map.name;
    output.at = map.name.at;
  }
  return outputs;
}

bool Compiler::writes_metrics(const OutputSpec& output) const {
  if (options_.format) return is_metrics(*options_.format);
  return output.format ? is_metrics(*output.format) : !output.metrics.empty();
}

void Compiler::compile(const OutputSpec& output) {
  std::string target = output.to ? **output.to : "stdout";
  const bool by_option = target == "stdout" && options_.output;
  if (by_option) target = *options_.output;
  const bool metrics = writes_metrics(output);
  // Metrics that are served need not be written, too.
  const bool is_written = !metrics || !served_ || output.to || options_.output;
  const Span at = output.to ? output.to->at : output.at;
  std::string what = fmt::format("the output to {}", escape_for_terminal(target));
  if (by_option) what = fmt::format("--output {}", escape_for_terminal(target));
  const auto use = metrics ? FileUses::Use::document : FileUses::Use::lines;
  std::optional<std::string> other;
  if (is_written) other = sinks_.claim(target, use, what);
  if (metrics ? sinks_.has(target) && !sinks_.metrics().has(target) : sinks_.metrics().has(target)) {
    diagnostics_.error(
        at, fmt::format("cannot write both lines and a metrics document to {}", escape_for_terminal(target)),
        "use a different \"to\" for one of the outputs");
    return;
  }
  if (other && (by_option || target == "stdout")) throw SpecError(conflict_text(what, *other), conflict_hint);
  if (other) {
    diagnostics_.error(at, conflict_text(what, *other), conflict_hint);
    return;
  }
  if (metrics) {
    OutputFormat format = default_metrics_format();
    if (output.format && is_metrics(*output.format)) format = *output.format;
    if (options_.format) format = *options_.format;
    std::optional<MetricPages::Place> place;
    if (is_written) place = sinks_.metrics_place(target, format, output.at);
    return compile_metrics(output, place);
  }
  Sink& sink = sinks_.open(target);
  OutputFormat format = output.format ? *output.format : default_format(output, sink.is_terminal());
  if (options_.format) format = *options_.format;
  sinks_.share(sink, format, output.at, diagnostics_);
  compile_lines(output, format, sink);
}

void Compiler::compile_lines(const OutputSpec& output, OutputFormat format, Sink& sink) {
  Input* const input = input_of(output);
  if (input == nullptr) return;
  OutputSpec shown = output;
  if (input->is_printed_lines() && !output.text_template && output.fields.empty())
    shown.text_template = Located<std::string>{std::string(printk_template), output.at};
  auto made = std::make_unique<LineOutput>(shown, *input, format, sink, context_, diagnostics_);
  std::optional<Duration> interval;
  if (input->spec != nullptr && input->spec->poll) interval = **input->spec->poll;
  if (output.every && !(*output.every)->at_exit) interval = (*output.every)->interval;
  made->set_title(*spec_.name, interval);
  input->outputs.push_back(made.get());
  outputs_.push_back(std::move(made));
}

void Compiler::compile_metrics(const OutputSpec& output, std::optional<MetricPages::Place> place) {
  Input* const input = input_of(output);
  if (input == nullptr) return;
  auto made = std::make_unique<MetricOutput>(metric_source(output, *input), output, input->rows(), context_,
                                             sinks_.metrics(), diagnostics_);
  if (!place && !served_) return;  // checked only
  if (place) sinks_.metrics().add(*made, *place, diagnostics_);
  if (served_)
    sinks_.metrics().add(*made, {"", default_metrics_format(), nullptr, true, output.at}, diagnostics_);
  input->outputs.push_back(made.get());
  outputs_.push_back(std::move(made));
}

MetricSource Compiler::metric_source(const OutputSpec& output, const Input& input) const {
  using Rows = MetricSource::Rows;
  MetricSource source;
  source.spec = *spec_.name;
  source.description =
      spec_.description.empty() ? fmt::format("Of the spec {}.", *spec_.name) : spec_.description;
  source.input = input.is_printed_lines() ? "lines" : input.info->name;
  source.per_cpu = !input.is_printed_lines() && input.spec->per_cpu;
  if (input.is_stream()) {
    source.rows = output.aggregate.empty() ? Rows::stream : Rows::groups;
  } else {
    const ReadMode mode = input.read_mode();
    const bool taken = input.info->map_class() == MapClass::queue;
    source.rows = taken || mode == ReadMode::delta || mode == ReadMode::drain ? Rows::added : Rows::state;
  }
  return source;
}

Input* Compiler::input_of(const OutputSpec& output) {
  return output.trace_pipe != TracePipe::none ? &printed_lines(output.trace_pipe) : find_map(output);
}

// All outputs that show lines share one input; it has the lines of all programs if any of the outputs needs them.
Input& Compiler::printed_lines(TracePipe lines) {
  const auto found = std::find_if(inputs_.begin(), inputs_.end(),
                                  [](const Input& input) { return input.is_printed_lines(); });
  Input& input = found != inputs_.end() ? *found : inputs_.emplace_back();
  if (!input.plan) input.plan = compile_printk_plan();
  input.lines = std::max(input.lines, lines);
  return input;
}

Input* Compiler::find_map(const OutputSpec& output) {
  const auto found = std::find_if(inputs_.begin(), inputs_.end(), [&](const Input& input) {
    return !input.is_printed_lines() && input.spec->name.value == **output.map;
  });
  if (found == inputs_.end()) {
    std::vector<std::string_view> names;
    for (const MapSpec& map : spec_.maps) names.push_back(*map.name);
    const bool known = object_.find_map(**output.map) != nullptr;
    // A misspelt map is one mistake, in "maps".
    const auto is_meant = [&](const MapSpec& map) {
      const std::string_view meant[] = {**output.map};
      return object_.find_map(*map.name) == nullptr && !nearest(*map.name, meant).empty();
    };
    if (known && std::any_of(spec_.maps.begin(), spec_.maps.end(), is_meant)) return nullptr;
    diagnostics_.error(
        output.map->at, fmt::format("map \"{}\" is not in \"maps\"", escape_for_terminal(**output.map)),
        known ? fmt::format("add {{ \"name\": \"{}\" }} to \"maps\": the object has this map", **output.map)
              : suggestion(**output.map, names, "maps"));
    return nullptr;
  }
  if (!found->plan) return nullptr;  // its error is already reported
  if (found->info->map_class() == MapClass::user_ring_buffer) {
    diagnostics_.error(output.map->at,
                       fmt::format("\"{}\" cannot be an output: it is a user ring buffer, which probe-run "
                                   "writes to",
                                   escape_for_terminal(**output.map)),
                       "remove the output");
    return nullptr;
  }
  return &*found;
}

}  // namespace

std::vector<std::unique_ptr<Output>> compile_outputs(const Spec& spec, const ObjectDescription& object,
                                                     const Options& options, SinkSet& sinks,
                                                     const RenderContext& context, std::deque<Input>& inputs,
                                                     Diagnostics& diagnostics) {
  return Compiler(spec, object, options, sinks, context, inputs, diagnostics).compile();
}

}  // namespace probe_run
