#include "format/metric_compiler.h"

#include <fmt/format.h>

#include <algorithm>

#include "decode/histogram.h"
#include "decode/renderer.h"
#include "decode/unknown_field.h"
#include "format/metric_family.h"
#include "spec/output_spec.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

using Rows = MetricSource::Rows;

bool is_time(const Field& field) {
  return clock_of(field).has_value();
}

// Shortens "key.pid" and "value.pid" to "pid".
std::string_view without_side(std::string_view path) {
  for (const std::string_view side : {"key.", "value."}) {
    if (path.starts_with(side)) return path.substr(side.size());
  }
  return path;
}

struct Label {
  std::string name;
  const Field* field;
};

// A measured field, or one of each element of an array.
struct Column {
  const Field* value;
  const Field* array;
};

// Arrays of a fixed number of elements.
bool is_list(const Field& field) {
  return field.shape == Shape::array && !field.flexible && !field.fields.empty();
}

bool is_numbers(const Field& field) {
  return is_list(field) && is_measurable(field.fields[0]);
}

class Compiler {
 public:
  Compiler(const MetricSource& source, const OutputSpec& output, const Plan& plan, Diagnostics& diagnostics)
      : source_(source), output_(output), plan_(plan), diagnostics_(diagnostics) {
    find_columns();
  }

  std::vector<Metric> compile() {
    if (output_.metrics.empty()) {
      add_defaults();
    } else {
      for (const auto& [name, metric] : output_.metrics) add(name, metric);
    }
    return std::move(metrics_);
  }

 private:
  // Sorts fields into those that distinguish rows, and those that are measured.
  void find_columns() {
    if (source_.rows == Rows::stream) return;
    for (std::size_t i = 0; i < plan_.root.fields.size(); ++i) {
      const Field& field = plan_.root.fields[i];
      const bool key = output_.aggregate.empty() ? field.path == "key" : i < output_.group_by.size();
      sort_out(field, key);
    }
  }

  bool is_chosen(const Field& field) const {
    return output_.fields.empty() ||
           std::any_of(output_.fields.begin(), output_.fields.end(),
                       [&](const OutputField& chosen) { return plan_.find(*chosen.field) == &field; });
  }

  // Handles members one by one. Fields that are not in the spec's "fields" are not shown, but keys are still labels.
  void sort_out(const Field& field, bool key, bool inside_chosen = false) {
    const bool chosen = inside_chosen || is_chosen(field);
    if (field.shape == Shape::structure) {
      for (const Field& member : field.fields) sort_out(member, key, chosen);
    } else if (!key && !chosen) {
      return;
    } else if (key) {
      labels_.push_back({label_name_of(without_side(field.path)), &field});
    } else if (is_time(field)) {
      // A label that changes with each row would create a new series each time.
    } else if (is_measurable(field) || is_histogram(field)) {
      values_.push_back({&field, nullptr});
    } else if (is_numbers(field) || (is_list(field) && field.fields[0].shape == Shape::structure)) {
      take_element(field, field.fields[0]);
    } else if (output_.aggregate.empty()) {
      labels_.push_back({label_name_of(without_side(field.path)), &field});
    }
    // Results of aggregates, such as the last text, change and do not identify groups.
  }

  // Other fields in an element do not distinguish rows.
  void take_element(const Field& array, const Field& part) {
    if (part.shape == Shape::structure) {
      for (const Field& member : part.fields) take_element(array, member);
    } else if (is_measurable(part) && !is_time(part)) {
      values_.push_back({&part, &array});
    }
  }

  static MetricType kind_of(const Field& field, Rows rows) {
    if (is_histogram(field)) return MetricType::histogram;
    if (rows != Rows::added) return MetricType::untyped;
    // The change of a signed number may be negative.
    return is_floating(field) || field.slot.is_signed ? MetricType::gauge : MetricType::counter;
  }

  // Of aggregates, counts and sums of unsigned numbers only grow.
  MetricType group_kind(const Field& field) const {
    if (is_histogram(field)) return MetricType::histogram;
    if (source_.rows != Rows::groups && source_.rows != Rows::added) return MetricType::gauge;
    for (const auto& [name, call] : output_.aggregate) {
      if (*name != field.path) continue;
      const std::string_view function = std::string_view(*call).substr(0, call->find_first_of(" ("));
      const bool adds = function == "sum" && !is_floating(field) && !field.slot.is_signed;
      if (function == "count" || adds) return MetricType::counter;
    }
    return MetricType::gauge;
  }

  std::string prefix() const {
    const std::string spec = metric_name_of(source_.spec);
    const std::string input = metric_name_of(source_.input);
    std::string name = spec == input || input.empty() ? spec : fmt::format("{}_{}", spec, input);
    return name.empty() ? "spec" : name;
  }

