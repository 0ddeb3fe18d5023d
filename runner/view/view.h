// Decides which rows an output shows, and when: groups, order, limit, intervals.
//
// Rows are added one by one. Each call returns whether something is to be shown now.
#pragma once

#include <memory>
#include <optional>

#include "support/duration.h"
#include "support/source_text.h"
#include "view/group_table.h"
#include "view/row_batch.h"
#include "view/selection.h"

namespace probe_run {

struct OutputSpec;

class View {
 public:
  // How its rows arrive: one by one without end, or together, one read of a map after the other.
  enum class Arrival { stream, reads };

  // `plan` describes the input rows, and must outlive the view. Reports mistakes.
  View(const OutputSpec& spec, const Plan& plan, Arrival arrival, Diagnostics& diagnostics);

  // Describes the rows that are shown.
  const Plan& plan() const { return groups_ ? groups_->plan() : plan_; }
  // Rows are shown together, not one by one.
  bool batched() const { return batched_; }

  // True: show this row now, unchanged. `context` is for text that only renderers provide.
  bool row(Bytes row, const RenderContext& context) noexcept;
  void begin_read() noexcept;
  // True: show the rows of for_each() now, together.
  bool end_read() noexcept;
  bool time(std::int64_t monotonic) noexcept;  // an interval ended
  bool finish() noexcept;                      // the end of the run; called repeatedly for served metrics

  // The number of rows of for_each().
  std::size_t rows() const { return batch_.size(); }
  // In order; valid after a call that returned true, until the next row.
  template <class Consume>
  void for_each(Consume consume) const {
    batch_.for_each(consume);
  }

  // For a polled map: only its last read is shown.
  bool only_at_exit() const { return at_exit_; }
  // nullptr: rows are not grouped.
  const GroupTable* groups() const { return groups_.get(); }
  // When time() has something to do next; nullopt for never.
  std::optional<std::int64_t> deadline() const { return deadline_; }
  // Records beyond the limit on groups: they are in the row of all others.
  std::uint64_t overflow() const { return groups_ ? groups_->overflow() : 0; }
  const Selection& selection() const { return selection_; }

 private:
  void compile_groups(const OutputSpec& spec, Diagnostics& diagnostics);
  std::vector<const Field*> compile_keys(const OutputSpec& spec, Diagnostics& diagnostics) const;
  void begin_interval() noexcept;
  Sort compile_sort(const OutputSpec& spec, Diagnostics& diagnostics) const;
  bool arrange() noexcept;
  // The time since the groups, or their rates, began; nullopt if no time has passed.
  std::optional<double> seconds() const noexcept;

  const Plan& plan_;
  Selection selection_;
  std::unique_ptr<GroupTable> groups_;  // its plan must not move
  bool batched_ = false;
  bool at_exit_ = false;
  Sort sort_;
  std::optional<std::uint64_t> limit_;
  RowBatch batch_;
  bool cumulative_ = false;
  std::optional<std::int64_t> began_;  // the interval, by the clock of time()
  std::optional<std::int64_t> last_read_;
  std::int64_t now_ = 0;
  Duration interval_{0};
  std::optional<std::int64_t> deadline_;
};

}  // namespace probe_run
