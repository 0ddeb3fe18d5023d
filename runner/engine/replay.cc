#include "engine/replay.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "engine/named_specs.h"
#include "engine/playback.h"
#include "engine/spec_path.h"
#include "spec/output_spec.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

std::shared_ptr<const SourceText> spec_source(const Options& options, const RecordingInfo& info,
                                              FileUses& files) {
  if (options.specs.empty()) return std::make_shared<SourceText>(info.spec_file, info.spec_text);
  std::shared_ptr<const SourceText> source = read_spec(options.specs.front());
  files.reads(source->file(), fmt::format("the spec {}", escape_for_terminal(source->file())));
  return source;
}

// Some architectures have their own numbers of errors and signals; all others share the same.
std::string_view numbering(std::string_view machine) {
  for (const std::string_view own : {"alpha", "mips", "parisc", "sparc"}) {
    if (machine.starts_with(own)) return own;
  }
  return "generic";
}

}  // namespace

Replay::Replay(const Options& options, SinkSet& sinks)
    : sinks_(sinks), recording_(options.replay), duration_(options.duration) {
  if (options.replay == "-") {
    sinks.files().reads(STDIN_FILENO, "the recording that is replayed");
  } else {
    sinks.files().reads(options.replay, fmt::format("the recording {}", escape_for_terminal(options.replay)));
  }
  const std::shared_ptr<const SourceText> source = spec_source(options, recording_.info(), sinks.files());
  Diagnostics diagnostics(source);
  const std::string& argument = options.specs.empty() ? recording_.info().spec_file : options.specs.front();
  const ParameterValues given = parameters_of(options.parameters, argument, source);
  ParameterValues parameters = recording_.info().parameters;
  for (const auto& [name, value] : given) parameters[name] = value;
  if (!options.specs.empty()) parameters = given;
  spec_ = parse_spec(source, parameters, MissingParameters::use_example, diagnostics);
  diagnostics.throw_if_failed();

  warn_of_globals(given);
  warn_of_numbering();
  if (options.specs.empty()) keep_to_stdout();
  pipeline_ = std::make_unique<Pipeline>(*spec_, recording_.object(), recording_.info().possible_cpus,
                                         options, sinks, diagnostics);
  diagnostics.throw_if_failed();
}

void Replay::warn(std::string what, std::string hint) {
  warnings_.push_back({Diagnostic::Severity::warning, std::move(what), std::move(hint), std::nullopt});
}

// A recording may come from anyone, so its own spec does not choose files to write.
void Replay::keep_to_stdout() {
  std::string first;
  std::size_t more = 0;
  for (OutputSpec& output : spec_->outputs) {
    if (!output.to || **output.to == "stdout" || **output.to == "stderr") continue;
    if (first.empty()) {
      first = escape_for_terminal(**output.to);
    } else {
      ++more;
    }
    output.to.reset();
  }
  if (first.empty()) return;
  warn(fmt::format("ignoring the target {}{} in the recording's spec; the output goes to stdout", first,
                   more == 0 ? "" : fmt::format(" and {} more", more)),
       "to write to files, use your own spec: probe-run --replay FILE SPEC");
}

// Parameters that set global variables only had an effect in the recorded run.
void Replay::warn_of_globals(const ParameterValues& given) {
  for (const auto& [name, parameter] : spec_->parameters) {
    if (!parameter.global || !given.contains(*name)) continue;
    warn(fmt::format("--set {} does not change a recording: it sets a global variable of the object", *name),
         "the recorded events had already passed the object's filters");
  }
}

// Names of errors and signals come from the C library of this machine.
void Replay::warn_of_numbering() {
  utsname here{};
  const std::string& there = recording_.info().machine;
  if (::uname(&here) != 0 || numbering(there) == numbering(here.machine)) return;
  warn(fmt::format("it was recorded on {}, whose numbers of errors and signals differ from those of {}: with "
                   "\"as\": \"errno\" or \"signal\" their names may be wrong",
                   escape_for_terminal(there), here.machine),
       "show them as numbers, or replay on a machine of that architecture");
}

Replay::Outcome Replay::play(ReplayPace& pace) {
  Playback playback(*pipeline_, pace, duration_);
  const auto stop = [&] {
    return playback.stopped() || pace.stopped() || pipeline_->complete() || pipeline_->unread() ||
           !sinks_.failure().empty();
  };
  const auto wait = [&](int fd) { return pace.wait_for_input(fd); };
  std::string damage = recording_.play(playback, stop, wait);
  if (!stop()) pipeline_->counters_read();
  sinks_.patience().finish(pace.stopped());
  pipeline_->finish();
  sinks_.finish();
  return {pipeline_->figures(), playback.elapsed(), pipeline_->unread(), pipeline_->take_warnings(),
          std::move(damage)};
}

Diagnostic damage_warning(const std::string& recording, const std::string& damage) {
  return {Diagnostic::Severity::warning, fmt::format("{}: {}", escape_for_terminal(recording), damage),
          "everything before that was shown", std::nullopt};
}

}  // namespace probe_run
