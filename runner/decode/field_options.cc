#include "decode/field_options.h"

#include <fmt/format.h>
#include <linux/bpf.h>

#include <algorithm>

#include "decode/constant.h"
#include "decode/field_measure.h"
#include "decode/histogram_option.h"
#include "decode/renderer.h"
#include "decode/unknown_field.h"
#include "spec/map_spec.h"
#include "support/integer.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// Unlike Plan::find(), also finds fields in an array's element: "hops[].port".
Field* find_deep(Field& field, std::string_view path) {
  if (field.path == path && !path.empty()) return &field;
  if (field.shape != Shape::structure && field.shape != Shape::array) return nullptr;
  for (Field& member : field.fields) {
    if (Field* found = find_deep(member, path)) return found;
  }
  return nullptr;
}

void collect_deep(const Field& field, std::vector<std::string>& paths) {
  if (!field.path.empty()) paths.push_back(field.path);
  if (field.shape != Shape::structure && field.shape != Shape::array) return;
  for (const Field& member : field.fields) collect_deep(member, paths);
}

// The array element that contains the field: "hops[]" for "hops[].port"; "" for none. An element that is itself the
// field has no other fields: "ids[]" for "ids[]".
std::string_view element_of(std::string_view path) {
  const std::size_t end = path.rfind("[]");
  return end == std::string_view::npos ? std::string_view() : path.substr(0, end + 2);
}

const Field* find_from(const Plan& plan, std::string_view path, std::string_view name) {
  auto& root = const_cast<Field&>(plan.root);  // NOLINT(*-const-cast): only looked at
  // A field in another record, such as in an array's element, cannot be used.
  const std::string_view element = element_of(path);
  const auto beside = [&](std::string_view candidate) -> const Field* {
    const Field* const found = find_deep(root, candidate);
    return found != nullptr && element_of(found->path) == element ? found : nullptr;
  };
  for (std::string_view scope = path; scope.size() > element.size();) {
    const std::size_t dot = scope.rfind('.');
    if (dot == std::string_view::npos) break;
    scope = scope.substr(0, dot);
    if (const Field* found = beside(fmt::format("{}.{}", scope, name))) return found;
  }
  if (element.empty()) return plan.find(name);
  // By its path, with or without "value." or the record type before it.
  const std::string_view named = element_of(name);
  const bool same = !named.empty() && element.ends_with(named) &&
                    (named.size() == element.size() || element[element.size() - named.size() - 1] == '.');
  return same ? beside(fmt::format("{}{}", element, name.substr(named.size()))) : nullptr;
}

class Options {
 public:
  Options(const MapSpec& map, const ObjectDescription& object, Plan& plan, Diagnostics& diagnostics)
      : map_(map), object_(object), plan_(plan), diagnostics_(diagnostics) {}

  void apply(const Located<std::string>& path, const FieldSpec& spec) {
    Field* const field = find(*path);
    if (field == nullptr) {
      if (!unknown_field(plan_, *path)) return;
      std::vector<std::string> paths = plan_.paths();
      const std::vector<std::string> all = paths;
      if (Field* const meant = find(nearest(*path, views(all)))) meant->mistaken = true;
      for (const Field& top : plan_.root.fields) collect_deep(top, paths);
      std::sort(paths.begin(), paths.end());
      paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
      return diagnostics_.error(
          path.at, fmt::format("the map \"{}\" has no field \"{}\"", *map_.name, escape_for_terminal(*path)),
          suggestion(*path, views(plan_.paths().size() > 12 ? paths : plan_.paths()), "fields"));
    }
    if (spec.unit) field->unit = **spec.unit;
    if (spec.histogram) {
      const auto beside = [&](std::string_view name) { return find_from(plan_, field->path, name); };
      field->histogram = compile_histogram_option(*spec.histogram, *field, spec.unit ? **spec.unit : "",
                                                  plan_, beside, diagnostics_);
    }
    if (spec.as || !spec.values.empty()) render(*field, path, spec);
    if (spec.length)
      set_length(*field, *spec.length, find_from(plan_, field->path, **spec.length), plan_, diagnostics_);
    if (spec.stacks && !spec.as) needs_stack(spec.stacks->at, "stacks");
    if (spec.process && !spec.as) needs_stack(spec.process->at, "process");
    if (!spec.when.empty() && field->path.ends_with("[]")) {
      diagnostics_.error(path.at, "\"when\" applies to a whole array or to members of its elements",
                         fmt::format("use \"{}\" instead", path->substr(0, path->size() - 2)));
    } else if (!spec.when.empty()) {
      if (const auto condition = compile_condition(spec.when, field->path, plan_, diagnostics_)) {
        restrict_field(*field, condition);
      }
    }
  }

