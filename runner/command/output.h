// One output of a spec: rows in, text out to its sink.
#pragma once

#include <memory>
#include <optional>

#include "format/format.h"
#include "sink/sink.h"
#include "view/group_table.h"
#include "view/row_batch.h"

namespace probe_run {

class Output {
 public:
  // How its rows come: one by one without end, or together, one read of a map after the other.
  enum class Arrival { stream, reads };

  // `plan` is of the rows that come, and must outlive the output, as must `sink`. Reports what does not fit.
  Output(const OutputSpec& spec, const Plan& plan, Arrival arrival, OutputFormat format, Sink& sink,
         Diagnostics& diagnostics);

  void row(Bytes row, const RenderContext& context) noexcept;
  void begin_read() noexcept;
  void end_read(const RenderContext& context) noexcept;
  // Shows the groups of an interval that has ended.
  void time(std::int64_t monotonic, const RenderContext& context) noexcept;
  void finish(const RenderContext& context) noexcept;

  // Where a line about the whole run may stand behind the rows: nullptr where the format has no such lines.
  Sink* summary_sink() const { return takes_summary_ ? &sink_ : nullptr; }

  // Of a polled map's output: only its last read is shown.
  bool only_at_exit() const { return at_exit_; }
  // When time() has something to do next; nullopt for never.
  std::optional<std::int64_t> deadline() const { return deadline_; }
  // Records that came when no further group could be made.
  std::uint64_t overflow() const { return groups_ ? groups_->overflow() : 0; }

 private:
  void check(const OutputSpec& spec, Arrival arrival, Diagnostics& diagnostics) const;
  Sort compile_sort(const OutputSpec& spec, const Plan& plan, Diagnostics& diagnostics) const;
  void begin() noexcept;
  void print(Bytes row, const RenderContext& context) noexcept;
  void show_batch(const RenderContext& context) noexcept;
  void show_groups(const RenderContext& context) noexcept;

  Sink& sink_;
  std::unique_ptr<GroupTable> groups_;  // its plan must not move
  std::optional<Format> format_;
  bool batched_ = false;  // rows are shown together
  bool at_exit_ = false;
  Sort sort_;
  std::optional<std::uint64_t> limit_;
  RowBatch batch_;
  Duration interval_{0};
  std::optional<std::int64_t> deadline_;
  bool begun_ = false;
  bool takes_summary_ = false;
};

}  // namespace probe_run
