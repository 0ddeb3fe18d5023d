// --replay: a recording through the same pipeline as a run.
#include <fmt/format.h>

#include <cstdio>

#include "command/command.h"
#include "command/pipeline.h"
#include "command/spec_path.h"
#include "command/stats_file.h"
#include "source/recorded_names.h"
#include "source/recording_reader.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// Notes when the recorded run began and ended, and what numbers stood for.
class Playback : public EventConsumer {
 public:
  Playback(EventConsumer& next, RecordedNames& names) : next_(next), names_(names) {}
  Duration elapsed() const { return Duration(last_ - first_); }

  bool record(std::uint32_t map, std::span<const std::byte> bytes) noexcept override {
    return next_.record(map, bytes);
  }
  bool begin_read(std::uint32_t map) noexcept override { return next_.begin_read(map); }
  bool entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept override {
    return next_.entry(map, bytes);
  }
  bool taken_entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept override {
    return next_.taken_entry(map, bytes);
  }
  bool end_read(std::uint32_t map, const ReadEnd& end) noexcept override { return next_.end_read(map, end); }
  bool printk(std::span<const std::byte> line) noexcept override { return next_.printk(line); }
  void lost(std::uint32_t map, std::uint64_t count) noexcept override { next_.lost(map, count); }
  void dropped(std::uint32_t map, std::uint64_t total) noexcept override { next_.dropped(map, total); }
  void stopping() noexcept override { next_.stopping(); }
  void name(NameKind kind, std::span<const std::byte> key, std::string_view value) noexcept override {
    names_.add(kind, key, value);
  }
  void time(std::int64_t monotonic, std::int64_t to_wall) noexcept override {
    if (first_ == 0) first_ = monotonic;
    last_ = monotonic;
    next_.time(monotonic, to_wall);
  }

 private:
  EventConsumer& next_;
  RecordedNames& names_;
  std::int64_t first_ = 0, last_ = 0;
};

// A recording may come from anyone, so its own spec does not choose files to write.
void keep_to_stdout(Spec& spec) {
  for (OutputSpec& output : spec.outputs) {
    if (!output.to || **output.to == "stdout" || **output.to == "stderr") continue;
    report({{Diagnostic::Severity::warning,
             fmt::format("the recording's spec writes to {}; it is shown here instead",
                         escape_for_terminal(**output.to)),
             "a spec of your own may write to files: probe-run --replay FILE SPEC", std::nullopt}});
    output.to.reset();
  }
}

// What a parameter did to the object, it did when the recording was made.
void warn_of_globals(const Spec& spec, const Options& options) {
  for (const auto& [name, parameter] : spec.parameters) {
    if (!parameter.global || !options.parameters.contains(*name)) continue;
    report(
        {{Diagnostic::Severity::warning,
          fmt::format("--set {} does not change a recording: it sets a global variable of the object", *name),
          "the recording has what passed the object's filters when it was made", std::nullopt}});
  }
}

std::shared_ptr<const SourceText> spec_source(const Options& options, const RecordingInfo& info) {
  if (options.specs.empty()) return std::make_shared<SourceText>(info.spec_file, info.spec_text);
  return read_source(find_spec(options.specs.front()));
}

}  // namespace

int replay(const Options& options) {
  RecordingReader recording(options.replay);
  const std::shared_ptr<const SourceText> source = spec_source(options, recording.info());
  Diagnostics diagnostics(source);
  ParameterValues parameters = recording.info().parameters;
  for (const auto& [name, value] : options.parameters) parameters[name] = value;
  if (!options.specs.empty()) parameters = options.parameters;
  std::optional<Spec> spec = parse_spec(source, parameters, MissingParameters::use_example, diagnostics);
  diagnostics.throw_if_failed();

  warn_of_globals(*spec, options);
  if (options.specs.empty()) keep_to_stdout(*spec);
  SinkSet sinks(SinkSet::Kind::real);
  Pipeline pipeline(*spec, recording.object(), recording.info().possible_cpus, options, sinks, diagnostics);
  diagnostics.throw_if_failed();
  RecordedNames names;
  pipeline.set_names(names);
  Playback playback(pipeline, names);
  const std::string damage = recording.play(playback, [&] { return pipeline.complete() || sinks.closed(); });
  pipeline.finish();
  sinks.finish();
  if (!options.stats.empty()) {
    write_stats(options.stats, {{*spec->name, pipeline.figures()}}, playback.elapsed());
  }
  if (sinks.closed()) return exit_ok;
  if (const std::string failure = sinks.failure(); !failure.empty()) throw Error(failure);
  if (!options.quiet) fmt::print(stderr, "probe-run: {}\n", to_text(pipeline.figures(), playback.elapsed()));
  if (!damage.empty()) {
    report(
        {{Diagnostic::Severity::warning, fmt::format("{}: {}", escape_for_terminal(options.replay), damage),
          "everything before that was shown", std::nullopt}});
    return exit_failed;
  }
  return exit_ok;
}

}  // namespace probe_run
