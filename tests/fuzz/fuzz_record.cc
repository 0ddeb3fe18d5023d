// Bytes of records and map entries with random types: decoded, viewed and formatted with everything that a
// spec can request.
//
// The input: the length of the decisions (16 bits, in bytes), the decisions that generate types, spec,
// columns and views, then records, each after a byte with its length (255: all the rest).
#include <algorithm>
#include <array>

#include "fuzz/every_format.h"
#include "fuzz/hostile_names.h"
#include "fuzz/oracles.h"
#include "fuzz/random_map.h"
#include "fuzz/targets.h"
#include "support/error.h"
#include "unit/sample_object.h"
#include "view/group_table.h"
#include "view/numbers.h"
#include "view/row_value.h"
#include "view/view.h"

namespace fuzz {
namespace {

using namespace probe_run;
using Records = std::vector<std::vector<std::byte>>;

constexpr std::size_t record_limit = 6;

Records read_records(Bytes bytes) {
  Choices input(bytes);
  Records records;
  while (!input.done() && records.size() < record_limit) {
    const std::uint8_t size = input.byte();
    records.push_back(exact(input.take(size == 255 ? SIZE_MAX : size)));
  }
  return records;
}

std::vector<Bytes> views(const Records& records) {
  return {records.begin(), records.end()};
}

const Field* some_field(const Plan& plan, Choices& choices) {
  const std::vector<std::string> paths = plan.paths();
  return paths.empty() ? nullptr : plan.find(paths[choices.number(2) % paths.size()]);
}

// Shows a read of a per-CPU map.
Records add_cpus(const RandomMap& map, const Records& entries) {
  Records sums;
  try {
    PerCpuSum sum(*map.plan, map.info().key_size, map.info().value_size, map.possible_cpus);
    for (const auto& entry : entries) sums.push_back(exact(sum.add(entry)));
  } catch (const Error&) {  // too many numbers
  }
  return sums;
}

void sort(const Plan& plan, const std::vector<Bytes>& rows, Choices& choices) {
  Sort sort;
  sort.field = some_field(plan, choices);
  sort.descending = choices.one_in(2);
  std::optional<std::uint64_t> limit;
  if (choices.one_in(3)) limit = choices.below(10);
  RowBatch batch;
  for (const Bytes row : rows) batch.add(row);
  batch.arrange(sort, limit);
  Records sorted;
  batch.for_each([&](Bytes row) { sorted.push_back(exact(row)); });
  if (sorted.size() != std::min<std::uint64_t>(rows.size(), limit.value_or(UINT64_MAX)))
    fail("a sort lost rows", "");
  for (std::size_t i = 0; sort.field != nullptr && i < sorted.size(); ++i) {
    for (std::size_t j = i + 1; j < sorted.size(); ++j) {
      const auto order = compare_by(*sort.field, sorted[i], sorted[j]);
      if (sort.descending ? order < 0 : order > 0) fail("rows are not in order", sort.field->path);
    }
  }
}

// Calls that the fields accept; the others are refused, with messages that must be harmless.
std::vector<Aggregate> some_aggregates(const Plan& plan, Choices& choices) {
  constexpr const char* calls[] = {"sum({})",
                                   "min({})",
                                   "max({})",
                                   "avg({})",
                                   "rate({})",
                                   "first({})",
                                   "last({})",
                                   "distinct({})",
                                   "p50({})",
                                   "p99.9({})",
                                   "log2({})",
                                   "exp2zero({})",
                                   "linear({}, -5, 100, 7)",
                                   "fixed({}, 1, 10.5, 1000)",
                                   "exponential({})",
                                   "slots({}, {}, log2)",
                                   "slots({}, {}, linear, 0, 3, 9)"};
  std::vector<Aggregate> aggregates{{"count"}, {"\"c\", {:}"}};
  const std::vector<std::string> paths = plan.paths();
  for (unsigned i = choices.below(6); i > 0 && !paths.empty(); --i) {
    std::string call = choices.pick(calls);
    for (std::size_t at = call.find("{}"); at != std::string::npos; at = call.find("{}")) {
      call.replace(at, 2, paths[choices.number(2) % paths.size()]);
    }
    Diagnostics diagnostics = test::no_diagnostics();
    auto aggregate =
        compile_aggregate("c" + std::to_string(aggregates.size()), test::located(call), plan, diagnostics);
    for (const Diagnostic& diagnostic : diagnostics.all()) {
      check_harmless(diagnostic.what);
      check_harmless(diagnostic.hint);
    }
    if (aggregate) aggregates.push_back(std::move(*aggregate));
  }
  return aggregates;
}

void group(const Plan& plan, const std::vector<Bytes>& rows, const RenderContext& context, Choices& choices) {
  std::vector<const Field*> keys;
  for (unsigned i = 1 + choices.below(3); i > 0; --i) {
    const Field* const field = some_field(plan, choices);
    if (field != nullptr && !field->flexible && KeptField::can_keep(*field)) keys.push_back(field);
  }
  const std::uint64_t limit = choices.one_in(2) ? 2 : GroupTable::default_groups;
  std::optional<GroupTable> table;
  try {
    table.emplace(keys, some_aggregates(plan, choices), limit);
  } catch (const Error&) {  // a group would be too large
    return;
  }
  GroupTable& groups = *table;
  std::uint64_t added = 0;
  const bool cut = choices.one_in(8);  // at any length, which gives many groups
  for (const Bytes row : rows) {
    for (std::size_t size = cut ? 0 : row.size(); size <= row.size(); ++size) {
      groups.add(row.first(size));
      ++added;
    }
  }
  Records grouped;
  std::uint64_t total = 0;
  const Field& count = groups.plan().root.fields[keys.size()];
  const auto take = [&](Bytes row) {
    if (grouped.size() < record_limit) grouped.push_back(exact(row));
    total += load(row, count.slot);
  };
  const std::optional<double> seconds = choices.one_in(2) ? std::optional(2.5) : std::nullopt;
  groups.for_each(seconds, take);
  if (const auto other = groups.other(seconds)) take(*other);
  if (total != added) fail("the counts of the groups are not the number of rows", std::to_string(total));
  print_in_every_format(groups.plan(), views(grouped), context, choices);
}

}  // namespace

void fuzz_record(Bytes input) {
  Choices all(input);
  const auto decisions = static_cast<std::size_t>(all.number(2));
  Choices choices(all.take(decisions));
  Records records = read_records(all.rest());

  const RandomMap map = random_map(choices);
  if (!map.plan) return;
  if (map.info().is_per_cpu() && !map.spec->per_cpu) records = add_cpus(map, records);
  const std::vector<Bytes> rows = views(records);

  HostileNames names(all.rest());
  RenderContext context;
  context.names = choices.one_in(8) ? nullptr : &names;
  context.clock.observe(1, static_cast<std::int64_t>(choices.number()));
  for (const Bytes row : rows) map.plan->fit(row, 7);
  print_in_every_format(*map.plan, rows, context, choices);
  sort(*map.plan, rows, choices);
  group(*map.plan, rows, context, choices);
}

}  // namespace fuzz