 private:
  Field* find(std::string_view path) {
    if (path.find("[]") == std::string_view::npos) {
      // find() is const for all other users; this plan is still being built.
      return const_cast<Field*>(plan_.find(path));  // NOLINT(*-const-cast)
    }
    for (const std::string& candidate :
         {std::string(path), fmt::format("value.{}", path), fmt::format("key.{}", path)}) {
      if (Field* found = find_deep(plan_.root, candidate)) return found;
    }
    Field* only = nullptr;
    for (Field& type : plan_.root.fields) {
      if (plan_.variants.empty() || !type.when) continue;
      Field* const found = find_deep(type, fmt::format("{}.{}", type.name, path));
      if (found != nullptr && only != nullptr) return nullptr;  // ambiguous
      if (found != nullptr) only = found;
    }
    return only;
  }

  void needs_stack(Span at, std::string_view key) {
    diagnostics_.error(at, fmt::format("\"{}\" applies only to renderers of addresses", key),
                       "add a renderer such as \"as\": \"ustack\"");
  }

  const Renderer* renderer_of(const FieldSpec& spec) {
    if (!spec.as) return &values_renderer();
    const Renderer* const renderer = find_renderer(**spec.as);
    if (renderer == nullptr) {
      diagnostics_.error(spec.as->at, fmt::format("unknown renderer \"{}\"", escape_for_terminal(**spec.as)),
                         suggestion(**spec.as, renderer_names(), "renderers"));
    }
    return renderer;
  }

  // A hint that lists the renderers for the field.
  static std::string fitting(const Field& field) {
    if (field.shape == Shape::structure) {
      if (field.fields.empty()) return {};
      return fmt::format("set renderers for its members, such as \"{}\"", field.fields[0].path);
    }
    std::vector<const Renderer*> fit;
    for (const Renderer* renderer : all_renderers()) {
      if (takes(*renderer, field)) fit.push_back(renderer);
    }
    if (fit.empty() && field.shape == Shape::array) return fitting(field.fields[0]);
    // Those that are made for its size are first.
    std::stable_partition(fit.begin(), fit.end(), [](const Renderer* renderer) {
      return renderer->takes != Renderer::Takes::any_bytes;
    });
    std::vector<std::string_view> names;
    names.reserve(fit.size());
    for (const Renderer* renderer : fit) names.push_back(renderer->name);
    return (names.size() == 1 ? "use " : "use one of ") + join(names, " or ");
  }

  static std::vector<std::string_view> named_renderers() {
    std::vector<std::string_view> names;
    for (const Renderer* renderer : all_renderers()) {
      if (renderer->values != Renderer::Values::refused) names.push_back(renderer->name);
    }
    return names;
  }

