// A run: loads and attaches the programs of specs and prints what they report, until it is stopped.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "command/command.h"
#include "engine/confinement.h"
#include "engine/event_loop.h"
#include "engine/own_metrics.h"
#include "engine/run_report.h"
#include "engine/stats_file.h"
#include "sink/terminal.h"
#include "support/clock.h"
#include "support/descriptors.h"
#include "support/rights.h"
#include "support/status.h"
#include "support/stop_signal.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

void announce(const LiveProbe& probe) {
  constexpr std::size_t most_characters = 80;  // the line is for a terminal
  std::vector<std::string> points = probe.attached();
  const std::size_t count = points.size();
  if (count == 0) return;  // a warning reports it
  std::size_t shown = 0;
  for (std::size_t length = 0;
       shown < count && (shown == 0 || length + points[shown].size() <= most_characters); ++shown) {
    length += points[shown].size();
  }
  if (shown < count) {
    points.resize(shown);
    points.push_back(fmt::format("{} more", count - shown));
  }
  print_status(Patience::of_a_run, "{}: attached to {}", escape_for_terminal(probe.name()),
               join(views(points)));
}

// Serves metrics at the address of --listen, or else of the specs; nullptr for neither.
std::unique_ptr<HttpEndpoint> open_endpoint(const std::vector<std::unique_ptr<CompiledSpec>>& compiled,
                                            const Options& options) {
  std::optional<std::string> wanted = options.listen;
  for (const std::unique_ptr<CompiledSpec>& spec : compiled) {
    const std::optional<Located<std::string>>& listen = spec->spec.listen;
    if (options.listen || !listen) continue;
    if (wanted && *wanted != **listen) {
      throw Error(fmt::format("the specs have different \"listen\" addresses: {} and {}",
                              escape_for_terminal(*wanted), escape_for_terminal(**listen)),
                  "choose one with --listen ADDRESS");
    }
    wanted = **listen;
  }
  if (!wanted) return nullptr;
  const std::optional<ListenAddress> address = parse_listen_address(*wanted);
  if (!address) throw listen_mistake(*wanted);
  const InForce raised = raise_rights({Capability::net_bind_service});
  return std::make_unique<HttpEndpoint>(*address, PermittedHosts(options.allowed_hosts));
}

// Checks a spec before any is loaded and opens its outputs, which other specs may use. `files` gets what it reads: no
// output of any spec may be there. Throws Error.
void check_alone(const NamedSpec& spec, const Options& options, LibbpfLog& log, FileUses& files) {
  SinkSet sinks(SinkSet::Kind::null);
  static_cast<void>(compile_spec(spec, options, MissingParameters::refuse, log, sinks));
  files.reads_as(sinks.files());
}

void say_ways(const LiveProbe& probe) {
  for (const std::string& reason : probe.passed_over())
    print_status(Patience::of_a_run, "{}: skipped: {}", escape_for_terminal(probe.name()), reason);
}

std::vector<LiveProbe*> pointers_to(std::list<LiveProbe>& probes) {
  std::vector<LiveProbe*> pointers;
  for (LiveProbe& probe : probes) pointers.push_back(&probe);
  return pointers;
}

}  // namespace

