// An output whose rows are text, written to its sink.
#pragma once

#include <memory>
#include <optional>

#include "engine/input.h"
#include "engine/output.h"
#include "format/format.h"
#include "sink/sink.h"

namespace probe_run {

class LineOutput final : public Output {
 public:
  // Shows the rows of `input`, which must outlive the output, as must `sink` and `context`. Reports mistakes.
  LineOutput(const OutputSpec& spec, const Input& input, OutputFormat format, Sink& sink,
             const RenderContext& context, Diagnostics& diagnostics);

  // The title of a live table: the spec, and how often it is drawn.
  void set_title(const std::string& name, std::optional<Duration> interval);

  void row(Bytes row) noexcept override;
  void begin_read() noexcept override;
  void end_read() noexcept override;
  void time(std::int64_t monotonic) noexcept override;
  std::optional<std::int64_t> deadline() const override { return view_.deadline(); }
  void stopping() noexcept override { stopping_ = true; }
  void finish() noexcept override;
  void add_to(Figures& figures) const override;
  bool is_state() const noexcept override { return false; }
  bool needs_last_read_only() const override { return view_.only_at_exit(); }
  std::string failure() const override { return sink_.failure(); }
  bool unread() const noexcept override { return sink_.closed(); }
  const Sink* line_sink() const noexcept override { return &sink_; }
  Sink* summary_sink() const noexcept override { return takes_summary_ ? &sink_ : nullptr; }

 private:
  void begin() noexcept;
  void follow_sink() noexcept;
  void print(Bytes row) noexcept;
  void show_batch() noexcept;
  void show_last_batch() noexcept;

  const Input& input_;
  Sink& sink_;
  std::unique_ptr<Format> format_;
  bool begun_ = false;
  std::uint32_t generation_ = 0;  // of the sink, when begin() was called
  std::int64_t now_ = 0;          // CLOCK_MONOTONIC
  bool stopping_ = false;
  bool shown_ = false;                     // a batch
  std::optional<std::int64_t> last_read_;  // CLOCK_MONOTONIC
  std::optional<Duration> partial_;        // of the last read, if it came before its interval ended
  std::uint64_t left_out_ = 0;             // rows of a partial interval
  bool takes_summary_ = false;
  bool keeps_together_ = false;
  TextBuffer batch_;  // the rows that are kept together
};

}  // namespace probe_run
