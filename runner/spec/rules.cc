#include "spec/rules.h"

#include <fmt/format.h>

#include <algorithm>

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

class Rules {
 public:
  Rules(const Spec& spec, Span programs, Diagnostics& diagnostics)
      : spec_(spec), programs_(programs), diagnostics_(diagnostics) {}

  void check() {
    for (const auto& [name, parameter] : spec_.parameters) {
      if (!is_identifier(*name)) {
        diagnostics_.error(name.at, "a parameter's name has letters, digits and \"_\" only");
      }
    }
    if (spec_.programs.empty()) {
      diagnostics_.error(programs_, "the spec has no programs", "name at least one of the object's programs");
    }
    for (const ProgramChoice& choice : spec_.programs) check_choice(choice);
    for (const ProgramSpec* program : every_program(spec_)) {
      for (const Located<AttachPoint>& point : program->attach.items) check_attach(point);
    }
    for (const MapSpec& map : spec_.maps) check_map(map);
    for (const OutputSpec& output : spec_.outputs) check_output(output);
  }

 private:
  void check_choice(const ProgramChoice& choice) {
    if (choice.ways.empty()) {
      diagnostics_.error(choice.at, "\"first_of\" lists no way", "name the programs to try, the best first");
    }
    if (choice.ways.size() < 2) return;
    for (const ProgramGroup& way : choice.ways) {
      if (!std::all_of(way.items.begin(), way.items.end(), [](const auto& p) { return p.optional; }))
        continue;
      diagnostics_.error(
          way.items.front().name.at,
          "a way whose programs are all optional is never refused, so no way after it is tried",
          "leave their \"optional\" out; beside \"first_of\" it is for the whole choice");
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

  // Of the keys in the list there must be exactly one.
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
                                            given == 0 ? "needs" : "takes only one of", names));
    }
  }

  void check_pid(const std::optional<Located<std::int64_t>>& pid) {
    if (!pid || (**pid > 0 && **pid <= INT32_MAX)) return;
    diagnostics_.error(pid->at, fmt::format("{} is no process id", **pid),
                       "leave \"pid\" out for all processes");
  }

  template <class Uprobe>
  void check_place(const Uprobe& uprobe, Span begin) {
    if (!uprobe.symbol && !uprobe.offset && !uprobe.pattern) {
      diagnostics_.error(begin, "a user-space probe needs a \"symbol\" or an \"offset\"",
                         "such as \"symbol\": \"main\"");
    }
    if (uprobe.pattern && (uprobe.symbol || uprobe.offset)) {
      diagnostics_.error(uprobe.pattern->at, "a \"pattern\" stands alone, without \"symbol\" and \"offset\"");
    }
    if (std::is_same_v<Uprobe, UretprobeAttach> && uprobe.symbol && uprobe.offset && **uprobe.offset != 0) {
      diagnostics_.error(uprobe.offset->at,
                         "a return is probed from the function's first instruction, without an \"offset\"",
                         "leave it out: further on, the return address is no longer where the kernel takes "
                         "it from, and every process that comes by would crash");
    }
  }

  void check_map(const MapSpec& map) {
    for (const auto& [name, field] : map.fields) {
      if (!field.as && field.values.empty() && field.when.empty() && !field.unit && !field.histogram) {
        diagnostics_.error(
            name.at, "this says nothing of the field",
            "give it \"as\", \"values\", \"when\", \"unit\" or \"histogram\", such as { \"as\": \"hex\" }");
      }
      if (field.unit && ((*field.unit)->empty() || !is_visible(**field.unit))) {
        diagnostics_.error(field.unit->at,
                           fmt::format("a unit cannot be \"{}\"", escape_for_terminal(**field.unit)),
                           "a short text such as \"ns\" or \"bytes\", without control characters");
      }
      for (const auto& [number, text] : field.values) {
        if (!parse_number(*number)) {
          diagnostics_.error(number.at, fmt::format("\"{}\" is no number", escape_for_terminal(*number)),
                             "\"values\" goes from numbers to names: { \"6\": \"TCP\" }");
        }
      }
    }
    if (!map.types.empty() && !map.type) {
      diagnostics_.error(map.types.front().type.at,
                         "\"types\" needs the \"type\" that all the records begin with",
                         "name the struct that holds the fields of \"when\"");
    }
    for (const RecordType& type : map.types) {
      if (type.when.empty()) {
        diagnostics_.error(type.type.at,
                           fmt::format("nothing chooses \"{}\"", escape_for_terminal(*type.type)),
                           "such as \"when\": { \"kind\": 1 }");
      }
    }
    if (!map.layout.empty() && map.type) {
      diagnostics_.error(map.type->at, "\"layout\" and \"type\" both say what the records are",
                         "leave one of them out");
    }
  }

  void check_column_name(const Located<std::string>& name) {
    if (!name->empty() && is_visible(*name)) return;
    diagnostics_.error(name.at,
                       fmt::format("a column cannot have the name \"{}\"", escape_for_terminal(*name)),
                       "it needs one, without control characters");
  }

  void check_output(const OutputSpec& output) {
    const bool traces = output.trace_pipe != TracePipe::none;
    if (output.map.has_value() == traces) {
      diagnostics_.error(output.at, "an output shows either a \"map\" or the \"trace_pipe\"");
    }
    if (output.aggregate.empty() && (!output.group_by.empty() || output.groups || output.cumulative)) {
      diagnostics_.error(!output.group_by.empty() ? output.group_by.front().at
                         : output.groups          ? output.groups->at
                                                  : output.at,
                         fmt::format("\"{}\" needs an \"aggregate\"", !output.group_by.empty() ? "group_by"
                                                                      : output.groups          ? "groups"
                                                                                      : "cumulative"),
                         "what is computed for each group, such as \"aggregate\": { \"opens\": \"count\" }");
    }
    if (output.groups && (**output.groups == 0 || **output.groups > most_groups)) {
      diagnostics_.error(output.groups->at, fmt::format("there cannot be {} groups", **output.groups),
                         fmt::format("1 to {}", most_groups));
    }
    for (const auto& [name, function] : output.aggregate) check_column_name(name);
    for (const OutputField& field : output.fields) {
      if (field.name) check_column_name(*field.name);
    }
    if (output.text_template && output.format && !takes_template(*output.format)) {
      diagnostics_.error(
          output.text_template->at,
          fmt::format("a \"template\" belongs to the format text, not {}", name_of(*output.format)),
          "leave out the \"template\" or the \"format\"");
    }
    if (output.limit && **output.limit == 0) {
      diagnostics_.error(output.limit->at, "a \"limit\" of 0 would show nothing",
                         "leave it out to show every row");
    }
    if (output.where && output.where->value.find_first_not_of(" \t\n") == std::string::npos) {
      diagnostics_.error(output.where->at, "a \"where\" that says nothing",
                         "such as \"pid == 42\"; leave it out to show every row");
    }
    if (output.sample && **output.sample == 0) {
      diagnostics_.error(output.sample->at, "a \"sample\" of every 0th row is none",
                         "2 shows every other row; leave it out to show every row");
    }
    if (output.to && ((*output.to)->empty() || **output.to == "-")) {
      diagnostics_.error(output.to->at,
                         fmt::format("\"to\" names {}", (*output.to)->empty() ? "nothing" : "\"-\""),
                         "stdout, stderr, or a file's path");
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
