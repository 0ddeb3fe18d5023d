// Passes a recording to the pipeline: fills the table of recorded names, waits for recorded times, and ends the
// replay.
#pragma once

#include <algorithm>
#include <optional>

#include "engine/pipeline.h"
#include "engine/replay_pace.h"
#include "source/recorded_names.h"

namespace probe_run {

class Playback final : public EventConsumer {
 public:
  // `duration` is of recorded time.
  Playback(Pipeline& next, ReplayPace& pace, std::optional<Duration> duration)
      : next_(next), pace_(pace), duration_(duration) {
    next_.set_names(names_);
  }

  // Further records are ignored.
  bool stopped() const { return stopped_; }
  // Of the recorded run, as far as it was played.
  Duration elapsed() const { return Duration(last_ - first_.value_or(last_)); }

  bool record(std::uint32_t map, std::span<const std::byte> bytes) noexcept override {
    return !stopped_ && next_.record(map, bytes);
  }
  bool begin_read(std::uint32_t map, ReadFor whom) noexcept override {
    return !stopped_ && next_.begin_read(map, whom);
  }
  bool entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept override {
    return !stopped_ && next_.entry(map, bytes);
  }
  bool taken_entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept override {
    return !stopped_ && next_.taken_entry(map, bytes);
  }
  bool end_read(std::uint32_t map, const ReadEnd& end) noexcept override {
    return !stopped_ && next_.end_read(map, end);
  }
  void lost(std::uint32_t map, std::uint64_t count) noexcept override {
    if (!stopped_) next_.lost(map, count);
  }
  void dropped(std::uint32_t map, std::uint64_t total) noexcept override {
    if (!stopped_) next_.dropped(map, total);
  }
  void missed(const Missed& total) noexcept override {
    if (!stopped_) next_.missed(total);
  }
  void slept(std::int64_t total) noexcept override {
    if (!stopped_) next_.slept(total);
  }
  void stopping() noexcept override {
    if (!stopped_) next_.stopping();
  }
  void name(NameKind kind, std::span<const std::byte> key, std::string_view value) noexcept override {
    if (!stopped_) names_.add(kind, key, value);
  }

  void time(std::int64_t monotonic, std::int64_t to_wall) noexcept override {
    // As in a run, --count ends the replay at its last event.
    if (stopped_ || next_.complete()) return;
    if (!first_) {
      first_ = last_ = monotonic;
      to_wall_ = to_wall;
    }
    const bool last = duration_ && monotonic - *first_ >= duration_->count();
    if (last) monotonic = *first_ + duration_->count();
    if (!pass_silence(monotonic) || !advance(monotonic, to_wall)) return;
    stopped_ = last;
  }

 private:
  // At most a day of seconds: a damaged recording may contain any times.
  static constexpr int longest_silence = 86'400;

  // Idle time is not recorded, but intervals of outputs end in it: each ends when it did in the run, at every
  // speed. False: stop here.
  bool pass_silence(std::int64_t until) noexcept {
    for (int intervals = 0; intervals < longest_silence; ++intervals) {
      const std::optional<std::int64_t> deadline = next_.deadline();
      if (!deadline || *deadline >= until) return true;
      if (pace_.stopped() || !advance(std::max(*deadline, last_), to_wall_)) return false;
    }
    return true;
  }

  bool advance(std::int64_t monotonic, std::int64_t to_wall) noexcept {
    stopped_ = !pace_.wait_until(monotonic - *first_);
    if (stopped_) return false;
    last_ = monotonic;
    to_wall_ = to_wall;
    next_.time(monotonic, to_wall);
    return true;
  }

  Pipeline& next_;
  ReplayPace& pace_;
  std::optional<Duration> duration_;
  RecordedNames names_;
  std::optional<std::int64_t> first_;  // CLOCK_MONOTONIC of the recorded machine
  std::int64_t last_ = 0, to_wall_ = 0;
  bool stopped_ = false;
};

}  // namespace probe_run
