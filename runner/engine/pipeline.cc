#include "engine/pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "decode/printk_plan.h"
#include "object/map_rules.h"
#include "sink/listen_address.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// The kernel aligns the records of a perf buffer, and says the size with that.
constexpr std::uint32_t perf_slack = 7;

bool is_rate(const MapSpec& map) {
  return map.read && **map.read == ReadMode::rate;
}

}  // namespace

Pipeline::Pipeline(const Spec& spec, const ObjectDescription& object, std::uint32_t possible_cpus,
                   const Options& options, SinkSet& sinks, Diagnostics& diagnostics)
    : spec_(spec),
      object_(object),
      sinks_(sinks),
      in_documents_(sinks.metrics(), metric_outputs_),
      printk_plan_(compile_printk_plan()),
      limit_(options.count) {
  compile_inputs(possible_cpus, diagnostics);
  compile_outputs(options, sinks, diagnostics);
}

void Pipeline::compile_inputs(std::uint32_t possible_cpus, Diagnostics& diagnostics) {
  by_map_.resize(object_.maps.size());
  for (const MapSpec& map : spec_.maps) {
    const MapInfo* const known = object_.find_map(*map.name);
    if (known != nullptr && is_set_up_only(spec_, map, *known)) continue;
    Input& input = inputs_.emplace_back();
    input.spec = &map;
    input.info = object_.find_map(*map.name);
    input.plan = compile_plan(map, object_, possible_cpus, diagnostics);
    if (map.lost) input.drop_counter = find_drop_counter(*map.lost, object_, diagnostics);
    if (!input.plan) continue;
    input.map = static_cast<std::uint32_t>(input.info - object_.maps.data());
    input.slack = input.info->map_class() == MapClass::perf_buffer ? perf_slack : 0;
    input.keys = encode_keys(map, *input.info, object_, diagnostics);
    input.sent = encode_sent(map, object_, diagnostics);
    if (by_map_[input.map] != nullptr) {
      diagnostics.error(map.name.at,
                        fmt::format("the map \"{}\" appears twice", escape_for_terminal(*map.name)));
    }
    by_map_[input.map] = &input;
    if (input.info->is_per_cpu() && !map.per_cpu) {
      input.sum.emplace(*input.plan, input.info->key_size, input.info->value_size, possible_cpus);
    }
    const ReadMode mode = map.read ? **map.read : ReadMode::snapshot;
    if (mode != ReadMode::snapshot && !input.info->is_stream()) {
      const std::uint64_t entries = map.max_entries ? **map.max_entries : input.info->max_entries;
      input.delta.emplace(*input.plan, mode, input.info->entry_key_size(),
                          entries > 0 ? entries : Delta::default_limit);
    }
  }
}

bool Pipeline::Input::read_at_exit_only() const {
  return !delta && std::all_of(outputs.begin(), outputs.end(), [](const Output* output) {
    return output->view().only_at_exit();
  }) && std::all_of(metrics.begin(), metrics.end(), [](const MetricOutput* output) {
    return output->needs_last_read_only() && !output->keeps_copy();
  });
}

namespace {

bool writes_metrics(const OutputSpec& output, const Options& options) {
  if (options.format) return is_metrics(*options.format);
  return output.format ? is_metrics(*output.format) : !output.metrics.empty();
}

}  // namespace

void Pipeline::compile_outputs(const Options& options, SinkSet& sinks, Diagnostics& diagnostics) {
  if (spec_.outputs.empty()) {
    // Without a word about outputs, every map is shown.
    for (const MapSpec& map : spec_.maps) {
      const MapInfo* const known = object_.find_map(*map.name);
      if (map.send || (known != nullptr && is_set_up_only(spec_, map, *known)))
        continue;  // nothing is read from it
      OutputSpec output;
      output.map = map.name;
      output.at = map.name.at;
      defaults_.push_back(std::move(output));
    }
  }
  const std::vector<OutputSpec>& outputs = spec_.outputs.empty() ? defaults_ : spec_.outputs;
  if (spec_.listen && !parse_listen_address(**spec_.listen)) {
    const Diagnostic mistake = listen_mistake(**spec_.listen).diagnostics().front();
    diagnostics.error(spec_.listen->at, mistake.what, mistake.hint);
  }
  served_ = (options.listen || spec_.listen) && options.mode != Options::Mode::replay;
  const auto is_metric = [&](const OutputSpec& output) { return writes_metrics(output, options); };
  // An endpoint with nothing to serve would be of no use: then it serves what is shown.
  const bool serves_all = served_ && std::none_of(outputs.begin(), outputs.end(), is_metric);
  for (const OutputSpec& output : outputs) {
    compile_output(output, options, sinks, diagnostics);
    // Metrics that this run does not write are checked all the same.
    if (serves_all || (!is_metric(output) && !output.metrics.empty()))
      compile_metrics(output, std::nullopt, sinks, diagnostics);
  }
}

