// Renders a recording.
#include "engine/replay.h"

#include <fmt/format.h>

#include "command/command.h"
#include "engine/stats_file.h"
#include "sink/terminal.h"
#include "support/status.h"
#include "support/stop_signal.h"

namespace probe_run {

int replay(const Options& options) {
  SinkSet sinks(SinkSet::Kind::real);
  claim_option(sinks.files(), "--stats", options.stats, FileUses::Use::stats);
  Replay replay(options, sinks);
  sinks.open_files();
  StatsFile stats(options.stats, sinks.patience());
  report(replay.warnings());
  take_stop_signals();
  sinks.patience().take_any_time();
  sinks.begin({});
  WatchedPace pace(options.speed, sinks);
  const Replay::Outcome outcome = replay.play(pace);
  SpecReport replayed;
  replayed.name = replay.name();
  replayed.figures = outcome.figures;
  stats.write({replayed}, outcome.elapsed);
  if (outcome.unread) return exit_ok;
  report(outcome.warnings);
  if (const std::string failure = sinks.failure(); !failure.empty()) throw Error(failure);
  if (!options.quiet) print_status(Patience::of_a_run, "{}", to_text(outcome.figures, outcome.elapsed));
  if (!outcome.damage.empty()) {
    report({damage_warning(options.replay == "-" ? "standard input" : options.replay, outcome.damage)});
    return exit_failed;
  }
  return exit_ok;
}

}  // namespace probe_run
