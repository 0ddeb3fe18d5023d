// Which rows of a map an output shows, and when: groups, order, limit, intervals.
//
// Rows go in one by one. What is to be shown now, if anything, is what each call returns.
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

// Which of the rows that come an output takes at all: "where", "sample" and "rate_limit", in this order.
struct OutputSpec;

// At most so many rows in a unit of time.
//
// A token bucket in whole numbers: the same times, the same decisions. It begins full, with one second's
// worth of rows, or with one row where that is less.
class TokenBucket {
 public:
  explicit TokenBucket(const RateLimit& limit);

  void time(std::int64_t monotonic) noexcept;  // nanoseconds; what goes back is ignored
  // Takes a row's worth. False: there is none.
  bool take() noexcept;

 private:
  // Credit is rows times nanoseconds: each nanosecond brings `rows_`, each row costs `cost_`.
  std::int64_t rows_;
  std::int64_t cost_;
  std::int64_t most_;
  std::int64_t credit_;
  std::optional<std::int64_t> last_;
};

class Selection {
 public:
  // `plan` is of the rows and must outlive the selection. `batched`: they are not shown one by one. Reports
  // what does not fit.
  Selection(const OutputSpec& spec, const Plan& plan, bool batched, Diagnostics& diagnostics);

  bool takes(Bytes row, const RenderContext& context) noexcept;
  void time(std::int64_t monotonic) noexcept;

  std::uint64_t sampled_out() const { return sampled_out_; }
  std::uint64_t rate_limited() const { return rate_limited_; }

 private:
  std::optional<Filter> filter_;
  std::uint64_t sample_ = 1;
  std::uint64_t until_next_ = 0;  // rows to leave out before the next that is taken
  std::optional<TokenBucket> bucket_;
  std::uint64_t sampled_out_ = 0;
  std::uint64_t rate_limited_ = 0;
};

// Rows that are shown together: collected, sorted, cut, handed on.
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
  // How its rows come: one by one without end, or together, one read of a map after the other.
  enum class Arrival { stream, reads };

  // `plan` is of the rows that come, and must outlive the view. Reports what does not fit.
  View(const OutputSpec& spec, const Plan& plan, Arrival arrival, Diagnostics& diagnostics);

  // Of the rows that are shown.
  const Plan& plan() const { return groups_ ? groups_->plan() : plan_; }
  // Rows are shown together, not one by one.
  bool batched() const { return batched_; }

  // True: this row is to be shown now, as it is. `context` is for text that only renderers know.
  bool row(Bytes row, const RenderContext& context) noexcept;
  void begin_read() noexcept;
  // True: the rows of for_each() are to be shown now, together.
  bool end_read() noexcept;
  bool time(std::int64_t monotonic) noexcept;  // an interval that has ended
  bool finish() noexcept;                      // the end of all; what is served asks for it again and again

  // How many of for_each() there are.
  std::size_t rows() const { return batch_.size(); }
  // In order; valid after a call that returned true, until the next row.
  template <class Consume>
  void for_each(Consume consume) const {
    batch_.for_each(consume);
  }

  // Of a polled map: only its last read is shown.
  bool only_at_exit() const { return at_exit_; }
  // nullptr: rows are not grouped.
  const GroupTable* groups() const { return groups_.get(); }
  // When time() has something to do next; nullopt for never.
  std::optional<std::int64_t> deadline() const { return deadline_; }
  // Records that came when no further group could be made: they are in the row of all others.
  std::uint64_t overflow() const { return groups_ ? groups_->overflow() : 0; }
  const Selection& selection() const { return selection_; }

 private:
  void compile_groups(const OutputSpec& spec, Diagnostics& diagnostics);
  std::vector<const Field*> compile_keys(const OutputSpec& spec, Diagnostics& diagnostics) const;
  void begin_interval() noexcept;
  Sort compile_sort(const OutputSpec& spec, Diagnostics& diagnostics) const;
  bool arrange() noexcept;
  // Since what is in the groups, or their rates, began; nullopt when no time has passed.
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