void Pipeline::compile_output(const OutputSpec& output, const Options& options, SinkSet& sinks,
                              Diagnostics& diagnostics) {
  std::string target = output.to ? **output.to : "stdout";
  if (target == "stdout" && options.output) target = *options.output;
  const bool metrics = writes_metrics(output, options);
  if (metrics ? sinks.has(target) && !sinks.metrics().has(target) : sinks.metrics().has(target)) {
    diagnostics.error(
        output.to ? output.to->at : output.at,
        fmt::format("lines and a document of metrics cannot both go to {}", escape_for_terminal(target)),
        "give one of the outputs another \"to\"");
    return;
  }
  if (metrics) {
    OutputFormat format = OutputFormat::prometheus;
    if (output.format && is_metrics(*output.format)) format = *output.format;
    if (options.format) format = *options.format;
    std::optional<MetricPages::Place> place;
    // What is served need not be written as well.
    if (!served_ || output.to || options.output) place = sinks.metrics_place(target, format, output.at);
    return compile_metrics(output, place, sinks, diagnostics);
  }
  Sink& sink = sinks.open(target);
  OutputFormat format = sink.is_terminal() ? OutputFormat::table : OutputFormat::jsonl;
  if (output.trace_pipe != TracePipe::none || output.text_template) format = OutputFormat::text;
  if (output.format) format = *output.format;
  if (options.format) format = *options.format;
  sinks.share(sink, format, output.at, diagnostics);
  compile_lines(output, format, sink, diagnostics);
}

void Pipeline::compile_lines(const OutputSpec& output, OutputFormat format, Sink& sink,
                             Diagnostics& diagnostics) {
  if (output.trace_pipe != TracePipe::none) {
    trace_pipe_ = std::max(trace_pipe_, output.trace_pipe);
    OutputSpec with_template = output;
    if (!output.text_template && output.fields.empty())
      with_template.text_template = Located<std::string>{std::string(printk_template), output.at};
    printk_outputs_.push_back(&outputs_.emplace_back(with_template, printk_plan_, View::Arrival::stream,
                                                     format, sink, diagnostics));
    return;
  }
  Input* const found = find_input(output, diagnostics);
  if (found == nullptr) return;
  if (format == OutputFormat::raw && output.aggregate.empty() && is_rate(*found->spec)) {
    diagnostics.error(output.at, "the format raw shows entries as the map has them, and no rates",
                      "read the map as \"delta\" or \"snapshot\", or choose another format");
  }
  const View::Arrival arrival = found->info->is_stream() ? View::Arrival::stream : View::Arrival::reads;
  Output& made = outputs_.emplace_back(output, found->rows(), arrival, format, sink, diagnostics);
  std::optional<Duration> interval;
  if (found->spec->poll) interval = **found->spec->poll;
  if (output.every && !(*output.every)->at_exit) interval = (*output.every)->interval;
  made.set_title(*spec_.name, interval);
  found->outputs.push_back(&made);
}

void Pipeline::compile_metrics(const OutputSpec& output, std::optional<MetricPages::Place> place,
                               SinkSet& sinks, Diagnostics& diagnostics) {
  using Rows = MetricSource::Rows;
  MetricSource source;
  source.spec = *spec_.name;
  source.description =
      spec_.description.empty() ? fmt::format("Of the spec {}.", *spec_.name) : spec_.description;
  const Plan* plan = &printk_plan_;
  std::vector<MetricOutput*>* consumers = &printk_metrics_;
  bool stream = true;
  if (output.trace_pipe != TracePipe::none) {
    trace_pipe_ = std::max(trace_pipe_, output.trace_pipe);
    source.input = "lines";
  } else {
    Input* const found = find_input(output, diagnostics);
    if (found == nullptr) return;
    plan = &found->rows();
    consumers = &found->metrics;
    stream = found->info->is_stream();
    source.input = found->info->name;
    source.per_cpu = found->spec->per_cpu;
    const ReadMode mode = found->spec->read ? **found->spec->read : ReadMode::snapshot;
    const bool taken = found->info->map_class() == MapClass::queue;
    source.rows = taken || mode == ReadMode::delta || mode == ReadMode::drain ? Rows::added : Rows::state;
  }
  if (stream) source.rows = output.aggregate.empty() ? Rows::stream : Rows::groups;
  if (!place && !served_) {
    const MetricOutput checked(source, output, *plan, context_, diagnostics);
    return;
  }
  MetricOutput& metrics = metric_outputs_.emplace_back(source, output, *plan, context_, diagnostics);
  consumers->push_back(&metrics);
  if (place) sinks.metrics().add(metrics, *place, diagnostics);
  if (served_)
    sinks.metrics().add(metrics, {"", OutputFormat::prometheus, nullptr, true, output.at}, diagnostics);
}

