// Everything of one spec after the source: decode, view, format, sink. The same for a run, a replay and a check.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "engine/figures.h"
#include "engine/input.h"
#include "engine/options.h"
#include "engine/output.h"
#include "engine/sink_set.h"
#include "support/error.h"

namespace probe_run {

class Pipeline : public EventConsumer {
 public:
  // Compiles all plans and outputs; reports mistakes. `spec`, `object` and `sinks` must outlive the pipeline.
  Pipeline(const Spec& spec, const ObjectDescription& object, std::uint32_t possible_cpus,
           const Options& options, SinkSet& sinks, Diagnostics& diagnostics);

  // Maps that are read, and printed lines.
  const std::deque<Input>& inputs() const { return inputs_; }
  const std::vector<std::unique_ptr<Output>>& outputs() const { return outputs_; }
  // What outputs have to report, each once.
  std::vector<Diagnostic> take_warnings();

  bool record(std::uint32_t map, std::span<const std::byte> bytes) noexcept override;
  void lost(std::uint32_t map, std::uint64_t count) noexcept override;
  bool begin_read(std::uint32_t map, ReadFor whom) noexcept override;
  bool entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept override {
    return add_entry(map, bytes, false);
  }
  bool taken_entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept override {
    return add_entry(map, bytes, true);
  }
  bool end_read(std::uint32_t map, const ReadEnd& end) noexcept override;
  void dropped(std::uint32_t map, std::uint64_t total) noexcept override;
  void missed(const Missed& total) noexcept override { missed_ = total; }
  void time(std::int64_t monotonic, std::int64_t to_wall) noexcept override;
  void slept(std::int64_t total) noexcept override;
  void stopping() noexcept override;
  void name(NameKind, std::span<const std::byte>, std::string_view) noexcept override {
  }  // set_names() has them

  // The names that renderers look up. Must outlive the pipeline's use.
  void set_names(Names& names) { context_.names = &names; }
  // Acts between any two of many rows that an output shows together. Must outlive the pipeline's use.
  void set_interlude(Interlude& interlude);
  // The names they need, to be prepared before the first event.
  std::vector<NameKind> asked_names() const;

  // All counters of objects have come that could be read. Not called by a replay that ends early: what it showed has
  // been counted.
  void counters_read() noexcept { counters_read_ = true; }
  // The last outputs.
  void finish() noexcept;

  // The first error of an output's sink; "" for none.
  std::string output_failure() const;
  // It has outputs, and each has lost its readers.
  bool unread() const noexcept;

  // --count is reached, and the read that it counted last has ended: further events are ignored.
  bool complete() const { return full() && !reads_; }
  std::optional<std::int64_t> deadline() const;
  Figures figures() const;

 private:
  // nullptr if the spec does not read it.
  Input* input(std::uint32_t map) noexcept {
    if (map == printk_lines) return lines_;
    return map < by_map_.size() ? by_map_[map] : nullptr;
  }
  bool full() const { return limit_ && taken_ >= *limit_; }
  void observe_boot_clock() noexcept;
  bool take() noexcept;
  bool add_entry(std::uint32_t map, std::span<const std::byte> bytes, bool taken) noexcept;
  void count(Fit fit) noexcept;

  RenderContext context_;
  std::deque<Input> inputs_;  // a deque, for stable pointers
  std::vector<Input*> by_map_;
  Input* lines_ = nullptr;  // nullptr: no output shows printed lines
  std::vector<std::unique_ptr<Output>> outputs_;
  std::int64_t now_ = 0;  // CLOCK_MONOTONIC
  std::int64_t to_wall_ = 0, slept_ = 0;
  std::optional<std::uint64_t> limit_;
  std::uint64_t taken_ = 0;
  bool reads_ = false;  // a read for everyone has begun: records may come within it
  Missed missed_;
  bool counters_read_ = false;
  Figures figures_;
};

}  // namespace probe_run
