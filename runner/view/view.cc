#include "view/view.h"

#include <fmt/format.h>

#include <algorithm>

#include "decode/unknown_field.h"
#include "spec/output_spec.h"
#include "spec/rate_limit.h"
#include "support/suggest.h"
#include "support/utf8.h"
#include "view/row_value.h"

namespace probe_run {

TokenBucket::TokenBucket(const RateLimit& limit)
    : rows_(static_cast<std::int64_t>(limit.rows)),
      cost_(limit.per.count()),
      most_(std::max<std::int64_t>(rows_ * 1'000'000'000, cost_)),
      credit_(most_) {}

void TokenBucket::time(std::int64_t monotonic) noexcept {
  if (last_ && monotonic <= *last_) return;
  if (last_) {
    // As unsigned numbers: times in a hostile recording may have any distance.
    const std::uint64_t elapsed = static_cast<std::uint64_t>(monotonic) - static_cast<std::uint64_t>(*last_);
    const auto missing = static_cast<std::uint64_t>(most_ - credit_);
    const auto rows = static_cast<std::uint64_t>(rows_);
    credit_ = elapsed > missing / rows ? most_ : credit_ + static_cast<std::int64_t>(elapsed * rows);
  }
  last_ = monotonic;
}

bool TokenBucket::take() noexcept {
  if (credit_ < cost_) return false;
  credit_ -= cost_;
  return true;
}

Selection::Selection(const OutputSpec& spec, const Plan& plan, bool batched, Diagnostics& diagnostics) {
  if (spec.where) filter_.emplace(*spec.where, plan, diagnostics);
  if (spec.sample) sample_ = **spec.sample;
  if (!spec.rate_limit) return;
  if (batched) {
    diagnostics.error(spec.rate_limit->at, "\"rate_limit\" applies only to rows that are shown one by one",
                      "use \"limit\" for rows that are shown together");
  }
  bucket_.emplace(**spec.rate_limit);
}

bool Selection::takes(Bytes row, const RenderContext& context) noexcept {
  if (filter_ && !filter_->passes(row, context)) return false;
  if (until_next_ > 0) {
    --until_next_;
    ++sampled_out_;
    return false;
  }
  until_next_ = sample_ - 1;
  if (bucket_ && !bucket_->take()) {
    ++rate_limited_;
    return false;
  }
  return true;
}

void Selection::time(std::int64_t monotonic) noexcept {
  if (bucket_) bucket_->time(monotonic);
}

void RowBatch::clear() noexcept {
  bytes_.clear();
  rows_.clear();
}

void RowBatch::add(Bytes row) {
  rows_.push_back({bytes_.size(), row.size()});
  bytes_.insert(bytes_.end(), row.begin(), row.end());
}

void RowBatch::arrange(const Sort& sort, std::optional<std::uint64_t> limit) {
  if (sort.field != nullptr) {
    std::stable_sort(rows_.begin(), rows_.end(), [&](const Row& a, const Row& b) {
      return sort.descending ? compare_by(*sort.field, at(b), at(a)) < 0
                             : compare_by(*sort.field, at(a), at(b)) < 0;
    });
  }
  if (limit && *limit < rows_.size()) rows_.resize(*limit);
}

namespace {

void check(const OutputSpec& spec, View::Arrival arrival, Diagnostics& diagnostics) {
  const bool together = arrival == View::Arrival::reads || !spec.aggregate.empty();
  if (!together && spec.every) {
    diagnostics.error(spec.every->at, "the records of a stream are shown as they arrive",
                      "remove \"every\": it is for groups (\"aggregate\") and polled maps");
  }
  for (const auto* at : {spec.sort ? &spec.sort->at : nullptr, spec.limit ? &spec.limit->at : nullptr}) {
    if (at != nullptr && !together) {
      diagnostics.error(*at, "\"sort\" and \"limit\" need rows that are shown together",
                        "group the records with \"group_by\" and \"aggregate\", or remove it");
    }
  }
  if (arrival == View::Arrival::reads && spec.every && !(*spec.every)->at_exit) {
    diagnostics.error(spec.every->at, "a polled map is shown after each read",
                      "set the map's \"poll\" instead; \"every\": \"exit\" shows the last read only");
  }
}

void report_missing(const Located<std::string>& name, const Plan& plan, Diagnostics& diagnostics) {
  if (auto unknown = unknown_field(plan, *name))
    diagnostics.error(name.at, std::move(unknown->what), std::move(unknown->hint));
}

// Other ways to write "-field": "field desc", "field-", "field DESC"; "" for none of them.
std::string meant_order(std::string_view written, const Plan& plan) {
  const std::size_t end = written.find_first_of(" :-+,", 1);
  const bool plus = written.starts_with('+');
  const std::string_view field = written.substr(plus ? 1 : 0, end - (plus ? 1 : 0));
  if ((end == std::string_view::npos && !plus) || plan.find(field) == nullptr) return {};
  const std::string_view rest = written.substr(std::min(end, written.size()));
  const bool descending = rest.find_first_of("dD-") != std::string_view::npos;
  return fmt::format("write \"{}{}\"", descending ? "-" : "", escape_for_terminal(field));
}

}  // namespace

View::View(const OutputSpec& spec, const Plan& plan, Arrival arrival, Diagnostics& diagnostics)
    : plan_(plan), selection_(spec, plan, arrival == Arrival::reads || !spec.group_by.empty(), diagnostics) {
  check(spec, arrival, diagnostics);
  compile_groups(spec, diagnostics);
  batched_ = groups_ || arrival == Arrival::reads;
  sort_ = compile_sort(spec, diagnostics);
  if (spec.limit) limit_ = **spec.limit;
  if (spec.every) {
    at_exit_ = (*spec.every)->at_exit;
    interval_ = (*spec.every)->interval;
  } else {
    at_exit_ = groups_ && arrival == Arrival::stream;
  }
}

std::vector<const Field*> View::compile_keys(const OutputSpec& spec, std::vector<std::string>& undefined,
                                             Diagnostics& diagnostics) const {
  std::vector<const Field*> keys;
  for (const Located<std::string>& name : spec.group_by) {
    const Field* const field = plan_.find(*name);
    undefined.push_back(*name);  // until it is one of the keys
    if (field == nullptr) {
      report_missing(name, plan_, diagnostics);
    } else if (field->flexible) {
      diagnostics.error(name.at, fmt::format("cannot group by \"{}\": it has no fixed size", *name));
    } else if (!KeptField::can_keep(*field)) {
      diagnostics.error(name.at,
                        fmt::format("the field \"{}\" has members that depend on another field", *name),
                        "group by its members instead");
    } else if (std::find(keys.begin(), keys.end(), field) != keys.end()) {
      diagnostics.error(name.at, fmt::format("duplicate field \"{}\" in \"group_by\"", field->path),
                        "remove one of them");
    } else {
      keys.push_back(field);
      undefined.pop_back();
    }
  }
  return keys;
}

void View::compile_groups(const OutputSpec& spec, Diagnostics& diagnostics) {
  std::vector<std::string> undefined;
  const std::vector<const Field*> keys = compile_keys(spec, undefined, diagnostics);
  std::vector<Aggregate> aggregates;
  for (const auto& [name, call] : spec.aggregate) {
    auto aggregate = compile_aggregate(*name, call, plan_, diagnostics);
    if (aggregate) {
      aggregates.push_back(std::move(*aggregate));
    } else {
      undefined.push_back(*name);
    }
    const bool twice =
        std::any_of(spec.group_by.begin(), spec.group_by.end(),
                    [&, wanted = *name](const Located<std::string>& key) { return *key == wanted; });
    if (!twice) continue;
    diagnostics.error(name.at, fmt::format("duplicate column \"{}\"", escape_for_terminal(*name)),
                      "it is already in \"group_by\": use another name");
  }
  if (spec.aggregate.empty()) return;
  groups_ = std::make_unique<GroupTable>(keys, std::move(aggregates),
                                         spec.groups ? **spec.groups : GroupTable::default_groups);
  groups_->made_of(plan_, std::move(undefined));
  cumulative_ = spec.cumulative;
}

Sort View::compile_sort(const OutputSpec& spec, Diagnostics& diagnostics) const {
  if (!spec.sort) return {};
  const bool descending = (*spec.sort)->starts_with('-');
  const std::string name = (*spec.sort)->substr(descending ? 1 : 0);
  const Field* const field = plan().find(name);
  if (field == nullptr) {
    const std::string order = meant_order(**spec.sort, plan());
    if (auto unknown = unknown_field(plan(), name)) {
      diagnostics.error(spec.sort->at, fmt::format("unknown field \"{}\"", escape_for_terminal(name)),
                        order.empty() ? unknown->hint : order);
    }
  } else if (field->histogram) {
    diagnostics.error(spec.sort->at,
                      fmt::format("cannot sort by the histogram \"{}\"", escape_for_terminal(name)),
                      "sort by a number, such as a count or a percentile");
  }
  return {field, descending};
}

bool View::row(Bytes row, const RenderContext& context) noexcept {
  if (!selection_.takes(row, context)) return false;
  if (groups_) {
    groups_->add(row);
    has_new_ = true;
    return false;
  }
  if (batched_) batch_.add(row);
  return !batched_;
}

void View::begin_read() noexcept {
  batch_.clear();
  begin_interval();
  // If only the last read is shown, rates cover the time since the read before it.
  if (at_exit_ && last_read_) began_ = last_read_;
  last_read_ = now_;
}

bool View::end_read() noexcept {
  return !at_exit_ && arrange();
}

void View::begin_interval() noexcept {
  if (!groups_) return;
  cumulative_ ? groups_->restart_rates() : groups_->clear();
}

bool View::time(std::int64_t monotonic) noexcept {
  selection_.time(monotonic);
  now_ = monotonic;
  if (!began_) began_ = monotonic;
  if (interval_.count() == 0) return false;
  if (!deadline_) {
    // An interval of centuries never ends.
    deadline_ = interval_.count() < INT64_MAX - monotonic ? monotonic + interval_.count() : INT64_MAX;
    return false;
  }
  if (monotonic < *deadline_) return false;
  arrange();
  begin_interval();
  has_new_ = false;
  shown_ = true;
  // Missed intervals (of a suspended machine) are not caught up.
  *deadline_ += ((monotonic - *deadline_) / interval_.count() + 1) * interval_.count();
  return true;
}

bool View::finish() noexcept {
  if (!at_exit_ && (!groups_ || interval_.count() == 0)) return false;
  if (interval_.count() > 0 && !cumulative_ && deadline_) {
    if (shown_ && !has_new_) return false;
    partial_ = Duration(now_ - (*deadline_ - interval_.count()));
  }
  // Served metrics can be requested again: the interval continues.
  const std::optional<std::int64_t> began = began_;
  arrange();
  began_ = began;
  return true;
}

std::optional<double> View::seconds() const noexcept {
  if (!began_ || now_ <= *began_) return std::nullopt;
  return static_cast<double>(now_ - *began_) / 1e9;
}

bool View::arrange() noexcept {
  if (!groups_) {
    batch_.arrange(sort_, limit_);
    return true;
  }
  batch_.clear();
  const std::optional<double> since = seconds();
  groups_->for_each(since, [&](Bytes row) { batch_.add(row); });
  batch_.arrange(sort_, limit_);
  // The row of other groups has no keys, so it is not sorted.
  if (const auto other = groups_->other(since)) batch_.add(*other);
  began_ = now_;
  return true;
}

}  // namespace probe_run
