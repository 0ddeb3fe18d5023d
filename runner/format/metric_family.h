// One metric and all its series: what a document of the formats prometheus and openmetrics is made of. It is
// a state that can be written at any moment.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "format/metric_value.h"
#include "spec/metric_spec.h"
#include "support/text_buffer.h"

namespace probe_run {

// Names of metrics and of labels, as Prometheus, OpenMetrics and the linter of promtool want them.

// Letters, digits and "_", not beginning with a digit nor with "__". A ":" is for recording rules.
bool is_metric_name(std::string_view name);
bool is_label_name(std::string_view name);

// A name made of any text: what may not stand in it becomes "_". "" when nothing is left.
std::string metric_name_of(std::string_view text);
std::string label_name_of(std::string_view text);

// Ends that belong to the lines of a counter or a histogram, or to other types of OpenMetrics, and so to no
// family's name: "_bucket", "_count", "_created", "_info", "_sum", "_total"; "" when the name has none.
std::string_view reserved_suffix(std::string_view name);

// The family that a metric belongs to: of a counter, its name without "_total".
std::string_view family_name(std::string_view metric, MetricType type);

// The values of a series' labels, in the order of the family's label names.
class LabelValues {
 public:
  void clear() noexcept { text_.clear(); }
  // Bytes that are no UTF-8 become U+FFFD; beyond `longest` bytes the value is cut.
  void add(std::string_view value);
  // One text for all of them; equal values have equal text.
  std::string_view key() const noexcept { return text_.view(); }

  static constexpr std::size_t longest = 1024;
  // The value that `key` begins with; removes it.
  static std::string_view take(std::string_view& key) noexcept;

 private:
  TextBuffer text_;
};

class MetricFamily {
 public:
  struct Head {
    std::string name;  // of a counter, without "_total"
    MetricType type = MetricType::untyped;
    std::string help, unit;
    std::vector<std::string> labels;
  };
  using Value = std::variant<MetricNumber, MetricHistogram>;
  struct Series {
    std::string_view labels;  // see LabelValues::take()
    Value value;
  };

  explicit MetricFamily(Head head) : head_(std::move(head)) {}

  const Head& head() const { return head_; }
  const std::vector<Series>& series() const { return series_; }

  // What the rows of one moment give: a second one with the same labels is added to the first where that has
  // a meaning (counters, histograms), else takes its place, and is counted in merged().
  void put(const LabelValues& labels, const Value& value);
  // What comes on top of all that came before.
  void accumulate(const LabelValues& labels, const Value& value);
  // The latest of many.
  void replace(const LabelValues& labels, const Value& value);
  void clear();

  std::uint64_t merged() const { return merged_; }
  // Of series beyond the limit.
  static constexpr std::size_t series_limit = 100'000;
  std::uint64_t beyond_limit() const { return beyond_limit_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };
  Value* find_or_add(const LabelValues& labels, const Value& value);

  Head head_;
  std::vector<Series> series_;  // in the order of arrival
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> index_;
  std::uint64_t merged_ = 0;
  std::uint64_t beyond_limit_ = 0;
};

}  // namespace probe_run
