// The main job: load, attach, show, until told to stop.
#include <fmt/format.h>

#include <csignal>
#include <cstdio>

#include "command/command.h"
#include "command/event_loop.h"
#include "command/stats_file.h"
#include "command/stop_signal.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

void announce(const LiveProbe& probe) {
  constexpr std::size_t most_characters = 80;  // the line is for a terminal
  std::vector<std::string> points = probe.attached();
  const std::size_t count = points.size();
  std::size_t shown = 0;
  for (std::size_t length = 0;
       shown < count && (shown == 0 || length + points[shown].size() <= most_characters); ++shown) {
    length += points[shown].size();
  }
  if (shown < count) {
    points.resize(shown);
    points.push_back(fmt::format("{} more", count - shown));
  }
  fmt::print(stderr, "probe-run: {}: attached to {}\n", escape_for_terminal(probe.name()),
             join(views(points)));
}

}  // namespace

int run(const Options& options) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an EPIPE of the sink
  LibbpfLog log;
  SinkSet sinks(SinkSet::Kind::real);
  std::vector<std::unique_ptr<CompiledSpec>> compiled;
  std::vector<Diagnostic> mistakes;
  for (const std::string& name : options.specs) {
    try {
      compiled.push_back(compile_spec(name, options, MissingParameters::refuse, log, sinks));
    } catch (const Error& error) {
      mistakes.insert(mistakes.end(), error.diagnostics().begin(), error.diagnostics().end());
    }
  }
  if (!mistakes.empty()) {
    report(mistakes);
    return exit_invalid;
  }

  std::list<LiveProbe> probes;
  for (std::unique_ptr<CompiledSpec>& spec : compiled) {
    LiveProbe& probe = probes.emplace_back(std::move(spec), options);
    report(probe.warnings());
  }
  take_stop_signals();
  if (!options.quiet) {
    for (const LiveProbe& probe : probes) announce(probe);
  }
  const std::int64_t begin = monotonic_now();
  run_event_loop(probes, sinks, options);
  const Duration elapsed(monotonic_now() - begin);

  if (!options.quiet && !sinks.closed()) {
    Figures figures;
    for (const LiveProbe& probe : probes) figures += probe.figures();
    fmt::print(stderr, "probe-run: {}\n", to_text(figures, elapsed));
  }
  if (!options.stats.empty()) {
    std::vector<std::pair<std::string, Figures>> specs;
    for (const LiveProbe& probe : probes) specs.emplace_back(probe.name(), probe.figures());
    write_stats(options.stats, specs, elapsed);
  }
  if (sinks.closed()) return exit_ok;
  if (const std::string failure = sinks.failure(); !failure.empty()) throw Error(failure);
  for (const LiveProbe& probe : probes) {
    if (const std::string failure = probe.failure(); !failure.empty()) throw Error(failure);
  }
  return exit_ok;
}

}  // namespace probe_run