  void add_defaults() {
    if (source_.rows == Rows::stream) {
      Metric metric{
          MetricFamily(
              {default_name("", MetricType::counter), MetricType::counter, source_.description, {}, {}},
              limit()),
          output_.at};
      metrics_.push_back(std::move(metric));
      return;
    }
    for (const Column& column : values_) {
      const Field& field = *column.value;
      const MetricType type = output_.aggregate.empty() ? kind_of(field, source_.rows) : group_kind(field);
      MetricFamily::Head head{
          default_name(without_side(field.path), type), type, source_.description, {}, {}};
      Metric metric{MetricFamily({}), output_.at};
      metric.value = column.value;
      metric.array = column.array;
      finish(std::move(metric), labels_, std::move(head));
    }
  }

  std::uint64_t limit() const { return output_.series ? (*output_.series)->number : default_series; }

  // The family's name: unique, and not the name of a part of another family.
  std::string default_name(std::string_view column, MetricType type) {
    std::string name = prefix();
    if (const std::string last = metric_name_of(column); !last.empty()) name += "_" + last;
    if (type == MetricType::counter) {
      if (name.ends_with("_total")) name.resize(name.size() - std::string_view("_total").size());
    } else if (!reserved_suffix(name).empty()) {
      name += "_value";
    }
    const auto taken = [&](const std::string& wanted) {
      return std::any_of(metrics_.begin(), metrics_.end(),
                         [&](const Metric& metric) { return metric.family.head().name == wanted; });
    };
    std::string unlike = name;
    for (int number = 2; taken(unlike); ++number) unlike = fmt::format("{}_{}", name, number);
    return unlike;
  }

  // Labels for the fields and, for an array, the index of the element.
  void finish(Metric metric, const std::vector<Label>& labels, MetricFamily::Head head) {
    std::vector<Label> all = labels;
    if (metric.array != nullptr) {
      all.push_back({source_.per_cpu && metric.array->path == "value" ? "cpu" : "index", nullptr});
    }
    for (const Label& label : all) {
      std::string name = label.name.empty() ? "label" : label.name;
      if (name == "le") name = "le_";
      std::string unlike = name;
      const auto taken = [&] {
        return std::find(head.labels.begin(), head.labels.end(), unlike) != head.labels.end();
      };
      for (int number = 2; taken(); ++number) unlike = fmt::format("{}_{}", name, number);
      head.labels.push_back(unlike);
      metric.labels.push_back(label.field);
    }
    metric.family = MetricFamily(std::move(head), limit());
    metrics_.push_back(std::move(metric));
  }

  const Field* find(const Located<std::string>& path) {
    const Field* const field = plan_.find(*path);
    if (field == nullptr) {
      if (auto unknown = unknown_field(plan_, *path))
        diagnostics_.error(path.at, std::move(unknown->what), std::move(unknown->hint));
    }
    return field;
  }

  void add(const Located<std::string>& name, const MetricSpec& spec) {
    const Field* value = nullptr;
    if (spec.value) {
      value = find(*spec.value);
      if (value == nullptr) return;
      if (!is_measurable(*value) && !is_histogram(*value) && !is_numbers(*value)) {
        diagnostics_.error(spec.value->at,
                           fmt::format("\"{}\" is not a number", escape_for_terminal(**spec.value)),
                           "use a number as the value of a metric; other fields can be labels");
        return;
      }
    }
    const MetricType type = spec.type ? **spec.type : implied_type(*name, value);
    check_type(name, spec, value, type);
    check_name(name, spec, type);
    MetricFamily::Head head;
    head.name = family_name(*name, type);
    head.type = type;
    head.help = spec.help.empty() ? source_.description : spec.help;
    if (spec.unit) head.unit = **spec.unit;
    Metric metric{MetricFamily({}), name.at};
    metric.value = value;
    if (value != nullptr && !is_histogram(*value) && is_numbers(*value)) {
      metric.array = value;
      metric.value = &value->fields[0];
    }
    if (spec.scale) metric.factor = (*spec.scale)->factor;
    finish(std::move(metric), spec.labels ? labels(*spec.labels, type) : labels_, std::move(head));
  }

  MetricType implied_type(std::string_view name, const Field* value) const {
    if (value != nullptr && is_histogram(*value)) return MetricType::histogram;
    if (name.ends_with("_total")) return MetricType::counter;
    return value == nullptr || !output_.aggregate.empty() ? MetricType::gauge : MetricType::untyped;
  }

