// One metric and all its series, for documents of the formats prometheus and openmetrics: a state that can be written
// at any time.
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

// Names of metrics and labels, by the rules of Prometheus, OpenMetrics and the linter of promtool.

// Letters, digits and "_", not beginning with a digit nor with "__". A ":" is for recording rules.
bool is_metric_name(std::string_view name);
bool is_label_name(std::string_view name);

// Makes a name of any text: invalid characters become "_". "" if nothing is left.
std::string metric_name_of(std::string_view text);
std::string label_name_of(std::string_view text);

// The reserved suffix of the name, which is used for lines of a counter or a histogram, or by other types of
// OpenMetrics: "_bucket", "_count", "_created", "_info", "_sum", "_total"; "" for none.
std::string_view reserved_suffix(std::string_view name);

// The family of a metric: for a counter, its name without "_total".
std::string_view family_name(std::string_view metric, MetricType type);

// The values of a series' labels, in the order of the family's label names.
class LabelValues {
 public:
  void clear() noexcept { text_.clear(); }
  // Invalid UTF-8 becomes U+FFFD; the value is cut after `longest` bytes.
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

  // At most `limit` series.
  explicit MetricFamily(Head head, std::uint64_t limit = UINT64_MAX)
      : head_(std::move(head)), limit_(limit) {}

  const Head& head() const { return head_; }
  const std::vector<Series>& series() const { return series_; }

  // Sets values of one moment: a second row with the same labels is added to the first if that is meaningful
  // (counters, histograms), which is counted in merged(). Otherwise it replaces the first, which is counted in
  // replaced(): nothing shows the value that is lost.
  void put(const LabelValues& labels, const Value& value);
  // Adds to all earlier values.
  void accumulate(const LabelValues& labels, const Value& value);
  // The latest of many.
  void replace(const LabelValues& labels, const Value& value);
  void clear();

  // How many buckets of its histograms are served: up to the last one that had a value in any series so far. All series
  // have the same, so that sums over them are histograms again.
  std::size_t served_buckets() const { return served_buckets_; }
  // Whether a histogram has no sum of its own.
  bool estimates_sums() const;
  // The help, which says so.
  std::string help() const;

  std::uint64_t merged() const { return merged_; }
  std::uint64_t replaced() const { return replaced_; }
  // The labels of the series that was replaced first; "" for none.
  std::string_view replaced_labels() const { return replaced_labels_; }
  std::uint64_t limit() const { return limit_; }
  // Values that were dropped because their series would have been one too many.
  std::uint64_t beyond_limit() const { return beyond_limit_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };
  void note_buckets(const Value& value);
  Value* find_or_add(const LabelValues& labels, const Value& value);

  Head head_;
  std::uint64_t limit_;
  std::vector<Series> series_;  // in the order of arrival
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> index_;
  std::size_t served_buckets_ = 0;
  std::uint64_t merged_ = 0, replaced_ = 0;
  std::string replaced_labels_;
  std::uint64_t beyond_limit_ = 0;
};

}  // namespace probe_run
