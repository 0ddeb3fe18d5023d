#include "spec/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "spec/map_spec.h"
#include "spec/output_spec.h"
#include "spec/program_spec.h"
#include "spec/spec.h"
#include "support/identifier.h"
#include "support/integer.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

bool is_visible(std::string_view name) {
  while (!name.empty()) {
    const Utf8Character character = next_utf8(name);
    if (!character.valid || must_escape(character.code_point)) return false;
    name.remove_prefix(character.length);
  }
  return true;
}

// Far more than a spec needs. What a short spec can make the program do grows with the products of these.
constexpr std::size_t most_outputs = 256;
constexpr std::size_t most_columns = 1024;
constexpr std::size_t most_metrics = 16384;
constexpr std::size_t most_keys = 64;  // fields that make a group, and labels
constexpr std::size_t most_parameters = 256;

class Rules {
 public:
  Rules(const Spec& spec, Span programs, Diagnostics& diagnostics)
      : spec_(spec), programs_(programs), diagnostics_(diagnostics) {}

  void check() {
    check_count(spec_.parameters, most_parameters, "parameters",
                [](const auto& item) { return item.first.at; });
    check_count(spec_.outputs, most_outputs, "outputs", [](const auto& item) { return item.at; });
    for (const auto& [name, parameter] : spec_.parameters) {
      if (!is_identifier(*name)) {
        diagnostics_.error(name.at, "the name of a parameter may contain only letters, digits and \"_\"");
      }
    }
    if (spec_.programs.empty()) {
      diagnostics_.error(programs_, "the spec has no programs", "add at least one program of the object");
    }
    for (const ProgramChoice& choice : spec_.programs) check_choice(choice);
    for (const ProgramSpec* program : every_program(spec_)) {
      for (const Located<AttachPoint>& point : program->attach.items) check_attach(point);
    }
    for (const MapSpec& map : spec_.maps) check_map(map);
    for (const OutputSpec& output : spec_.outputs) check_output(output);
  }

 private:
  template <class Items, class Place>
  void check_count(const Items& items, std::size_t most, std::string_view what, const Place& place_of) {
    if (items.size() <= most) return;
    diagnostics_.error(place_of(*std::next(items.begin(), static_cast<std::ptrdiff_t>(most))),
                       fmt::format("too many {}: {}", what, items.size()),
                       fmt::format("use at most {}", most));
  }

  void check_counts(const OutputSpec& output) {
    const auto key_place = [](const auto& item) { return item.first.at; };
    check_count(output.fields, most_columns, "fields", [](const auto& item) { return item.field.at; });
    check_count(output.aggregate, most_columns, "columns in \"aggregate\"", key_place);
    check_count(output.group_by, most_keys, "fields in \"group_by\"",
                [](const auto& item) { return item.at; });
    check_count(output.metrics, most_metrics, "metrics", key_place);
    for (const auto& [name, metric] : output.metrics) {
      if (!metric.labels) continue;
      check_count(metric.labels->items, most_keys, "labels", [](const auto& item) { return item.path.at; });
    }
  }

  void check_choice(const ProgramChoice& choice) {
    if (choice.ways.empty()) {
      diagnostics_.error(choice.at, "\"first_of\" is empty", "list the programs to try, the best first");
    }
    if (choice.ways.size() < 2) return;
    for (const ProgramGroup& way : choice.ways) {
      if (!std::all_of(way.items.begin(), way.items.end(), [](const auto& p) { return p.optional; }))
        continue;
      diagnostics_.error(
          way.items.front().name.at,
          "all programs of this alternative are optional, so later alternatives are never tried",
          "remove \"optional\" from them; next to \"first_of\" it applies to the whole choice");
    }
  }

  void check_attach(const Located<AttachPoint>& point) {
    std::visit(
        [&](const auto& alternative) {
          const Span begin{point.at.begin, point.at.begin + 1};
          check_one_of(alternative, begin);
          if constexpr (requires { alternative.pid; }) check_pid(alternative.pid);
          if constexpr (requires { alternative.binary, alternative.symbol; }) check_place(alternative, begin);
        },
        point.value);
  }

  // Exactly one of the keys in the list must be given.
  template <class Point>
  void check_one_of(const Point& point, Span begin) {
    if constexpr (requires { Point::one_of; }) {
      std::size_t given = 0;
      const auto count = [&](const auto& key) {
        if constexpr (requires { (point.*key.member).has_value(); }) {
          const auto& names = Point::one_of;
          if (std::find(names.begin(), names.end(), key.name) != names.end() &&
              (point.*key.member).has_value())
            ++given;
        }
      };
      std::apply([&](const auto&... key) { (count(key), ...); }, Point::keys());
      if (given == 1) return;
      const std::string names = fmt::format("\"{}\"", fmt::join(Point::one_of, "\" or \""));
      diagnostics_.error(begin, fmt::format("attach type \"{}\" {} {}", Point::type,
                                            given == 0 ? "needs" : "accepts only one of", names));
    }
  }

  void check_pid(const std::optional<Located<std::int64_t>>& pid) {
    if (!pid || (**pid > 0 && **pid <= INT32_MAX)) return;
    diagnostics_.error(pid->at, fmt::format("{} is not a process id", **pid),
                       "omit \"pid\" for all processes");
  }

