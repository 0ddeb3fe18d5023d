// Plays a recording through the same pipeline as a run.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/figures.h"
#include "engine/options.h"
#include "engine/pipeline.h"
#include "engine/replay_pace.h"
#include "source/recording_reader.h"

namespace probe_run {

class Replay {
 public:
  // Reads the head of the recording and compiles the spec of `options`, or the recording's own. Throws Error.
  // `sinks` must outlive the replay.
  Replay(const Options& options, SinkSet& sinks);
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  const std::string& name() const { return *spec_->name; }
  const std::vector<Diagnostic>& warnings() const { return warnings_; }

  struct Outcome {
    Figures figures;
    Duration elapsed{};   // between the first and the last record played
    bool unread = false;  // nobody reads its outputs any more
    std::vector<Diagnostic> warnings;
    std::string damage;  // of the recording; "" for none. Everything before it was shown.
  };
  // Shows everything, including last outputs, and flushes the sinks. Call it once.
  Outcome play(ReplayPace& pace);

 private:
  void keep_to_stdout();
  void warn_of_globals(const ParameterValues& given);
  void warn_of_numbering();
  void warn(std::string what, std::string hint);

  SinkSet& sinks_;
  RecordingReader recording_;
  std::optional<Duration> duration_;
  std::optional<Spec> spec_;
  std::unique_ptr<Pipeline> pipeline_;
  std::vector<Diagnostic> warnings_;
};

// The warning about an incomplete recording.
Diagnostic damage_warning(const std::string& recording, const std::string& damage);

}  // namespace probe_run
