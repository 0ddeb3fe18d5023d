#include "format/metric_family.h"

#include <algorithm>

#include "support/identifier.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

bool is_name(std::string_view name) {
  return is_identifier(name) && !(name[0] >= '0' && name[0] <= '9') && !name.starts_with("__");
}

}  // namespace

bool is_metric_name(std::string_view name) {
  return is_name(name);
}

bool is_label_name(std::string_view name) {
  return is_name(name);
}

std::string metric_name_of(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool plain = is_identifier({&c, 1});
    if (plain && c != '_') {
      name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  while (name.ends_with('_')) name.pop_back();
  if (!name.empty() && name[0] >= '0' && name[0] <= '9') name.insert(0, "n");
  return name;
}

std::string label_name_of(std::string_view text) {
  std::string name;
  for (const char c : text) name += is_identifier({&c, 1}) ? c : '_';
  while (name.starts_with("_")) name.erase(0, 1);
  while (name.ends_with('_')) name.pop_back();
  if (!name.empty() && name[0] >= '0' && name[0] <= '9') name.insert(0, "n");
  return name;
}

std::string_view reserved_suffix(std::string_view name) {
  for (const std::string_view suffix : {"_bucket", "_count", "_created", "_info", "_sum", "_total"}) {
    if (name.ends_with(suffix)) return suffix;
  }
  return {};
}

std::string_view family_name(std::string_view metric, MetricType type) {
  constexpr std::string_view total = "_total";
  if (type == MetricType::counter && metric.ends_with(total)) metric.remove_suffix(total.size());
  return metric;
}

namespace {

constexpr char end_of_value = '\xff';  // in no UTF-8
constexpr std::string_view replacement = "\xef\xbf\xbd";

void add_to(MetricFamily::Value& to, const MetricFamily::Value& more) {
  if (auto* histogram = std::get_if<MetricHistogram>(&to)) {
    histogram->add(std::get<MetricHistogram>(more));
  } else {
    to = sum(std::get<MetricNumber>(to), std::get<MetricNumber>(more));
  }
}

}  // namespace

void LabelValues::add(std::string_view value) {
  for (std::size_t length = 0; !value.empty();) {
    const Utf8Character character = next_utf8(value);
    const std::string_view text = character.valid ? value.substr(0, character.length) : replacement;
    length += text.size();
    if (length > longest) break;
    text_.append(text);
    value.remove_prefix(character.length);
  }
  text_.append(end_of_value);
}

std::string_view LabelValues::take(std::string_view& key) noexcept {
  const std::size_t end = key.find(end_of_value);
  const std::string_view value = key.substr(0, end);
  key.remove_prefix(end == std::string_view::npos ? key.size() : end + 1);
  return value;
}

void MetricFamily::note_buckets(const Value& value) {
  const auto* const histogram = std::get_if<MetricHistogram>(&value);
  if (histogram == nullptr) return;
  std::size_t used = histogram->buckets.size();
  while (!histogram->stated && used > 0 && histogram->buckets[used - 1].count == 0) --used;
  served_buckets_ = std::max(served_buckets_, used);
}

bool MetricFamily::estimates_sums() const {
  return std::any_of(series_.begin(), series_.end(), [](const Series& series) {
    const auto* const histogram = std::get_if<MetricHistogram>(&series.value);
    return histogram != nullptr && !histogram->sum;
  });
}

std::string MetricFamily::help() const {
  if (!estimates_sums()) return head_.help;
  std::string help = head_.help;
  if (!help.empty()) help += help.ends_with('.') ? " " : ". ";
  return help + "The sum is an estimate from the buckets.";
}

MetricFamily::Value* MetricFamily::find_or_add(const LabelValues& labels, const Value& value) {
  note_buckets(value);
  if (const auto found = index_.find(labels.key()); found != index_.end())
    return &series_[found->second].value;
  if (series_.size() >= limit_) {
    ++beyond_limit_;
    return nullptr;
  }
  const auto added = index_.emplace(labels.key(), series_.size()).first;
  series_.push_back({added->first, value});
  return nullptr;
}

void MetricFamily::put(const LabelValues& labels, const Value& value) {
  Value* const before = find_or_add(labels, value);
  if (before == nullptr) return;
  if (head_.type == MetricType::counter || head_.type == MetricType::histogram) {
    ++merged_;
    add_to(*before, value);
  } else {
    if (replaced_++ == 0) replaced_labels_ = labels.key();
    *before = value;
  }
}

void MetricFamily::accumulate(const LabelValues& labels, const Value& value) {
  if (Value* const before = find_or_add(labels, value)) add_to(*before, value);
}

void MetricFamily::replace(const LabelValues& labels, const Value& value) {
  if (Value* const before = find_or_add(labels, value)) *before = value;
}

void MetricFamily::clear() {
  series_.clear();
  index_.clear();
}

}  // namespace probe_run