  template <class Uprobe>
  void check_place(const Uprobe& uprobe, Span begin) {
    if (!uprobe.symbol && !uprobe.offset && !uprobe.pattern) {
      diagnostics_.error(begin, "a user-space probe needs a \"symbol\" or an \"offset\"",
                         "add one, such as \"symbol\": \"main\"");
    }
    if (uprobe.pattern && (uprobe.symbol || uprobe.offset)) {
      diagnostics_.error(uprobe.pattern->at, "\"pattern\" cannot be combined with \"symbol\" or \"offset\"");
    }
    if (std::is_same_v<Uprobe, UretprobeAttach> && uprobe.symbol && uprobe.offset && **uprobe.offset != 0) {
      diagnostics_.error(
          uprobe.offset->at, "a return probe cannot have an \"offset\" from the function's start",
          "remove it: after the first instruction, the kernel would not find the return address, "
          "and every process that calls the function would crash");
    }
  }

  void check_map(const MapSpec& map) {
    for (const auto& [name, field] : map.fields) {
      if (!field.as && field.values.empty() && field.when.empty() && !field.unit && !field.length &&
          !field.histogram) {
        diagnostics_.error(
            name.at, "the options of the field are empty",
            "add \"as\", \"values\", \"when\", \"unit\", \"length\" or \"histogram\", such as { \"as\": \"hex\" }");
      }
      if (field.unit && ((*field.unit)->empty() || !is_visible(**field.unit))) {
        diagnostics_.error(field.unit->at,
                           fmt::format("invalid unit \"{}\"", escape_for_terminal(**field.unit)),
                           "use a short text such as \"ns\" or \"bytes\", without control characters");
      }
      for (const auto& [number, text] : field.values) {
        if (!parse_number(*number)) {
          diagnostics_.error(number.at, fmt::format("\"{}\" is not a number", escape_for_terminal(*number)),
                             "use numbers as the keys of \"values\": { \"6\": \"TCP\" }");
        }
      }
    }
    if (!map.types.empty() && !map.type) {
      diagnostics_.error(map.types.front().type.at,
                         "\"types\" needs a \"type\" with which all the records begin",
                         "add the struct with the fields of \"when\"");
    }
    for (const RecordType& type : map.types) {
      if (type.when.empty()) {
        diagnostics_.error(type.type.at,
                           fmt::format("\"{}\" has no \"when\"", escape_for_terminal(*type.type)),
                           "add a condition such as \"when\": { \"kind\": 1 }");
      }
    }
    if (!map.layout.empty() && map.type) {
      diagnostics_.error(map.type->at, "\"layout\" and \"type\" cannot be combined", "remove one of them");
    }
  }

  void check_column_name(const Located<std::string>& name) {
    if (!name->empty() && is_visible(*name)) return;
    diagnostics_.error(name.at, fmt::format("invalid column name \"{}\"", escape_for_terminal(*name)),
                       "use a name that is not empty and has no control characters");
  }

  void check_output(const OutputSpec& output) {
    check_counts(output);
    const bool traces = output.trace_pipe != TracePipe::none;
    if (output.map.has_value() == traces) {
      diagnostics_.error(output.at, "an output must have either \"map\" or \"trace_pipe\"");
    }
    if (output.aggregate.empty() && (!output.group_by.empty() || output.groups || output.cumulative)) {
      diagnostics_.error(!output.group_by.empty() ? output.group_by.front().at
                         : output.groups          ? output.groups->at
                                                  : output.at,
                         fmt::format("\"{}\" needs an \"aggregate\"", !output.group_by.empty() ? "group_by"
                                                                      : output.groups          ? "groups"
                                                                                      : "cumulative"),
                         "add columns for each group, such as \"aggregate\": { \"opens\": \"count\" }");
    }
    if (output.groups && output.groups->value > most_groups) {
      diagnostics_.error(output.groups->at,
                         fmt::format("invalid number of groups: {}", output.groups->value.number),
                         fmt::format("use 1 to {}", most_groups));
    }
    if (output.series && output.series->value > most_series) {
      diagnostics_.error(output.series->at,
                         fmt::format("invalid number of series: {}", output.series->value.number),
                         fmt::format("use 1 to {}", most_series));
    }
    for (const auto& [name, function] : output.aggregate) check_column_name(name);
    for (const OutputField& field : output.fields) {
      if (field.name) check_column_name(*field.name);
    }
    if (output.text_template && output.format && !takes_template(*output.format)) {
      diagnostics_.error(
          output.text_template->at,
          fmt::format("\"template\" applies only to the format text, not {}", name_of(*output.format)),
          "remove \"template\" or \"format\"");
    }
    if (output.where && output.where->value.find_first_not_of(" \t\n") == std::string::npos) {
      diagnostics_.error(output.where->at, "\"where\" is empty",
                         "write a condition such as \"pid == 42\", or remove it to show every row");
    }
    if (output.to && ((*output.to)->empty() || **output.to == "-")) {
      diagnostics_.error(output.to->at,
                         fmt::format("\"to\" is {}", (*output.to)->empty() ? "empty" : "\"-\""),
                         "use stdout, stderr, or the path of a file");
    }
  }

  const Spec& spec_;
  Span programs_;
  Diagnostics& diagnostics_;
};

}  // namespace

void check_rules(const Spec& spec, Span programs, Diagnostics& diagnostics) {
  Rules(spec, programs, diagnostics).check();
}

}  // namespace probe_run
