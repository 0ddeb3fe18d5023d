#include "decode/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "decode/field_options.h"
#include "decode/fit.h"
#include "decode/renderer.h"
#include "decode/unknown_field.h"
#include "object/layout.h"
#include "object/map_rules.h"
#include "object/type_choice.h"
#include "spec/map_spec.h"
#include "support/identifier.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::uint64_t per_cpu_limit = 1u << 28;  // bytes; the kernel has far less

const Field* find_below(const Field& field, std::string_view path) {
  if (field.path == path && !path.empty()) return &field;
  if (field.shape != Shape::structure) return nullptr;
  for (const Field& member : field.fields) {
    if (const Field* found = find_below(member, path)) return found;
  }
  return nullptr;
}

void collect_paths(const Field& field, std::vector<std::string>& paths) {
  if (!field.path.empty()) {
    paths.push_back(field.path);
    if (field.path.starts_with("value.")) paths.push_back(field.path.substr(6));
  }
  if (field.shape != Shape::structure) return;
  for (const Field& member : field.fields) collect_paths(member, paths);
}

// Without BTF for a key or value, its size decides.
Field untyped(std::string name, std::string path, std::uint32_t offset, std::uint32_t size) {
  Field field;
  field.path = std::move(path);
  field.name = std::move(name);
  field.renderer = &bytes_renderer();
  field.size = size;
  field.slot = {offset, size, 0, 0, false};
  if (size == 1 || size == 2 || size == 4 || size == 8) {
    field.shape = Shape::unsigned_number;
    field.scalar = true;
  }
  return field;
}

class PlanCompiler {
 public:
  PlanCompiler(const MapSpec& map, const ObjectDescription& object, Diagnostics& diagnostics)
      : map_(map), object_(object), diagnostics_(diagnostics) {}

  std::optional<Plan> compile(std::uint32_t possible_cpus) {
    const MapInfo* const info = object_.find_map(*map_.name);
    if (info == nullptr) {
      std::vector<std::string_view> names;
      for (const MapInfo& known : object_.maps) names.push_back(known.name);
      error(map_.name.at,
            fmt::format("{} has no map \"{}\"", escape_for_terminal(object_.path),
                        escape_for_terminal(*map_.name)),
            suggestion(*map_.name, names, "maps"));
      return std::nullopt;
    }
    if (!check_map_rules(map_, *info, object_.types, diagnostics_)) return std::nullopt;
    Plan plan;
    plan.root.shape = Shape::structure;
    const bool typed = info->is_stream() || info->map_class() == MapClass::user_ring_buffer;
    const bool good = typed ? stream(*info, plan) : entries(*info, possible_cpus, plan);
    if (!good) return std::nullopt;
    apply_field_options(map_, object_, plan, diagnostics_);
    measure(plan);
    return plan;
  }

 private:
  void error(Span at, std::string what, std::string hint) {
    diagnostics_.error(at, std::move(what), std::move(hint));
  }

  bool stream(const MapInfo& info, Plan& plan) {
    const bool iterator = info.map_class() == MapClass::iterator;
    if (map_.poll && !iterator) {
      error(map_.poll->at, fmt::format("a {} is a stream, which cannot be polled", map_type_name(info.type)),
            "remove \"poll\"");
      return false;
    }
    if (map_.per_cpu) error(map_.name.at, "\"per_cpu\" applies only to per-CPU maps", "remove \"per_cpu\"");
    if (!map_.key_layout.empty()) {
      error(map_.key_layout.front().name.at, "\"key_layout\" applies only to maps with keys",
            "remove \"key_layout\"");
    }
    std::vector<LayoutMember> layout = map_.layout;
    // Text, one line each.
    if (iterator && layout.empty() && !map_.type)
      layout.push_back({{"line", map_.name.at}, {"char[]", map_.name.at}, {}});
    if (!layout.empty()) {
      const auto declared = declare_type(layout, object_, diagnostics_);
      if (!declared) return false;
      plan.declared.push_back(declared);
      record_type(plan, declared->back());
      return true;
    }
    if (const Type* const type = map_.type ? nullptr : object_.types.by_id(info.value_type_id);
        type != nullptr && info.value_type_id != 0 && strip(*type).kind == Type::Kind::structure &&
        map_.types.empty()) {
      record_type(plan, *type);  // __type(value, struct event) of the map
      return true;
    }
    if (!map_.type) {
      error(map_.name.at, fmt::format("the map \"{}\" needs the \"type\" of its records", info.name),
            suggestion("", views(object_.types.struct_names()), "structs of the object"));
      return false;
    }
    const Type* const type = find_type(*map_.type);
    if (type == nullptr) return false;
    record_type(plan, *type);
    // All are selected by the common fields of the records, not by fields of another type.
    std::vector<std::shared_ptr<const Condition>> conditions;
    for (const RecordType& choice : map_.types) {
      conditions.push_back(compile_condition(choice.when, {}, plan, diagnostics_));
    }
    for (std::size_t i = 0; i < map_.types.size(); ++i) variant(map_.types[i], conditions[i], plan);
    if (plan.variants.size() < map_.types.size()) plan.undefined.emplace_back(any_field);
    return true;
  }

