// Where the aggregates of a group stand: the columns of its row, and what is kept beside the row.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "view/aggregate.h"
#include "view/row_value.h"

namespace probe_run {

// A number used by an aggregate.
struct AggregateSource {
  const Field* field = nullptr;
  bool floating = false, wide = false, boolean = false, is_signed = false;
};
struct AggregateColumn {
  Aggregate what;
  AggregateSource source;
  AggregateSource summed;                 // what a sum adds up: `source`, if nothing else is named
  Slot slot;                              // of the result
  std::uint32_t presence = 0;             // the row's presence flag of the result; 0: always present
  bool floating = false;                  // the result
  std::uint32_t slots = 0;                // of a histogram
  bool negatives = false;                 // its first slot counts negative numbers
  std::optional<Slot> sum;                // of a histogram's values; nullopt: unknown
  std::optional<std::uint32_t> sum_slot;  // of slots: its count is that sum
  std::optional<KeptField> kept;          // first, last
  std::size_t part = 0;  // which sketch, distinct count or exponential histogram of the group
};

struct AggregateColumns {
  // Bytes of a count in the row of a histogram.
  static constexpr std::uint32_t slot_size = 8;

  // Adds a field for each aggregate to the plan of the groups' rows, from its size on. The fields that aggregates name
  // must outlive this.
  AggregateColumns(std::vector<Aggregate> aggregates, Plan& plan);

  std::vector<AggregateColumn> list;
  std::vector<AggregateSource> sketched;  // fields that have percentiles: one sketch of each
  std::size_t distinct = 0;               // how many columns of a group count distinct values
  std::uint32_t distinct_size = 0;        // bytes of the largest of those values
  std::size_t exponential = 0;            // how many columns of a group are exponential histograms

 private:
  void place(AggregateColumn& column, Plan& plan);
  void place_histogram(AggregateColumn& column, Plan& plan);
};

}  // namespace probe_run
