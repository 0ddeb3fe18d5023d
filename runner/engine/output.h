// What consumes the rows of an input: each output of a spec writes them as lines (LineOutput) or keeps metrics of them
// (MetricOutput).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "decode/renderer.h"
#include "engine/figures.h"
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
  // CLOCK_MONOTONIC: ends intervals.
  virtual void time(std::int64_t monotonic) noexcept = 0;
  // When time() has something to do next; nullopt for never.
  virtual std::optional<std::int64_t> deadline() const = 0;
  // Shows what has not been shown yet.
  virtual void finish() noexcept = 0;

  // It has a state, which somebody may ask for at any moment, so that maps are read for it alone (ReadFor::metrics).
  virtual bool is_state() const noexcept = 0;
  // Of the reads of a map it shows the last, and needs none before that.
  virtual bool needs_last_read_only() const = 0;

  // What went wrong where it writes; "" for nothing.
  virtual std::string failure() const = 0;
  // Nobody reads what it writes any more.
  virtual bool unread() const noexcept = 0;
  // Where a line about the whole run may follow its rows; nullptr where its format has no such lines.
  virtual Sink* summary_sink() const noexcept { return nullptr; }

  const View& view() const { return view_; }
  // Adds what it left out.
  virtual void add_to(Figures& figures) const {
    figures.ungrouped += view_.overflow();
    figures.sampled_out += view_.selection().sampled_out();
    figures.rate_limited += view_.selection().rate_limited();
  }

 protected:
  // `plan` is of the rows that come. It and `context` must outlive the output. Reports what does not fit.
  Output(const OutputSpec& spec, const Plan& plan, View::Arrival arrival, const RenderContext& context,
         Diagnostics& diagnostics)
      : view_(spec, plan, arrival, diagnostics), context_(context) {}

  View view_;
  const RenderContext& context_;
};

}  // namespace probe_run
