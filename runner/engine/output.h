// One output of a spec: rows in, text out to its sink.
#pragma once

#include <memory>
#include <optional>

#include "format/format.h"
#include "sink/sink.h"
#include "view/view.h"

namespace probe_run {

class Output {
 public:
  // `plan` is of the rows that come, and must outlive the output, as must `sink`. Reports what does not fit.
  // `rates`: as in FormatRequest.
  Output(const OutputSpec& spec, const Plan& plan, View::Arrival arrival, bool rates, OutputFormat format,
         Sink& sink, Diagnostics& diagnostics);

  void row(Bytes row, const RenderContext& context) noexcept;
  void begin_read() noexcept { view_.begin_read(); }
  void end_read(const RenderContext& context) noexcept;
  // Shows the groups of an interval that has ended.
  void time(std::int64_t monotonic, const RenderContext& context) noexcept;
  void finish(const RenderContext& context) noexcept;

  // What a live table says above itself.
  void set_title(const std::string& name, std::optional<Duration> interval);

  // Where a line about the whole run may stand behind the rows: nullptr where the format has no such lines.
  Sink* summary_sink() const { return takes_summary_ ? &sink_ : nullptr; }

  const Sink& sink() const { return sink_; }
  const View& view() const { return view_; }

 private:
  void begin() noexcept;
  void follow_sink() noexcept;
  void print(Bytes row, const RenderContext& context) noexcept;
  void show_batch(const RenderContext& context) noexcept;

  Sink& sink_;
  View view_;
  std::unique_ptr<Format> format_;
  bool begun_ = false;
  std::uint32_t generation_ = 0;  // of the sink, when begin() was called
  std::int64_t now_ = 0;          // CLOCK_MONOTONIC
  bool takes_summary_ = false;
};

}  // namespace probe_run