  void render(Field& field, const Located<std::string>& path, const FieldSpec& spec) {
    field.mistaken = true;  // until it is rendered
    const Renderer* renderer = renderer_of(spec);
    if (renderer == nullptr) return;
    // An array of numbers is rendered element by element, unless the renderer takes its bytes as a whole (an
    // address).
    Field* target = &field;
    bool named = true;
    const auto with_inputs = [&](Field& candidate) {
      if (!spec.values.empty()) named = set_names(candidate, spec) && named;
      if (spec.stacks && candidate.scalar) candidate.inputs = std::make_shared<RenderInputs>();
    };
    with_inputs(*target);
    while (target->shape == Shape::array && !takes(*renderer, *target)) {
      target = &target->fields[0];
      with_inputs(*target);
    }
    if (!named) return;  // already reported
    const Span at = spec.as ? spec.as->at : path.at;
    if (renderer->values == Renderer::Values::needed && spec.values.empty()) {
      return diagnostics_.error(at,
                                fmt::format("the renderer \"{}\" needs the key \"values\"", renderer->name),
                                "add \"values\": { \"6\": \"TCP\", \"17\": \"UDP\" }");
    }
    if (!spec.values.empty() && renderer->values == Renderer::Values::refused) {
      return diagnostics_.error(spec.values.front().first.at,
                                fmt::format("the renderer \"{}\" does not use \"values\"", renderer->name),
                                "use \"values\" with " + join(named_renderers()));
    }
    if (renderer->takes == Renderer::Takes::stack && target->scalar && !spec.stacks) {
      return diagnostics_.error(
          at, fmt::format("\"{}\" of a number needs \"stacks\": the map of its stack id", renderer->name),
          "or send the addresses as an array of 64-bit numbers");
    }
    if (!takes(*renderer, *target)) {
      const std::string type =
          field.type != nullptr ? to_text(*field.type) : fmt::format("{} bytes", field.size);
      return diagnostics_.error(at,
                                fmt::format("\"{}\" takes {}; the field \"{}\" is {}", renderer->name,
                                            taken(renderer->takes), escape_for_terminal(*path), type),
                                fitting(field));
    }
    if (renderer->names != nullptr && spec.values.empty()) {
      target->names.clear();
      for (auto& [value, name] : renderer->names(object_.machine)) {
        target->names.emplace_back(value, plan_.texts.emplace_back(std::move(name)));
      }
    }
    if (renderer->takes == Renderer::Takes::stack || renderer->takes == Renderer::Takes::address) {
      if (!set_inputs(*target, *renderer, spec, at)) return;
    } else {
      if (spec.stacks) needs_stack(spec.stacks->at, "stacks");
      if (spec.process) needs_stack(spec.process->at, "process");
    }
    if (spec.unit && !choose_unit(renderer, *spec.unit, field, diagnostics_)) return;
    target->shape = renderer->shape;
    if (target->shape == Shape::text) target->scalar = false;
    // Of an array, what a record has of it.
    if (renderer->form == Renderer::Form::strings && !target->scalar) target->partial = true;
    target->renderer = renderer;
    field.mistaken = false;
  }

