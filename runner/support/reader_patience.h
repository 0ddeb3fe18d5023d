// How long a run waits for a reader that takes nothing: a pipe that is full, a stopped terminal. One for everything
// that a run writes.
#pragma once

#include <cstdint>
#include <optional>

namespace probe_run {

class ReaderPatience {
 public:
  // Before the end, a reader is waited for until a signal comes, or CLOCK_MONOTONIC is `end`. With `others`, which must
  // not wait for it, only for a second.
  void set_end(std::optional<std::int64_t> end) noexcept { end_ = end; }
  void set_others(bool others) noexcept { others_ = others; }
  // Others go on now: what a reader does not take should be kept for it rather than waited for.
  bool has_others() const noexcept { return others_ && !any_time_ && !finishing(); }
  // Nothing is lost meanwhile, as in a replay: only a signal ends the wait.
  void take_any_time() noexcept { any_time_ = true; }

  // The run ends. After a signal, which may also come later, a reader has a second to take something, and ten to take
  // everything; otherwise five seconds to take something.
  void finish(bool signalled) noexcept;
  bool finishing() const noexcept { return finish_began_.has_value(); }

  // A turn of the event loop begins, in which others wait for 50 ms at most.
  void begin_turn() noexcept;

  // Waits until `fd` can be written to. `since` is when its reader last took something. later: in another turn, or when
  // the signal that came was taken.
  enum class Waited { writable, in_vain, later };
  Waited wait(int fd, std::int64_t since) noexcept;

 private:
  std::optional<std::int64_t> limit(std::int64_t since) const noexcept;

  bool any_time_ = false;
  bool others_ = false;
  std::int64_t left_in_turn_ = 0;
  std::optional<std::int64_t> end_;
  std::optional<std::int64_t> finish_began_;
  std::optional<std::int64_t> signalled_;
};

}  // namespace probe_run
