// The aggregates of all groups: the state of each group, and the columns that are shown.
//
// Histogram counts and kept fields are in the shown row itself; the rest is in a separate state, from which show()
// fills the row. Once a group exists, a record allocates nothing, except for the sketches of percentiles and of
// distinct values, which grow in ever larger steps up to the bound of most_bytes().
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "view/aggregate_columns.h"
#include "view/sketch.h"

namespace probe_run {

class AggregateSet {
 public:
  // Appends a field for each to the plan of the groups' rows. The fields that aggregates use must outlive this.
  AggregateSet(std::vector<Aggregate> aggregates, Plan& plan)
      : columns_(std::move(aggregates), plan), value_(columns_.distinct_size) {}

  // The most bytes that a group takes in addition to its row.
  std::uint64_t most_bytes() const noexcept;

  void add_group();
  // REQUIRES: `row` belongs to the group and is zero if nothing was added; group < number of add_group()
  void add(std::size_t group, std::byte* row, Bytes record) noexcept;
  // Writes the results. Without a time there are no rates.
  void show(std::size_t group, std::byte* row, std::optional<double> seconds) noexcept;

  void clear() noexcept;
  // The groups stay; rates start again.
  void restart_rates() noexcept;

 private:
  using Source = AggregateSource;
  using Column = AggregateColumn;
  struct Number {
    Wide bits = 0;  // of integers, extended
    double real = 0;
  };
  struct State {
    std::uint64_t count = 0;  // values
    Wide sum = 0;             // or the least, or the greatest value
    double real = 0, rest = 0;
  };

  static std::optional<Number> number_of(const Source& source, Bytes record) noexcept;
  static void add_sum(const Source& source, const Number& number, State& state) noexcept;
  static void keep_extreme(const Column& column, const Number& number, State& state) noexcept;
  static void count_slot(const Column& column, const Number& number, std::byte* row) noexcept;
  static std::uint32_t slot_of(const Column& column, const Number& number) noexcept;
  void add_to(const Column& column, State& state, std::size_t group, std::byte* row, Bytes record) noexcept;
  void show_column(const Column& column, const State& state, std::size_t group, std::byte* row,
                   std::optional<double> seconds) noexcept;

  AggregateColumns columns_;
  std::vector<std::byte> value_;  // of a distinct field

  // Those of one group are adjacent.
  std::vector<State> states_;
  std::vector<QuantileSketch> sketches_;
  std::vector<DistinctCount> distincts_;
  std::vector<ExponentialCounts> exponentials_;
};

}  // namespace probe_run