  bool set_names(Field& field, const FieldSpec& spec) {
    if (!field.scalar) return true;
    bool good = true;
    field.names.clear();
    for (const auto& [number, name] : spec.values) {
      // The result of load() counts, for negative numbers, too.
      std::uint64_t value = parse_number(*number).value_or(0);
      const unsigned bits = width_of(field.slot);
      if (bits < 64) {
        const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
        const bool has_sign = (value >> (bits - 1) & 1) != 0;
        const bool fits =
            number->starts_with('-') ? (value | mask) == ~std::uint64_t{0} && has_sign : (value & ~mask) == 0;
        if (value != 0 && !fits) {
          diagnostics_.error(number.at, fmt::format("the field has {} bits and cannot be {}", bits, *number));
          good = false;
          continue;
        }
        value &= mask;
        if (field.slot.is_signed && (value >> (bits - 1)) != 0) value |= ~mask;
      }
      field.names.emplace_back(value, *name);
    }
    std::stable_sort(field.names.begin(), field.names.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    return good;
  }

  bool set_inputs(Field& field, const Renderer& renderer, const FieldSpec& spec, Span at) {
    RenderInputs inputs;
    if (spec.stacks && (renderer.takes != Renderer::Takes::stack || !field.scalar)) {
      diagnostics_.error(spec.stacks->at,
                         fmt::format("the field \"{}\" contains addresses, not a stack id", field.path),
                         "remove \"stacks\"");
      return false;
    }
    if (spec.stacks) {
      const MapInfo* const map = object_.find_map(**spec.stacks);
      if (map == nullptr || map->map_class() != MapClass::stack_trace) {
        std::vector<std::string_view> names;
        for (const MapInfo& known : object_.maps) {
          if (known.map_class() == MapClass::stack_trace) names.push_back(known.name);
        }
        diagnostics_.error(spec.stacks->at,
                           fmt::format("{} has no map \"{}\" of type stack_trace",
                                       escape_for_terminal(object_.path), escape_for_terminal(**spec.stacks)),
                           suggestion(**spec.stacks, names, "maps of that type"));
        return false;
      }
      if ((map->flags & BPF_F_STACK_BUILD_ID) != 0) {
        diagnostics_.error(
            spec.stacks->at,
            fmt::format("the stacks of \"{}\" are build ids, not addresses", escape_for_terminal(map->name)),
            "create the map without BPF_F_STACK_BUILD_ID, or send an array of struct bpf_stack_build_id");
        return false;
      }
      inputs.stacks = static_cast<std::uint32_t>(map - object_.maps.data());
    }
    if (needs_process(renderer)) {
      const Field* process = nullptr;
      if (spec.process) {
        process = find_from(plan_, field.path, **spec.process);
        if (process == nullptr || !process->scalar) {
          const std::vector<std::string> paths = plan_.paths();
          diagnostics_.error(
              spec.process->at,
              fmt::format("the process id \"{}\" is not a number field", escape_for_terminal(**spec.process)),
              suggestion(**spec.process, views(paths), "fields"));
          return false;
        }
      } else {
        for (const std::string_view name : {"tgid", "pid"}) {
          const Field* const found = find_from(plan_, field.path, name);
          if (process == nullptr && found != nullptr && found->scalar) process = found;
        }
      }
      const bool has_build_ids = field.shape == Shape::array && field.fields[0].shape == Shape::structure;
      if (process == nullptr && !has_build_ids) {
        diagnostics_.error(
            at, fmt::format("\"{}\" needs the process that the addresses belong to", renderer.name),
            "set the field with its id (tgid): \"process\": \"tgid\"");
        return false;
      }
      if (process != nullptr) inputs.process = process->slot;
    } else if (spec.process) {
      diagnostics_.error(spec.process->at, fmt::format("\"{}\" does not need a process", renderer.name),
                         "remove \"process\"");
      return false;
    }
    field.inputs = std::make_shared<RenderInputs>(inputs);
    field.partial = !field.scalar;
    return true;
  }

  const MapSpec& map_;
  const ObjectDescription& object_;
  Plan& plan_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::shared_ptr<const Condition> compile_condition(const When& when, std::string_view path, const Plan& plan,
                                                   Diagnostics& diagnostics) {
  std::shared_ptr<const Condition> all;
  bool good = true;
  for (const auto& [name, constants] : when) {
    const Field* const field = find_from(plan, path, *name);
    if (field == nullptr || !field->scalar) {
      const std::vector<std::string> paths = plan.paths();
      diagnostics.error(name.at,
                        field == nullptr
                            ? fmt::format("unknown field \"{}\"", escape_for_terminal(*name))
                            : fmt::format("the field \"{}\" is not a number or enum", field->path),
                        field == nullptr ? suggestion(*name, views(paths), "fields") : "");
      good = false;
      continue;
    }
    Condition condition;
    condition.slot = field->slot;
    for (const Located<Constant>& constant : constants.items) {
      const auto value = constant_for(*field, constant, diagnostics);
      good = good && value;
      if (value) condition.values.push_back(*value);
    }
    std::sort(condition.values.begin(), condition.values.end());
    condition.outer = std::move(all);
    all = std::make_shared<Condition>(std::move(condition));
  }
  return good ? all : nullptr;
}

void restrict_field(Field& field, const std::shared_ptr<const Condition>& condition) {
  field.when = both(condition, field.when);
  // An array's elements are separate records: the array's condition applies to them.
  if (field.shape != Shape::structure) return;
  for (Field& member : field.fields) restrict_field(member, condition);
}

void apply_field_options(const MapSpec& map, const ObjectDescription& object, Plan& plan,
                         Diagnostics& diagnostics) {
  Options options(map, object, plan, diagnostics);
  // A histogram may take its sum, and the unit of that, from any other field.
  for (const bool histograms : {false, true}) {
    for (const auto& [path, spec] : map.fields) {
      if (spec.histogram.has_value() == histograms) options.apply(path, spec);
    }
  }
}

}  // namespace probe_run
