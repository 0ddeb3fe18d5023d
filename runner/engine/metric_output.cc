#include "engine/metric_output.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/metric_pages.h"
#include "format/column.h"
#include "format/plain_value.h"
#include "spec/output_spec.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

using Rows = MetricSource::Rows;

// Metrics are always the current state: groups cover the whole run, and a map shows its last read.
OutputSpec of_whole_run(const OutputSpec& spec, Rows rows) {
  OutputSpec whole = spec;
  whole.every.reset();
  whole.rate_limit.reset();                           // applies to lines only
  if (rows == Rows::added) whole.cumulative = false;  // counters sum up the reads
  if (rows == Rows::groups) whole.every = Located<Every>{{true, Duration(0)}, spec.at};
  return whole;
}

View::Arrival arrival(Rows rows) {
  return rows == Rows::stream || rows == Rows::groups ? View::Arrival::stream : View::Arrival::reads;
}

// with the labels {comm="bash"}
std::string labels_of_replaced(const MetricFamily& family) {
  std::string_view values = family.replaced_labels();
  std::string text;
  for (const std::string& name : family.head().labels) {
    text += fmt::format("{}{}=\"{}\"", text.empty() ? "" : ",", name,
                        escape_for_terminal(LabelValues::take(values)));
  }
  return text.empty() ? "and no labels" : "with the labels {" + text + "}";
}

bool can_count(const MetricNumber& number) {
  const double value = to_double(number);
  return value >= 0 && !std::isnan(value);
}

}  // namespace

MetricOutput::MetricOutput(const MetricSource& source, const OutputSpec& spec, const Plan& plan,
                           const RenderContext& context, MetricPages& pages, Diagnostics& diagnostics)
    : Output(of_whole_run(spec, source.rows), plan, arrival(source.rows), context, diagnostics),
      source_(source),
      pages_(pages),
      metrics_(compile_metrics(source, spec, view_.plan(), diagnostics)) {
  if (spec.every && arrival(source.rows) == View::Arrival::stream) interval_ = (*spec.every)->interval;
  // 0 before the first record.
  if (source_.rows != Rows::stream) return;
  for (Metric& metric : metrics_) {
    if (metric.value == nullptr && metric.labels.empty()) {
      metric.family.put(labels_, MetricNumber(std::uint64_t{0}));
    }
  }
}

MetricOutput::~MetricOutput() {
  pages_.remove(*this);
}

bool MetricOutput::accumulates(const Metric& metric) const {
  const MetricType type = metric.family.head().type;
  const bool adds = type == MetricType::counter || type == MetricType::histogram;
  return source_.rows == Rows::stream ? adds : source_.rows == Rows::added && adds;
}

void MetricOutput::row(Bytes row) noexcept {
  if (view_.row(row, context_)) add(row);
}

void MetricOutput::end_read() noexcept {
  changed_ = true;
  if (!view_.end_read()) return;
  for (Metric& metric : metrics_) {
    if (!accumulates(metric)) metric.family.clear();
  }
  add_all();
}

void MetricOutput::collect() noexcept {
  if (source_.rows != Rows::groups || !view_.finish()) return;
  for (Metric& metric : metrics_) metric.family.clear();
  add_all();
}

// Rows of groups that come meanwhile are for the next time.
void MetricOutput::add_all() noexcept {
  view_.for_each([&](Bytes row) {
    add(row);
    if (interlude_ != nullptr) interlude_->step();
  });
}

void MetricOutput::add(Bytes row) noexcept {
  for (Metric& metric : metrics_) {
    if (metric.array == nullptr) {
      add(metric, row, row, std::nullopt);
    } else if (present(*metric.array, row)) {
      const std::uint32_t count = element_count(*metric.array, row);
      for (std::uint32_t i = 0; i < count; ++i) add(metric, row, element(*metric.array, row, i), i);
    }
  }
}

// `part` contains the value: the row, or an element of its array.
void MetricOutput::add(Metric& metric, Bytes row, Bytes part, std::optional<std::uint32_t> index) noexcept {
  if (metric.value != nullptr && !present(*metric.value, part)) return;
  const MetricType type = metric.family.head().type;
  MetricFamily::Value value = MetricNumber(std::uint64_t{1});
  if (type == MetricType::histogram && metric.value != nullptr) {
    value = load_histogram(*metric.value, part, metric.factor);
  } else if (metric.value != nullptr) {
    const MetricNumber number = scaled(load_number(*metric.value, part), metric.factor);
    if (type == MetricType::counter && !can_count(number)) {
      ++refused_;
      return;
    }
    value = number;
  }
  const bool other = view_.plan().other && view_.plan().other->is(row);
  labels_.clear();
  for (const Field* field : metric.labels) {
    text_.clear();
    if (other && field == metric.labels.front()) {
      text_.append(other_text);
    } else if (field == nullptr) {
      append_number(text_, std::uint64_t{index.value_or(0)});
    } else if (present(*field, row)) {
      append_plain(*field, row, context_, Reader::program, text_);
    }
    labels_.add(text_.view());
  }
  const bool counts_rows = metric.value == nullptr;
  if (accumulates(metric) || counts_rows) {
    metric.family.accumulate(labels_, value);
  } else if (source_.rows == Rows::stream) {
    metric.family.replace(labels_, value);
  } else {
    metric.family.put(labels_, value);
  }
}

void MetricOutput::keep_copy() noexcept {
  keeps_copy_ = true;
  if (arrival(source_.rows) == View::Arrival::stream && interval_.count() == 0) interval_ = default_interval;
}

void MetricOutput::time(std::int64_t monotonic) noexcept {
  view_.time(monotonic);
  if (interval_.count() == 0) return;
  if (deadline_ && monotonic < *deadline_) return;
  changed_ = changed_ || deadline_.has_value();
  deadline_ = interval_.count() < INT64_MAX - monotonic ? monotonic + interval_.count() : INT64_MAX;
}

std::string MetricOutput::failure() const {
  return pages_.failure(*this);
}

bool MetricOutput::unread() const noexcept {
  return pages_.unread(*this);
}

std::optional<Diagnostic> MetricOutput::take_warning() {
  const auto warning = [&](const std::string& what, std::string hint) {
    return Diagnostic{Diagnostic::Severity::warning,
                      fmt::format("{}: {}", escape_for_terminal(source_.spec), what), std::move(hint),
                      std::nullopt};
  };
  for (const Metric& metric : metrics_) {
    const MetricFamily& family = metric.family;
    if (family.beyond_limit() > 0 && !std::exchange(warned_of_limit_, true)) {
      return warning(fmt::format("the metric \"{}\" has more than {} series: rows of others are dropped",
                                 family.head().name, family.limit()),
                     "leave out a label that takes many values, or raise \"series\" of the output");
    }
    if (family.replaced() > 0 && !std::exchange(warned_of_labels_, true)) {
      return warning(
          fmt::format("the metric \"{}\" has several rows {}: the last one is kept", family.head().name,
                      labels_of_replaced(family)),
          "add a label that tells them apart; if their sum is meant, make it a counter or group the rows");
    }
  }
  return std::nullopt;
}

void MetricOutput::add_to(Figures& figures) const {
  Output::add_to(figures);
  for (const Metric& metric : metrics_) {
    figures.series_merged += metric.family.merged();
    figures.series_replaced += metric.family.replaced();
    figures.series_beyond_limit += metric.family.beyond_limit();
  }
  figures.series_refused += refused_;
}

}  // namespace probe_run