  void check_type(const Located<std::string>& name, const MetricSpec& spec, const Field* value,
                  MetricType type) {
    const Span at = spec.type ? spec.type->at : name.at;
    const bool histogram = value != nullptr && is_histogram(*value);
    if (type == MetricType::histogram && !histogram) {
      diagnostics_.error(at, "the value of a histogram must be a histogram field",
                         "add one to \"aggregate\", such as \"log2(latency)\"");
    } else if (type != MetricType::histogram && histogram) {
      diagnostics_.error(
          at,
          fmt::format("\"{}\" is a histogram, not a {}", escape_for_terminal(**spec.value), name_of(type)),
          "use \"type\": \"histogram\", or omit it");
    } else if (source_.rows == Rows::stream && value == nullptr && type != MetricType::counter) {
      diagnostics_.error(at, "the number of a stream's records is a counter", "use \"type\": \"counter\"");
    }
    if (spec.scale && histogram && value->histogram->kind == Histogram::Kind::exponential) {
      diagnostics_.error(spec.scale->at, "the bounds of an exponential histogram cannot be scaled",
                         "remove \"scale\" and set the unit of the values");
    }
  }

  void check_name(const Located<std::string>& name, const MetricSpec& spec, MetricType type) {
    const std::string shown = escape_for_terminal(*name);
    if (!is_metric_name(*name)) {
      const std::string near = metric_name_of(*name);
      diagnostics_.error(name.at, fmt::format("invalid metric name \"{}\"", shown),
                         near.empty() ? "use letters, digits and \"_\", not beginning with a digit or \"__\""
                                      : fmt::format("use a name such as \"{}\"", near));
      return;
    }
    const bool total = name->ends_with("_total");
    if (type == MetricType::counter && !total) {
      diagnostics_.error(name.at,
                         fmt::format("the name of the counter \"{}\" does not end in \"_total\"", shown),
                         fmt::format("use \"{}_total\"", shown));
    }
    const std::string family(family_name(*name, type));
    if (const std::string_view suffix = reserved_suffix(family); !suffix.empty()) {
      diagnostics_.error(
          name.at, fmt::format("the name of a {} cannot end in \"{}\"", name_of(type), suffix),
          suffix == "_total"
              ? "remove it, or use \"type\": \"counter\""
              : fmt::format("use another name: \"{}\" is reserved for parts of other metrics", suffix));
    }
    if (name->starts_with("probe_run_") || name->starts_with("process_")) {
      diagnostics_.error(name.at, fmt::format("\"{}\" is reserved for metrics of the runner", shown),
                         "use a name that does not begin with probe_run_ or process_");
    }
    if (spec.unit && !is_metric_name(**spec.unit)) {
      diagnostics_.error(spec.unit->at, fmt::format("invalid unit \"{}\"", escape_for_terminal(**spec.unit)),
                         "use a word such as \"seconds\", \"bytes\" or \"packets\"");
    } else if (spec.unit && !family.ends_with("_" + **spec.unit)) {
      diagnostics_.error(name.at, fmt::format("the name does not end with the unit \"{}\"", **spec.unit),
                         fmt::format("use a name such as \"{}_{}{}\"", family, **spec.unit,
                                     type == MetricType::counter ? "_total" : ""));
    }
  }

  std::vector<Label> labels(const MetricLabels& spec, MetricType type) {
    std::vector<Label> labels;
    for (const MetricLabels::Label& item : spec.items) {
      const Located<std::string>& told = item.name ? *item.name : item.path;
      const std::string name = item.name ? **item.name : label_name_of(without_side(*item.path));
      const std::string shown = escape_for_terminal(name);
      if (!is_label_name(name)) {
        diagnostics_.error(told.at, fmt::format("invalid label name \"{}\"", shown),
                           "use letters, digits and \"_\", not beginning with a digit or \"__\"");
      } else if (name == "le" && type == MetricType::histogram) {
        diagnostics_.error(told.at, "the label \"le\" is reserved for the buckets of a histogram",
                           "use another name: { \"bound\": \"le\" }");
      } else if (std::any_of(labels.begin(), labels.end(),
                             [&](const Label& label) { return label.name == name; })) {
        diagnostics_.error(told.at, fmt::format("duplicate label \"{}\"", shown),
                           "set the names: { \"name\": \"field\" }");
      } else if (const Field* const field = find(item.path)) {
        labels.push_back({name, field});
      }
    }
    return labels;
  }

  const MetricSource& source_;
  const OutputSpec& output_;
  const Plan& plan_;
  Diagnostics& diagnostics_;
  std::vector<Label> labels_;
  std::vector<Column> values_;
  std::vector<Metric> metrics_;
};

}  // namespace

std::vector<Metric> compile_metrics(const MetricSource& source, const OutputSpec& output, const Plan& plan,
                                    Diagnostics& diagnostics) {
  return Compiler(source, output, plan, diagnostics).compile();
}

}  // namespace probe_run
