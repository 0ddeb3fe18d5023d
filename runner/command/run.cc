// The main job: load, attach, show, until told to stop.
#include <fmt/format.h>

#include <csignal>
#include <cstdio>

#include "command/command.h"
#include "command/event_loop.h"
#include "command/own_metrics.h"
#include "command/stats_file.h"
#include "command/stop_signal.h"
#include "support/clock.h"
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

// Where the command line, or else the specs, want metrics to be served.
std::unique_ptr<HttpEndpoint> open_endpoint(const std::vector<std::unique_ptr<CompiledSpec>>& compiled,
                                            const Options& options) {
  std::optional<std::string> wanted = options.listen;
  for (const std::unique_ptr<CompiledSpec>& spec : compiled) {
    const std::optional<Located<std::string>>& listen = spec->spec.listen;
    if (options.listen || !listen) continue;
    if (wanted && *wanted != **listen) {
      throw Error(fmt::format("the specs want their metrics to be served at {} and at {}",
                              escape_for_terminal(*wanted), escape_for_terminal(**listen)),
                  "--listen ADDRESS decides");
    }
    wanted = **listen;
  }
  if (!wanted) return nullptr;
  const std::optional<ListenAddress> address = parse_listen_address(*wanted);
  if (!address) throw listen_mistake(*wanted);
  return std::make_unique<HttpEndpoint>(*address);
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

  // What can fail without a trace in the kernel comes first.
  const std::unique_ptr<HttpEndpoint> endpoint = open_endpoint(compiled, options);
  std::list<LiveProbe> probes;
  for (std::unique_ptr<CompiledSpec>& spec : compiled) {
    LiveProbe& probe = probes.emplace_back(std::move(spec), options);
    report(probe.warnings());
  }
  for (LiveProbe& probe : probes) probe.keep_pins();
  take_stop_signals();
  if (!options.quiet) {
    for (const LiveProbe& probe : probes) announce(probe);
    if (endpoint) fmt::print(stderr, "probe-run: metrics at {}\n", endpoint->url());
  }
  sinks.metrics().set_own([&, started = clock_ns(CLOCK_REALTIME)](std::vector<MetricFamily>& families) {
    add_own_metrics(probes, endpoint.get(), started, families);
  });
  const std::int64_t begin = monotonic_now();
  run_event_loop(probes, sinks, options, endpoint.get());
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
