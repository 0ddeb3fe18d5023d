#include "format/metric_name.h"

#include "support/identifier.h"

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

}  // namespace probe_run
