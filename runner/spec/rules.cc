#include "spec/rules.h"

#include <fmt/format.h>

#include "support/identifier.h"
#include "support/number.h"
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
    for (const ProgramSpec& program : spec_.programs) {
      for (const Located<AttachPoint>& point : program.attach.items) check_attach(point);
    }
    for (const MapSpec& map : spec_.maps) check_map(map);
    for (const OutputSpec& output : spec_.outputs) check_output(output);
  }

 private:
  void check_attach(const Located<AttachPoint>& point) {
    const auto check_target = [&](const auto& uprobe) {
      if (!uprobe.symbol && !uprobe.offset) {
        diagnostics_.error({point.at.begin, point.at.begin + 1},
                           "a user-space probe needs a \"symbol\" or an \"offset\"",
                           "such as \"symbol\": \"main\"");
      }
      if (uprobe.pid && (**uprobe.pid <= 0 || **uprobe.pid > INT32_MAX)) {
        diagnostics_.error(uprobe.pid->at, fmt::format("{} is no process id", **uprobe.pid),
                           "leave \"pid\" out for all processes");
      }
    };
    if (const auto* uprobe = std::get_if<UprobeAttach>(&point.value)) check_target(*uprobe);
    if (const auto* uretprobe = std::get_if<UretprobeAttach>(&point.value)) check_target(*uretprobe);
  }

  void check_map(const MapSpec& map) {
    for (const auto& [name, field] : map.fields) {
      if (!field.as && field.values.empty() && field.when.empty()) {
        diagnostics_.error(name.at, "this says nothing of the field",
                           "give it \"as\", \"values\" or \"when\", such as { \"as\": \"hex\" }");
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

  void check_output(const OutputSpec& output) {
    const bool traces = output.trace_pipe != TracePipe::none;
    if (output.map.has_value() == traces) {
      diagnostics_.error(output.at, "an output shows either a \"map\" or the \"trace_pipe\"");
    }
    if (output.group_by.empty() != output.aggregate.empty()) {
      diagnostics_.error(output.at, "\"group_by\" and \"aggregate\" go together",
                         "such as \"group_by\": [\"comm\"], \"aggregate\": { \"opens\": \"count\" }");
    }
    for (const auto& [name, function] : output.aggregate) {
      if (!name->empty() && is_visible(*name)) continue;
      diagnostics_.error(name.at,
                         fmt::format("a column cannot have the name \"{}\"", escape_for_terminal(*name)),
                         "it needs one, without control characters");
    }
    if (output.text_template && output.format && *output.format != OutputFormat::text) {
      diagnostics_.error(
          output.text_template->at,
          fmt::format("a \"template\" belongs to the format text, not {}", name_of(*output.format)),
          "leave out the \"template\" or the \"format\"");
    }
    if (output.limit && **output.limit == 0) {
      diagnostics_.error(output.limit->at, "a \"limit\" of 0 would show nothing",
                         "leave it out to show every row");
    }
    if (output.to && (*output.to)->empty()) {
      diagnostics_.error(output.to->at, "\"to\" names nothing", "stdout, stderr, or a file's path");
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