Pipeline::Input* Pipeline::find_input(const OutputSpec& output, Diagnostics& diagnostics) {
  const auto found = std::find_if(inputs_.begin(), inputs_.end(),
                                  [&](const Input& i) { return i.spec->name.value == **output.map; });
  if (found == inputs_.end()) {
    std::vector<std::string_view> names;
    for (const MapSpec& map : spec_.maps) names.push_back(*map.name);
    const bool known = object_.find_map(**output.map) != nullptr;
    diagnostics.error(
        output.map->at, fmt::format("the spec's \"maps\" have no \"{}\"", escape_for_terminal(**output.map)),
        known ? fmt::format("the object has this map; add {{ \"name\": \"{}\" }} to \"maps\"", **output.map)
              : suggestion(**output.map, names, "its maps"));
    return nullptr;
  }
  if (!found->plan) return nullptr;  // its mistake is said already
  if (found->info->map_class() == MapClass::user_ring_buffer) {
    diagnostics.error(output.map->at,
                      fmt::format("there is nothing to show of \"{}\": a user ring buffer is written to by "
                                  "this program",
                                  escape_for_terminal(**output.map)),
                      "remove the output");
    return nullptr;
  }
  return &*found;
}

bool Pipeline::take() noexcept {
  if (complete()) return false;
  ++taken_;
  return true;
}

void Pipeline::count(Fit fit) noexcept {
  switch (fit) {
    case Fit::whole:
      return;
    case Fit::shorter:
    case Fit::unknown:
      ++figures_.undecodable;
      return;
    case Fit::longer:
      ++figures_.longer;
      return;
  }
}

bool Pipeline::record(std::uint32_t map, std::span<const std::byte> bytes) noexcept {
  Input* const in = input(map);
  if (in == nullptr || !take()) return false;
  ++figures_.events;
  count(in->plan->fit(bytes, in->slack));
  for (Output* output : in->outputs) output->row(bytes, context_);
  for (MetricOutput* output : in->metrics) output->row(bytes);
  return true;
}

bool Pipeline::begin_read(std::uint32_t map) noexcept {
  Input* const in = input(map);
  if (in == nullptr || complete()) return false;
  if (in->delta) in->delta->begin_read(now_);
  for (Output* output : in->outputs) output->begin_read();
  for (MetricOutput* output : in->metrics) output->begin_read();
  return true;
}

void Pipeline::show(const Input& in, std::optional<Bytes> row) noexcept {
  if (!row) return;
  for (Output* output : in.outputs) output->row(*row, context_);
  for (MetricOutput* output : in.metrics) output->row(*row);
}

bool Pipeline::entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept {
  Input* const in = input(map);
  if (in == nullptr || complete()) return false;
  const Bytes row = in->sum ? in->sum->add(bytes) : bytes;
  show(*in, in->delta ? in->delta->entry(row) : row);
  return true;
}

bool Pipeline::taken_entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept {
  Input* const in = input(map);
  if (in == nullptr || complete()) return false;
  const Bytes row = in->sum ? in->sum->add(bytes) : bytes;
  show(*in, in->delta ? in->delta->taken_entry(row) : row);
  return true;
}

bool Pipeline::end_read(std::uint32_t map, const ReadEnd& end) noexcept {
  Input* const in = input(map);
  if (in == nullptr || !take()) return false;
  ++figures_.reads;
  if (end.incomplete) ++figures_.incomplete;
  if (end.restarted) ++figures_.restarted;
  figures_.vanished += end.vanished;
  if (in->delta) in->delta->end_read(end.incomplete);
  for (Output* output : in->outputs) output->end_read(context_);
  for (MetricOutput* output : in->metrics) output->end_read();
  return true;
}

bool Pipeline::printk(std::span<const std::byte> line) noexcept {
  if (trace_pipe_ == TracePipe::none || !take()) return false;
  ++figures_.events;
  for (Output* output : printk_outputs_) output->row(line, context_);
  for (MetricOutput* output : printk_metrics_) output->row(line);
  return true;
}

void Pipeline::lost(std::uint32_t map, std::uint64_t count) noexcept {
  if (map == printk_lines && trace_pipe_ != TracePipe::none) figures_.lost += count;
  if (Input* const in = input(map)) in->lost += count;
}