int run(const Options& options) {
  raise_descriptor_limit();
  LibbpfLog log;
  SinkSet sinks(SinkSet::Kind::real);
  RunReport report_of_run(options);
  const std::vector<NamedSpec> named = read_specs(options);
  std::vector<std::unique_ptr<CompiledSpec>> compiled;
  std::vector<SpecReport*> reports;
  reports.reserve(named.size());
  for (const NamedSpec& spec : named) reports.push_back(&report_of_run.add(spec.name));
  // A mistake in one spec keeps all from running: what was meant is not known.
  const auto each = [&](auto&& step) {
    for (std::size_t i = 0; i < named.size(); ++i) {
      try {
        step(named[i]);
      } catch (const Error& error) {
        report_of_run.wrong(*reports[i], error);
      }
    }
    return report_of_run.exit_code() == exit_ok;
  };
  const bool valid = !report_of_run.several() ||
                     each([&](const NamedSpec& spec) { check_alone(spec, options, log, sinks.files()); });
  if (valid) {
    claim_option(sinks.files(), "--record", options.record, FileUses::Use::recording);
    claim_option(sinks.files(), "--stats", options.stats, FileUses::Use::stats);
  }
  if (!valid || !each([&](const NamedSpec& spec) {
        auto one = compile_spec(spec, options, MissingParameters::refuse, log, sinks);
        sinks.open_files();
        compiled.push_back(std::move(one));
      })) {
    report_of_run.summarise();
    if (report_of_run.several()) print_status(Patience::of_a_run, "nothing was attached");
    return report_of_run.exit_code();
  }

  const OwnMemory memory;
  // Before anything is loaded, because they can fail.
  StatsFile stats(options.stats, sinks.patience());
  const std::unique_ptr<HttpEndpoint> endpoint = open_endpoint(compiled, options);
  Interlude interlude;
  Confinement confinement(sinks.files(), !options.no_sandbox);
  std::list<LiveProbe> probes;
  take_stop_signals();  // before the first attach: some attachments outlive the process
  try {
    for (std::size_t i = 0; i < compiled.size() && !report_of_run.ends_all(); ++i) {
      LiveProbe& probe = probes.emplace_back(std::move(compiled[i]), *reports[i], interlude);
      try {
        probe.start(options);
        report(probe.warnings(), Patience::of_a_run);
      } catch (const Error& error) {
        probes.pop_back();
        report_of_run.refused(*reports[i], error);
      }
    }
  } catch (const Stopped&) {
    detach_all(pointers_to(probes));
    sinks.begin({});
    sinks.patience().finish(true);
    sinks.finish();  // whole documents, without rows
    if (!options.quiet) print_status(Patience::of_a_run, "stopped before the start; nothing is attached");
    return report_of_run.exit_code();
  }
  if (probes.empty() || report_of_run.ends_all()) {
    detach_all(pointers_to(probes));
    report_of_run.summarise();
    return report_of_run.exit_code();
  }
  sinks.begin({.recorded = !options.record.empty(), .served = endpoint != nullptr});
  for (LiveProbe& probe : probes) {
    probe.begin_recording();
    probe.keep_pins();
  }
  confinement.enter(probes, sinks.files());
  if (!options.quiet) {
    for (const LiveProbe& probe : probes) {
      say_ways(probe);
      announce(probe);
    }
    if (endpoint) print_status(Patience::of_a_run, "metrics at {}", endpoint->url());
  }
  sinks.metrics().set_own([&, started = clock_ns(CLOCK_REALTIME)](std::vector<MetricFamily>& families) {
    for (LiveProbe& probe : probes) probe.read_counters();
    add_own_metrics(probes, report_of_run, endpoint.get(), memory, started, families);
  });
  const std::int64_t begin = monotonic_now();
  run_event_loop(probes, sinks, options, endpoint.get(), interlude, report_of_run);
  const Duration elapsed(monotonic_now() - begin);

  Figures figures;
  for (LiveProbe& probe : probes) {
    figures += probe.report().figures = probe.figures();
    report(probe.last_warnings(), Patience::of_a_run);
    report(probe.missed_warnings(), Patience::of_a_run);
  }
  figures.not_written = sinks.not_written();  // specs may share a target
  // If the reader of stdout has exited, it probably does not read stderr either.
  const bool unread =
      std::all_of(probes.begin(), probes.end(), [](const auto& probe) { return probe.unread(); });
  if (!options.quiet && !unread) print_status(Patience::of_a_run, "{}", to_text(figures, elapsed));
  if (!unread) {
    for (LiveProbe& probe : probes) {
      if (const std::string failure = probe.failure(); !failure.empty())
        report_of_run.failed(probe.report(), failure, probe.broken());
    }
  }
  stats.write(report_of_run.specs(), elapsed, confinement.to_json());
  report_of_run.summarise();
  return report_of_run.exit_code();
}

}  // namespace probe_run