  const Type* find_type(const Located<std::string>& name) {
    TypeChoice choice = choose_type(object_, *name);
    if (choice.type != nullptr) return choice.type;
    if (!choice.what.empty()) {
      error(name.at, std::move(choice.what), std::move(choice.hint));
      return nullptr;
    }
    error(name.at,
          fmt::format("{} has no type \"{}\"", escape_for_terminal(object_.path), escape_for_terminal(*name)),
          type_hint(*name));
    return nullptr;
  }

  // The name may be right: the compiler omits types from BTF that are only used in function bodies.
  std::string type_hint(std::string_view name) const {
    const std::vector<std::string> known = object_.types.struct_names();
    // Without "struct ", which would make all of them similar.
    const auto bare = [](std::string_view type) { return type.substr(type.rfind(' ') + 1); };
    std::vector<std::string_view> names(known.size());
    std::transform(known.begin(), known.end(), names.begin(), bare);
    const std::string_view near = nearest(bare(name), names);
    const auto found = static_cast<std::size_t>(std::find(names.begin(), names.end(), near) - names.begin());
    std::string hint = near.empty() ? suggestion("", views(known), "structs of the object")
                                    : fmt::format("did you mean \"{}\"?", escape_for_terminal(known[found]));
    if (!name.starts_with("struct ") || !is_identifier(bare(name))) return hint;
    if (!hint.empty()) hint += '\n';
    return hint + fmt::format(
                      "a type is in the object's BTF only if a variable or a function declaration uses "
                      "it; if necessary, add: const {}* unused __attribute__((unused));",
                      name);
  }

  static void record_type(Plan& plan, const Type& type) {
    const Type& base = strip(type);
    if (base.kind == Type::Kind::structure || base.kind == Type::Kind::union_) {
      plan.root = compile_field({}, {}, type, 0);
    } else {
      plan.root.fields.push_back(compile_field("value", "value", type, 0));
    }
    plan.size = base.size;
  }

  // One of several types of a stream's records: a separate field, after the common fields.
  void variant(const RecordType& choice, const std::shared_ptr<const Condition>& condition, Plan& plan) {
    const Type* const type = find_type(choice.type);
    if (type == nullptr) return;
    if (strip(*type).kind != Type::Kind::structure) {
      return error(choice.type.at, fmt::format("{} is not a struct", to_text(*type)), "");
    }
    std::string name = *choice.type;
    if (const std::size_t space = name.rfind(' '); space != std::string::npos) name.erase(0, space + 1);
    for (const Field& field : plan.root.fields) {
      if (field.name != name) continue;
      return error(choice.type.at, fmt::format("duplicate field \"{}\"", name),
                   "list each type once; \"when\" takes several values: { \"kind\": [1, 2] }");
    }
    if (!condition) return;  // already reported
    Field field = compile_field(name, name, *type, 0);
    restrict_field(field, condition);
    plan.root.fields.push_back(std::move(field));
    plan.variants.push_back({condition, strip(*type).size});
  }

  bool entries(const MapInfo& info, std::uint32_t possible_cpus, Plan& plan) {
    if (map_.type) {
      error(
          map_.type->at,
          "\"type\" applies only to streams: the key and the value of this map have the types of its definition",
          "remove \"type\"");
      return false;
    }
    if (map_.per_cpu && !info.is_per_cpu()) {
      error(map_.name.at,
            fmt::format("the map \"{}\" is of type {}, which is not per-CPU", info.name,
                        map_type_name(info.type)),
            "remove \"per_cpu\"");
    }
    if (!map_.types.empty()) {
      error(map_.types.front().type.at, "\"types\" applies only to streams", "remove \"types\"");
      return false;
    }
    if (info.map_class() == MapClass::section) {
      if (const Type* const section = object_.types.by_id(info.value_type_id)) {
        plan.root = compile_field({}, {}, *section, 0);
        plan.size = section->size;
        return true;
      }
    }
    if (info.entry_key_size() > 0) plan.root.fields.push_back(key(info, plan));
    const std::uint32_t value_offset = padded(info.entry_key_size());
    const bool apart = info.is_per_cpu() && map_.per_cpu;
    Field value =
        apart ? per_cpu(info, value_offset, possible_cpus, plan) : this->value(info, value_offset, plan);
    plan.size = value_offset + value.size;
    plan.root.fields.push_back(std::move(value));
    return true;
  }