void Pipeline::dropped(std::uint32_t map, std::uint64_t total) noexcept {
  if (Input* const in = input(map)) in->dropped = total;
}

void Pipeline::time(std::int64_t monotonic, std::int64_t to_wall) noexcept {
  now_ = monotonic;
  context_.clock.observe(monotonic, to_wall);
  for (Output& output : outputs_) output.time(monotonic, context_);
  for (MetricOutput& output : metric_outputs_) output.time(monotonic);
}

namespace {

void collect_asked(const Field& field, std::vector<NameKind>& kinds) {
  if (field.shape == Shape::rendered && field.renderer->asks) kinds.push_back(*field.renderer->asks);
  for (const Field& member : field.fields) collect_asked(member, kinds);
}

}  // namespace

std::vector<NameKind> Pipeline::asked_names() const {
  std::vector<NameKind> kinds;
  for (const Input& in : inputs_) {
    if (in.plan) collect_asked(in.plan->root, kinds);
  }
  std::sort(kinds.begin(), kinds.end());
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
  return kinds;
}

void Pipeline::finish() noexcept {
  for (Output& output : outputs_) output.finish(context_);
  const Figures all = figures();
  if (!all.has_losses()) return;
  // Who reads only the rows must learn of it too. No field of C begins with a dollar sign.
  const std::string line = fmt::format("{{\"$summary\":{}}}", to_json(all));
  std::set<Sink*> told;
  for (const Output& output : outputs_) {
    Sink* const sink = output.summary_sink();
    if (sink == nullptr || !told.insert(sink).second) continue;
    sink->begin_row();
    sink->buffer().append(line);
    if (!sink->is_array()) sink->buffer().append('\n');
    sink->line_done();
  }
}

std::string Pipeline::output_failure() const {
  for (const Output& output : outputs_) {
    if (std::string failure = output.sink().failure(); !failure.empty()) return failure;
  }
  for (const MetricOutput& output : metric_outputs_) {
    if (std::string failure = sinks_.metrics().failure(output); !failure.empty()) return failure;
  }
  return {};
}

bool Pipeline::unread() const noexcept {
  return std::any_of(outputs_.begin(), outputs_.end(),
                     [](const Output& output) { return output.sink().closed(); }) ||
         std::any_of(metric_outputs_.begin(), metric_outputs_.end(),
                     [&](const MetricOutput& output) { return sinks_.metrics().unread(output); });
}

std::optional<std::int64_t> Pipeline::deadline() const {
  std::optional<std::int64_t> first;
  for (const Output& output : outputs_) {
    const std::optional<std::int64_t> deadline = output.view().deadline();
    if (deadline && (!first || *deadline < *first)) first = deadline;
  }
  for (const MetricOutput& output : metric_outputs_) {
    if (output.deadline() && (!first || *output.deadline() < *first)) first = output.deadline();
  }
  return first;
}

Figures Pipeline::figures() const {
  Figures figures = figures_;
  // The object counts each record it could not send; the kernel's own figure for a perf buffer is of the same
  // records.
  for (const Input& in : inputs_) figures.lost += in.dropped.value_or(in.lost);
  for (const Input& in : inputs_) {
    if (!in.delta) continue;
    figures.undecodable += in.delta->undecodable();
    figures.unremembered += in.delta->beyond_limit();
  }
  const auto add = [&](const View& view) {
    figures.ungrouped += view.overflow();
    figures.sampled_out += view.selection().sampled_out();
    figures.rate_limited += view.selection().rate_limited();
  };
  for (const Output& output : outputs_) add(output.view());
  for (const MetricOutput& output : metric_outputs_) add(output.view());
  return figures;
}

// To read a queue is to take from it, and what a read adds depends on the read before: those are read at
// their interval only.
bool Pipeline::metrics_can_read(const Input& input) {
  return !input.metrics.empty() && input.plan && !input.delta && !input.info->is_stream() &&
         input.info->map_class() != MapClass::queue;
}

void Pipeline::begin_metrics_read(std::uint32_t map) noexcept {
  if (Input* const in = input(map)) {
    for (MetricOutput* output : in->metrics) output->begin_read();
  }
}

void Pipeline::metrics_entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept {
  Input* const in = input(map);
  if (in == nullptr) return;
  const Bytes row = in->sum ? in->sum->add(bytes) : bytes;
  for (MetricOutput* output : in->metrics) output->row(row);
}

void Pipeline::end_metrics_read(std::uint32_t map) noexcept {
  if (Input* const in = input(map)) {
    for (MetricOutput* output : in->metrics) output->end_read();
  }
}

}  // namespace probe_run
