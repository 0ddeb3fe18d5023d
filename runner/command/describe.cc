// --describe: what a spec would do, or what a recording contains.
#include <fmt/format.h>

#include <algorithm>

#include "attach/attach.h"
#include "command/command.h"
#include "command/describe_recording.h"
#include "engine/compile.h"
#include "engine/needs.h"
#include "engine/spec_path.h"
#include "sink/terminal.h"
#include "spec/map_spec.h"
#include "spec/program_spec.h"
#include "spec/spec.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

std::string value_text(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.data))
    return fmt::format("\"{}\"", escape_for_terminal(*text));
  if (const bool* flag = std::get_if<bool>(&value.data)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::uint64_t>(&value.data)) return std::to_string(*number);
  if (const auto* number = std::get_if<std::int64_t>(&value.data)) return std::to_string(*number);
  return std::string(value.kind());
}

void describe_parameters(Sink& out, const Spec& spec) {
  for (const auto& [name, parameter] : spec.parameters) {
    print(out, "  --set {}=...  {}{}\n", escape_for_terminal(*name),
          escape_for_terminal(parameter.description),
          parameter.default_value ? fmt::format(" (default {})", value_text(*parameter.default_value))
                                  : fmt::format(" (required, such as {})", value_text(*parameter.example)));
  }
}

void describe_fields(Sink& out, const Field& field, int depth) {
  for (const Field& member : field.fields) {
    print(out, "{:{}}{}  {}{}\n", "", 4 + 2 * depth, escape_for_terminal(member.name),
          member.type != nullptr ? escape_for_terminal(to_text(*member.type))
                                 : fmt::format("{} bytes", member.size),
          member.shape == Shape::rendered ? fmt::format("  as {}", member.renderer->name) : "");
    if (member.shape == Shape::structure) describe_fields(out, member, depth + 1);
  }
}

// Prints the limits of an output's groups, which may be lower than in the spec.
void describe_groups(Sink& out, const Pipeline& pipeline) {
  bool titled = false;
  for (const auto& output : pipeline.outputs()) {
    const GroupTable* const groups = output->view().groups();
    if (groups == nullptr || output->is_state()) continue;
    const Plan& plan = groups->plan();
    const std::size_t count = plan.other ? plan.other->keys : 0;
    if (count == 0) continue;
    std::string keys;
    for (std::size_t i = 0; i < count; ++i)
      keys += (keys.empty() ? "" : ", ") + escape_for_terminal(plan.root.fields[i].path);
    if (!titled) print(out, "groups:\n");
    titled = true;
    print(out, "  by {}: at most {}, each of up to {} bytes\n", keys, groups->limit(), groups->group_bytes());
  }
}

void describe_group(Sink& out, const ProgramGroup& group, std::string_view before) {
  for (const ProgramSpec& program : group.items) {
    if (program.attach.items.empty()) {
      print(out, "{}{}, called by other programs\n", before, escape_for_terminal(*program.name));
      before = before.size() > 2 ? "       " : before;
    }
    for (const Located<AttachPoint>& point : program.attach.items) {
      print(out, "{}{} at {}{}\n", before, escape_for_terminal(*program.name), describe(point.value),
            program.optional ? " (optional)" : "");
      before = before.size() > 2 ? "       " : before;
    }
  }
}

void describe_choice(Sink& out, const ProgramChoice& choice) {
  if (choice.ways.size() == 1 && !choice.optional) return describe_group(out, choice.ways.front(), "  ");
  print(out, "  the first of these that works{}:\n", choice.optional ? " (optional)" : "");
  for (std::size_t way = 0; way < choice.ways.size(); ++way)
    describe_group(out, choice.ways[way], fmt::format("    {}. ", way + 1));
}

// Prints what a run does before it attaches the first program, and what stays after it.
void describe_set_up(Sink& out, const Spec& spec, const ObjectDescription& object) {
  bool titled = false;
  const auto line = [&](std::string_view name, const std::string& words) {
    if (!titled) print(out, "set up:\n");
    titled = true;
    print(out, "  {}: {}\n", escape_for_terminal(name), words);
  };
  for (const MapSpec& map : spec.maps) {
    if (map.entries) {
      const std::size_t count = (*map.entries)->size();
      line(*map.name, fmt::format("{} entr{}", count, count == 1 ? "y" : "ies"));
    }
    if (map.pin) {
      line(*map.name, fmt::format("pinned at {}{}", escape_for_terminal(**map.pin),
                                  map.reuse_pin ? ", or reused from there" : ""));
    }
  }
  for (const MapInfo& map : object.maps) {
    const bool is_in_spec = std::any_of(spec.maps.begin(), spec.maps.end(), [&](const MapSpec& wanted) {
      return *wanted.name == map.name && wanted.pin;
    });
    if (map.pin.empty() || is_in_spec) continue;
    line(map.name,
         fmt::format("pinned at {}, or reused from there, as the object declares (LIBBPF_PIN_BY_NAME)",
                     escape_for_terminal(map.pin)));
  }
  for (const ProgramSpec* program : every_program(spec)) {
    if (!program->pin) continue;
    line(*program->name, fmt::format("stays attached, pinned at {}", escape_for_terminal(**program->pin)));
  }
}

void describe_spec(Sink& out, const CompiledSpec& compiled) {
  const Spec& spec = compiled.spec;
  const std::string name = escape_for_terminal(*spec.name);
  print(out, "{}\n", spec.description.empty() ? name : name + ": " + escape_for_terminal(spec.description));
  print(out, "object: {}\n", escape_for_terminal(compiled.object->description().path));
  if (!spec.parameters.empty()) print(out, "parameters:\n");
  describe_parameters(out, spec);
  print(out, "programs:\n");
  for (const ProgramChoice& choice : spec.programs) describe_choice(out, choice);
  bool titled = false;
  for (const Input& input : compiled.pipeline->inputs()) {
    if (input.is_printed_lines()) continue;
    if (!titled) print(out, "maps:\n");
    titled = true;
    print(out, "  {} ({}{})\n", escape_for_terminal(input.info->name), map_type_name(input.info->type),
          input.spec->read ? fmt::format(", {}", name_of(**input.spec->read)) : "");
    describe_fields(out, input.plan->root, 0);
  }
  describe_set_up(out, spec, compiled.object->description());
  describe_groups(out, *compiled.pipeline);
  if (spec.token) return;  // BPF is delegated
  print(out, "to run it without root:\n{}", to_text(needs_of(compiled)));
}

}  // namespace

int describe(const Options& options, Sink& out) {
  Options of_specs = options;
  std::erase_if(of_specs.specs, is_recording);
  const std::vector<NamedSpec> specs = read_specs(of_specs);
  FileUses files;
  for (const std::string& name : options.specs) {
    if (is_recording(name)) files.reads(name, fmt::format("the recording {}", escape_for_terminal(name)));
  }
  claim_answer(specs, files);
  auto spec = specs.begin();
  int code = exit_ok;
  for (const std::string& name : options.specs) {
    const bool recorded = spec == specs.end() || spec->argument != name;
    try {
      if (recorded) {
        if (!describe_recording(name, out)) code = std::max<int>(code, exit_failed);
        continue;
      }
      LibbpfLog log;
      SinkSet sinks(SinkSet::Kind::null);
      describe_spec(out, *compile_spec(*spec++, options, MissingParameters::use_example, log, sinks));
    } catch (const Error& error) {
      out.flush();
      report(error.diagnostics());
      code = recorded ? std::max<int>(code, exit_failed) : exit_invalid;
    }
  }
  return code;
}

}  // namespace probe_run
