// Decides which rows an output shows, and when: groups, order, limit, intervals.
//
// Rows are added one by one. Each call returns whether something is to be shown now.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "decode/field.h"
#include "filter/filter.h"
#include "spec/rate_limit.h"
#include "support/duration.h"
#include "support/source_text.h"
#include "view/group_table.h"

namespace probe_run {

// Selects the rows that an output processes: by "where", "sample" and "rate_limit", in this order.
struct OutputSpec;

// Limits the number of rows in a unit of time.
//
// A token bucket in whole numbers, so that the same times give the same decisions. It begins full, with the rows of
// one second, or with one row if that is less.
class TokenBucket {
 public:
  explicit TokenBucket(const RateLimit& limit);

  void time(std::int64_t monotonic) noexcept;  // nanoseconds; a step back is ignored
  // Takes the credit for one row. False: not enough.
  bool take() noexcept;

 private:
  // Credit is in rows times nanoseconds: each nanosecond adds `rows_`, each row costs `cost_`.
  std::int64_t rows_;
  std::int64_t cost_;
  std::int64_t most_;
  std::int64_t credit_;
  std::optional<std::int64_t> last_;
};

class Selection {
 public:
  // `plan` describes the rows and must outlive the selection. `batched`: they are not shown one by one. Reports
  // mistakes.
  Selection(const OutputSpec& spec, const Plan& plan, bool batched, Diagnostics& diagnostics);

  bool takes(Bytes row, const RenderContext& context) noexcept;
  void time(std::int64_t monotonic) noexcept;

  std::uint64_t sampled_out() const { return sampled_out_; }
  std::uint64_t rate_limited() const { return rate_limited_; }

 private:
  std::optional<Filter> filter_;
  std::uint64_t sample_ = 1;
  std::uint64_t until_next_ = 0;  // rows to skip before the next one
  std::optional<TokenBucket> bucket_;
  std::uint64_t sampled_out_ = 0;
  std::uint64_t rate_limited_ = 0;
};

// Collects rows that are shown together, sorts and limits them, and passes them on.
struct Sort {
  const Field* field = nullptr;  // nullptr: in the order of arrival
  bool descending = false;
};

class RowBatch {
 public:
  void clear() noexcept;
  void add(Bytes row);
  std::size_t size() const { return rows_.size(); }

  // Stable, so that rows equal in `sort` keep their order.
  void arrange(const Sort& sort, std::optional<std::uint64_t> limit);

  template <class Consume>
  void for_each(Consume consume) const {
    for (const Row& row : rows_) consume(at(row));
  }

 private:
  struct Row {
    std::size_t offset, size;
  };
  Bytes at(const Row& row) const { return Bytes(bytes_).subspan(row.offset, row.size); }

  std::vector<std::byte> bytes_;
  std::vector<Row> rows_;
};

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
  // Of rows that finish() shows: how long their interval was. nullopt if they are of a whole one, or of the whole run.
  std::optional<Duration> partial() const { return partial_; }

  // The number of rows of for_each().
  std::size_t rows() const { return batch_.size(); }
  // In order; valid after a call that returned true, until the next row.
  template <class Consume>
  void for_each(Consume consume) const {
    batch_.for_each(consume);
  }

  // For a polled map: only its last read is shown.
  bool only_at_exit() const { return at_exit_; }
  // Its groups are those of the whole run.
  bool is_cumulative() const { return cumulative_; }
  // nullptr: rows are not grouped.
  const GroupTable* groups() const { return groups_.get(); }
  // When time() has something to do next; nullopt for never.
  std::optional<std::int64_t> deadline() const { return deadline_; }
  // Records beyond the limit on groups: they are in the row of all others.
  std::uint64_t overflow() const { return groups_ ? groups_->overflow() : 0; }
  const Selection& selection() const { return selection_; }

 private:
  void compile_groups(const OutputSpec& spec, Diagnostics& diagnostics);
  std::vector<const Field*> compile_keys(const OutputSpec& spec, std::vector<std::string>& undefined,
                                         Diagnostics& diagnostics) const;
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
  bool has_new_ = false;  // rows came in this interval
  bool shown_ = false;    // an interval has ended
  std::optional<Duration> partial_;
  std::optional<std::int64_t> deadline_;
};

}  // namespace probe_run
