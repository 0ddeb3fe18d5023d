// Between a recording and the pipeline: names go to a table of their own, and the recorded time may be waited
// for or end the replay.
#pragma once

#include <optional>

#include "command/pipeline.h"
#include "command/replay_pace.h"
#include "source/recorded_names.h"

namespace probe_run {

class Playback final : public EventConsumer {
 public:
  // `duration` is of recorded time.
  Playback(Pipeline& next, ReplayPace& pace, std::optional<Duration> duration)
      : next_(next), pace_(pace), duration_(duration) {
    next_.set_names(names_);
  }

  // Nothing more is taken.
  bool stopped() const { return stopped_; }
  // Of the recorded run, as far as it was played.
  Duration elapsed() const { return Duration(last_ - first_.value_or(last_)); }

  bool record(std::uint32_t map, std::span<const std::byte> bytes) noexcept override {
    return !stopped_ && next_.record(map, bytes);
  }
  bool begin_read(std::uint32_t map) noexcept override { return !stopped_ && next_.begin_read(map); }
  bool entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept override {
    return !stopped_ && next_.entry(map, bytes);
  }
  bool taken_entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept override {
    return !stopped_ && next_.taken_entry(map, bytes);
  }
  bool end_read(std::uint32_t map, const ReadEnd& end) noexcept override {
    return !stopped_ && next_.end_read(map, end);
  }
  bool printk(std::span<const std::byte> line) noexcept override { return !stopped_ && next_.printk(line); }
  void lost(std::uint32_t map, std::uint64_t count) noexcept override {
    if (!stopped_) next_.lost(map, count);
  }
  void dropped(std::uint32_t map, std::uint64_t total) noexcept override {
    if (!stopped_) next_.dropped(map, total);
  }
  void stopping() noexcept override {
    if (!stopped_) next_.stopping();
  }
  void name(NameKind kind, std::span<const std::byte> key, std::string_view value) noexcept override {
    if (!stopped_) names_.add(kind, key, value);
  }

  void time(std::int64_t monotonic, std::int64_t to_wall) noexcept override {
    if (stopped_) return;
    if (!first_) first_ = last_ = monotonic;
    const bool last = duration_ && monotonic - *first_ >= duration_->count();
    if (last) monotonic = *first_ + duration_->count();
    // Nothing is shown at times that the recording does not have, so that every speed shows the same.
    stopped_ = !pace_.wait_until(monotonic - *first_);
    if (stopped_) return;
    last_ = monotonic;
    next_.time(monotonic, to_wall);
    stopped_ = last;
  }

 private:
  Pipeline& next_;
  ReplayPace& pace_;
  std::optional<Duration> duration_;
  RecordedNames names_;
  std::optional<std::int64_t> first_;  // CLOCK_MONOTONIC of the recorded machine
  std::int64_t last_ = 0;
  bool stopped_ = false;
};

}  // namespace probe_run
