// A consumer of the rows of an input: each output of a spec writes them as lines (LineOutput) or keeps metrics of
// them (MetricOutput).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "decode/renderer.h"
#include "engine/figures.h"
#include "support/error.h"
#include "support/interlude.h"
#include "view/view.h"

namespace probe_run {

class Sink;

class Output {
 public:
  virtual ~Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  virtual void row(Bytes row) noexcept = 0;
  virtual void begin_read() noexcept = 0;
  virtual void end_read() noexcept = 0;
  // Passes CLOCK_MONOTONIC, which ends intervals.
  virtual void time(std::int64_t monotonic) noexcept = 0;
  // When time() has something to do next; nullopt for never.
  virtual std::optional<std::int64_t> deadline() const = 0;
  // What follows is the last.
  virtual void stopping() noexcept {}
  // Acts between any two of many rows that are shown together. Must outlive the output's use.
  void set_interlude(Interlude& interlude) { interlude_ = &interlude; }
  // Shows everything that has not been shown yet.
  virtual void finish() noexcept = 0;

  // It has a state that can be requested at any time, so that maps are read for it alone (ReadFor::metrics).
  virtual bool is_state() const noexcept = 0;
  // It shows only the last read of a map, and does not need earlier ones.
  virtual bool needs_last_read_only() const = 0;

  // The error of its sink; "" for none.
  virtual std::string failure() const = 0;
  // The reader of its target closed it.
  virtual bool unread() const noexcept = 0;
  // For a line about the whole run after its rows; nullptr if its format has no such lines.
  virtual Sink* summary_sink() const noexcept { return nullptr; }

  const View& view() const { return view_; }
  // Where its lines go, which other outputs may share; nullptr if it writes no lines.
  virtual const Sink* line_sink() const noexcept { return nullptr; }

  // Of the user's interest while it runs: returned once. nullopt for nothing.
  virtual std::optional<Diagnostic> take_warning() { return std::nullopt; }

  // Adds the counts of rows that it dropped.
  virtual void add_to(Figures& figures) const {
    figures.ungrouped += view_.overflow();
    figures.sampled_out += view_.selection().sampled_out();
    figures.rate_limited += view_.selection().rate_limited();
  }

 protected:
  // `plan` describes the rows. It and `context` must outlive the output. Reports mistakes.
  Output(const OutputSpec& spec, const Plan& plan, View::Arrival arrival, const RenderContext& context,
         Diagnostics& diagnostics)
      : view_(spec, plan, arrival, diagnostics), context_(context) {}

  View view_;
  const RenderContext& context_;
  Interlude* interlude_ = nullptr;  // none in a replay, where nothing waits
};

}  // namespace probe_run