  // A key or a value, with the layout of the spec, else of BTF, else by its size.
  Field part(const std::string& path, std::uint32_t offset, std::uint32_t size, std::uint32_t type_id,
             const std::vector<LayoutMember>& layout, Plan& plan) {
    std::string name = path.ends_with("[]") ? std::string() : path;
    const Type* type = object_.types.by_id(type_id);
    if (!layout.empty()) {
      const auto declared = declare_type(layout, object_, diagnostics_);
      if (!declared) return untyped(std::move(name), path, offset, size);
      plan.declared.push_back(declared);
      type = &declared->back();
      std::uint32_t end = 0;  // without padding: the type may be packed
      for (const TypeMember& member : type->members) {
        end = std::max(end, member.bit_offset / 8 + member.type->size);
      }
      if (end > size) {
        error(layout.back().name.at,
              fmt::format("the layout has {} bytes, but the {} of the map \"{}\" has {}", end,
                          path.starts_with("key") ? "key" : "value", *map_.name, size),
              "correct the members or their \"offset\"");
      }
    } else if (type == nullptr || strip(*type).size != size) {
      return untyped(std::move(name), path, offset, size);
    }
    Field field = compile_field(std::move(name), path, *type, offset);
    field.size = size;
    return field;
  }

  Field key(const MapInfo& info, Plan& plan) {
    const std::uint32_t size = info.entry_key_size();
    switch (info.map_class()) {
      case MapClass::bloom_filter:
        return part("key", 0, size, info.value_type_id, map_.key_layout, plan);
      case MapClass::cgrp_storage:
        return untyped("key", "key", 0, size);  // the real key is a descriptor
      default:
        return part("key", 0, size, info.key_type_id, map_.key_layout, plan);
    }
  }

  Field value(const MapInfo& info, std::uint32_t offset, Plan& plan) {
    if (info.map_class() == MapClass::bloom_filter) {
      Field present = untyped("value", "value", offset, 1);
      present.shape = Shape::boolean;
      return present;
    }
    Field value = part("value", offset, info.value_size, info.value_type_id, map_.layout, plan);
    if (info.map_class() != MapClass::stack_trace) return value;
    if (value.shape != Shape::array) {
      value.shape = Shape::array;
      value.fields = {untyped({}, "value[]", 0, sizeof(std::uint64_t))};
      value.fields[0].shape = Shape::rendered;
      value.fields[0].renderer = &pointer_renderer();
    }
    value.flexible = true;  // its length is the depth of the stack
    return value;
  }

  // The kernel returns a per-CPU value for each possible CPU, padded to a multiple of 8 bytes.
  Field per_cpu(const MapInfo& info, std::uint32_t offset, std::uint32_t possible_cpus, Plan& plan) {
    Field array;
    array.name = array.path = "value";
    array.shape = Shape::array;
    array.slot.offset = offset;
    array.count = possible_cpus;
    Field item = part("value[]", 0, info.value_size, info.value_type_id, map_.layout, plan);
    item.size = padded(info.value_size);
    if (std::uint64_t{item.size} * possible_cpus > per_cpu_limit) {
      error(map_.name.at,
            fmt::format("the map \"{}\" is too large to show per CPU: {} values of {} bytes", info.name,
                        possible_cpus, info.value_size),
            "remove \"per_cpu\" to show their sum");
      array.count = 0;
      return array;
    }
    array.size = item.size * possible_cpus;
    array.fields.push_back(std::move(item));
    return array;
  }

  const MapSpec& map_;
  const ObjectDescription& object_;
  Diagnostics& diagnostics_;
};

}  // namespace

const Field* Plan::find(std::string_view path) const {
  if (path.empty()) return nullptr;
  if (const Field* found = find_below(root, path)) return found;
  if (const Field* found = find_below(root, fmt::format("value.{}", path))) return found;
  if (const Field* found = find_below(root, fmt::format("key.{}", path))) return found;
  const Field* only = nullptr;
  for (const Field& field : root.fields) {
    if (variants.empty() || !field.when || field.shape != Shape::structure) continue;
    const Field* const found = find_below(field, fmt::format("{}.{}", field.name, path));
    if (found != nullptr && only != nullptr) return nullptr;  // ambiguous
    if (found != nullptr) only = found;
  }
  return only;
}

std::vector<std::string> Plan::paths() const {
  std::vector<std::string> paths;
  collect_paths(root, paths);
  return paths;
}

std::optional<Plan> compile_plan(const MapSpec& map, const ObjectDescription& object,
                                 std::uint32_t possible_cpus, Diagnostics& diagnostics) {
  return PlanCompiler(map, object, diagnostics).compile(possible_cpus);
}

}  // namespace probe_run
