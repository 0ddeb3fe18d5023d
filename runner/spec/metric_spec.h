// The metrics of an output's rows (formats prometheus and openmetrics).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "spec/keys.h"
#include "support/source_text.h"

namespace probe_run {

enum class MetricType { counter, gauge, histogram, untyped };
template <>
struct EnumNames<MetricType> {
  static constexpr std::array<EnumName<MetricType>, 4> names{{{MetricType::counter, "counter"},
                                                              {MetricType::gauge, "gauge"},
                                                              {MetricType::histogram, "histogram"},
                                                              {MetricType::untyped, "untyped"}}};
};

// ["comm", "key.pid"], or { "command": "comm" }.
struct MetricLabels {
  struct Label {
    std::optional<Located<std::string>> name;  // without it, derived from the field
    Located<std::string> path;
  };
  std::vector<Label> items;
};

// The factor for numbers: above 0 and finite.
struct Scale {
  double factor = 1;
};

struct MetricSpec {
  static constexpr std::string_view short_form = "value";
  std::optional<Located<std::string>> value;
  std::optional<Located<MetricType>> type;
  std::string help;
  std::optional<Located<std::string>> unit;
  std::optional<Located<Scale>> scale;
  std::optional<MetricLabels> labels;
  template <class T = MetricSpec>
  static constexpr auto keys() {
    return std::tuple(
        key("value", &T::value, "The field that is measured. Without it, rows are counted."),
        key("type", &T::type,
            "counter, gauge, histogram or untyped. By default: histogram for a histogram field, counter for a "
            "name that ends in _total, gauge for an aggregate, else untyped."),
        key("help", &T::help, "What it means, in a sentence; by default the spec's description."),
        key("unit", &T::unit, "Its unit, such as \"seconds\" or \"bytes\", which must also end the name."),
        key("scale", &T::scale, "What the value is multiplied by: 1e-9 makes seconds of ns."),
        key("labels", &T::labels,
            "The fields whose values distinguish its series: [\"comm\"], or { \"command\": \"comm\" }. By "
            "default "
            "the fields of \"group_by\", or the map's key and the fields of its value that are not numbers; "
            "none for the records of a stream."));
  }
};

}  // namespace probe_run
