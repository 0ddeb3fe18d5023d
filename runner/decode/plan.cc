#include "decode/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "decode/renderer.h"
#include "object/map_rules.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::size_t field_limit = 20'000;  // nested structs can multiply without bound
constexpr int depth_limit = 32;

const Renderer& renderer(std::string_view name) {
  return *find_renderer(name);
}

class FieldCompiler {
 public:
  Field compile(std::string name, std::string path, const Type& type, std::uint32_t bit_offset,
                std::uint32_t bit_size, int depth) {
    if (++count_ > field_limit || depth > depth_limit) {
      throw Error(fmt::format("type {} has too many fields", to_text(type)));
    }
    const Type& base = strip(type);
    Field field;
    field.name = std::move(name);
    field.path = std::move(path);
    field.type = &type;
    field.renderer = &renderer("bytes");
    field.size = base.size;
    field.slot = {bit_offset / 8, base.size, 0, 0, base.is_signed};
    switch (base.kind) {
      case Type::Kind::integer:
        integer(field, base, bit_offset, bit_size);
        break;
      case Type::Kind::enumeration:
        narrow(field, bit_offset, bit_size);
        enumeration(field, base);
        break;
      case Type::Kind::floating:
        if (base.size == 4 || base.size == 8) field.shape = Shape::floating;
        break;
      case Type::Kind::pointer:
        field.scalar = true;
        field.shape = Shape::rendered;
        field.renderer = &renderer("hex");
        break;
      case Type::Kind::array:
        array(field, base, depth);
        break;
      case Type::Kind::structure:
      case Type::Kind::union_:
      case Type::Kind::section:
        field.shape = Shape::structure;
        members(field, base, bit_offset, depth);
        break;
      default:
        break;  // bytes
    }
    return field;
  }

 private:
  static void narrow(Field& field, std::uint32_t bit_offset, std::uint32_t bit_size) {
    if (bit_size == 0) return;
    field.slot.shift = static_cast<std::uint8_t>(bit_offset % 8);
    field.slot.bits = static_cast<std::uint8_t>(bit_size);
    field.slot.size = (field.slot.shift + bit_size + 7) / 8;
    field.size = field.slot.size;
  }

  static void integer(Field& field, const Type& base, std::uint32_t bit_offset, std::uint32_t bit_size) {
    if (base.size > 8) return;  // bytes
    // Compilers before bitfields had flags of their own wrote a smaller number of bits into the type.
    if (bit_size == 0 && base.bits != 0 && base.bits < base.size * 8) bit_size = base.bits;
    if (bit_size > 64) return;
    narrow(field, bit_offset, bit_size);
    field.scalar = true;
    field.shape = base.is_bool     ? Shape::boolean
                  : base.is_signed ? Shape::signed_number
                                   : Shape::unsigned_number;
  }

  static void enumeration(Field& field, const Type& base) {
    field.scalar = true;
    field.shape = Shape::rendered;
    field.renderer = &renderer("enum");
    // BTF of clang before 16 does not say whether an enum is signed, and cuts values to 32 bits: match what a
    // load gives.
    const unsigned bits = field.slot.bits != 0 ? field.slot.bits : field.slot.size * 8;
    const std::uint64_t mask = bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
    for (const Enumerator& enumerator : base.enumerators) {
      std::uint64_t value = enumerator.value & mask;
      if (field.slot.is_signed && bits < 64 && (value >> (bits - 1)) != 0) value |= ~mask;
      field.names.emplace_back(value, enumerator.name);
    }
    // The first name wins where several have one value.
    std::stable_sort(field.names.begin(), field.names.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
  }

  void array(Field& field, const Type& base, int depth) {
    field.flexible = base.count == 0;
    if (is_character(*base.target)) {
      field.shape = Shape::text;
      return;
    }
    Field item = compile({}, "[]", *base.target, 0, 0, depth + 1);
    if (item.size == 0) return;  // an array of nothing
    field.shape = Shape::array;
    field.count = base.count;
    field.fields.push_back(std::move(item));
  }

  void members(Field& field, const Type& base, std::uint32_t bit_offset, int depth) {
    if (++count_ > field_limit) throw Error(fmt::format("type {} has too many fields", to_text(base)));
    for (const TypeMember& member : base.members) {
      const std::string prefix = field.path.empty() ? std::string() : field.path + ".";
      if (base.kind == Type::Kind::section) {
        const Type& variable = *member.type;
        // Format strings of bpf_printk are nobody's variables.
        if (variable.kind != Type::Kind::variable || variable.name.find("____fmt") != std::string::npos)
          continue;
        if (std::uint64_t{member.bit_offset / 8} + variable.target->size > base.size) continue;
        field.fields.push_back(compile(variable.name, prefix + variable.name, *variable.target,
                                       bit_offset + member.bit_offset, 0, depth + 1));
        continue;
      }
      if (!member.name.empty()) {
        field.fields.push_back(compile(member.name, prefix + member.name, *member.type,
                                       bit_offset + member.bit_offset, member.bit_size, depth + 1));
        continue;
      }
      // The members of an anonymous struct or union are members of the outer one, in C and here.
      const Type& inner = strip(*member.type);
      if (inner.kind != Type::Kind::structure && inner.kind != Type::Kind::union_)
        continue;  // padding of bitfields
      if (depth > depth_limit) throw Error(fmt::format("type {} has too many fields", to_text(base)));
      Field nested;
      nested.path = field.path;
      members(nested, inner, bit_offset + member.bit_offset, depth + 1);
      std::move(nested.fields.begin(), nested.fields.end(), std::back_inserter(field.fields));
    }
  }

  std::size_t count_ = 0;
};

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

// Where BTF says nothing of a key or value, its size does.
Field untyped(std::string name, std::uint32_t offset, std::uint32_t size) {
  Field field;
  field.path = name;
  field.name = std::move(name);
  field.renderer = &renderer("bytes");
  field.size = size;
  field.slot = {offset, size, 0, 0, false};
  if (size == 1 || size == 2 || size == 4 || size == 8) {
    field.shape = Shape::unsigned_number;
    field.scalar = true;
  }
  return field;
}

Field part(std::string name, std::uint32_t offset, std::uint32_t size, std::uint32_t type_id,
           const ObjectDescription& object) {
  const Type* const type = object.types.by_id(type_id);
  if (type == nullptr || strip(*type).size != size) return untyped(std::move(name), offset, size);
  std::string path = name;
  return compile_field(std::move(name), std::move(path), *type, offset);
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
            suggestion(*map_.name, names, "its maps"));
      return std::nullopt;
    }
    if (!check_map_rules(map_, *info, object_.types, diagnostics_)) return std::nullopt;
    Plan plan;
    plan.root.shape = Shape::structure;
    const bool typed = info->is_stream() || info->map_class() == MapClass::user_ring_buffer;
    const bool good = typed ? stream(*info, plan) : entries(*info, possible_cpus, plan);
    if (!good) return std::nullopt;
    for (const auto& [path, spec] : map_.fields) apply(plan, path, spec);
    return plan;
  }

 private:
  void error(Span at, std::string what, std::string hint) {
    diagnostics_.error(at, std::move(what), std::move(hint));
  }

  bool stream(const MapInfo& info, Plan& plan) {
    if (map_.poll) {
      error(map_.poll->at,
            fmt::format("a {} is a stream: its records come by themselves", map_type_name(info.type)),
            "remove \"poll\"");
      return false;
    }
    if (map_.per_cpu) error(map_.name.at, "\"per_cpu\" belongs to per-CPU maps", "remove \"per_cpu\"");
    const std::vector<std::string> known = object_.types.struct_names();
    if (!map_.type) {
      error(map_.name.at, fmt::format("the map \"{}\" needs the \"type\" of its records", info.name),
            suggestion("", views(known), "the object's structs"));
      return false;
    }
    const Type* const type = object_.types.find(**map_.type);
    if (type == nullptr) {
      error(map_.type->at,
            fmt::format("{} has no type \"{}\"", escape_for_terminal(object_.path),
                        escape_for_terminal(**map_.type)),
            suggestion(**map_.type, views(known),
                       known.empty()
                           ? ""
                           : "a type reaches BTF only where the program uses it; the object's structs"));
      return false;
    }
    if (strip(*type).kind == Type::Kind::structure || strip(*type).kind == Type::Kind::union_) {
      plan.root = compile_field({}, {}, *type, 0);
    } else {
      plan.root.fields.push_back(compile_field("value", "value", *type, 0));
    }
    plan.size = strip(*type).size;
    return true;
  }

  bool entries(const MapInfo& info, std::uint32_t possible_cpus, Plan& plan) {
    if (map_.type) {
      error(map_.type->at,
            "\"type\" is for streams: the key and the value of this map have the types of its definition",
            "remove \"type\"");
      return false;
    }
    if (map_.per_cpu && !info.is_per_cpu()) {
      error(map_.name.at,
            fmt::format("the map \"{}\" is of type {}, which keeps no value for each CPU", info.name,
                        map_type_name(info.type)),
            "remove \"per_cpu\"");
    }
    if (info.map_class() == MapClass::section) {
      if (const Type* const section = object_.types.by_id(info.value_type_id)) {
        plan.root = compile_field({}, {}, *section, 0);
        plan.size = section->size;
        return true;
      }
    }
    if (info.entry_key_size() > 0) plan.root.fields.push_back(key(info));
    const std::uint32_t value_offset = padded(info.entry_key_size());
    Field value = this->value(info, value_offset);
    if (info.is_per_cpu() && map_.per_cpu) value = per_cpu(info, value_offset, possible_cpus);
    plan.size = value_offset + value.size;
    plan.root.fields.push_back(std::move(value));
    return true;
  }

  Field key(const MapInfo& info) const {
    const std::uint32_t size = info.entry_key_size();
    switch (info.map_class()) {
      case MapClass::bloom_filter:
        return part("key", 0, size, info.value_type_id, object_);
      case MapClass::cgrp_storage:
        return untyped("key", 0, size);  // the map's own key is a descriptor
      default:
        return part("key", 0, size, info.key_type_id, object_);
    }
  }

  Field value(const MapInfo& info, std::uint32_t offset) const {
    if (info.map_class() == MapClass::bloom_filter) {
      Field present = untyped("value", offset, 1);
      present.shape = Shape::boolean;
      return present;
    }
    Field value = part("value", offset, info.value_size, info.value_type_id, object_);
    if (info.map_class() != MapClass::stack_trace) return value;
    if (value.shape != Shape::array) {
      value.shape = Shape::array;
      value.fields = {untyped("[]", 0, sizeof(std::uint64_t))};
      value.fields[0].shape = Shape::rendered;
      value.fields[0].renderer = &renderer("hex");
    }
    value.flexible = true;  // as long as the stack is deep
    return value;
  }

  // The kernel hands out a per-CPU value for each possible CPU, each padded to a multiple of 8 bytes.
  Field per_cpu(const MapInfo& info, std::uint32_t offset, std::uint32_t possible_cpus) {
    Field array;
    array.name = array.path = "value";
    array.shape = Shape::array;
    array.slot.offset = offset;
    array.count = possible_cpus;
    Field item = part("[]", 0, info.value_size, info.value_type_id, object_);
    item.size = padded(info.value_size);
    array.size = item.size * possible_cpus;
    array.fields.push_back(std::move(item));
    return array;
  }

  static bool fits(const Renderer& renderer, const Field& field) {
    if (field.shape == Shape::structure) return false;
    if (renderer.name == "enum") return !field.names.empty();
    // A bitfield shares its bytes with others: it is a number and nothing else.
    if (field.slot.bits != 0) return renderer.takes == Renderer::Takes::integer;
    return takes(renderer, field.scalar, field.size);
  }

  // What could print the field, for a hint.
  static std::string fitting(const Field& field) {
    if (field.shape == Shape::structure) {
      if (field.fields.empty()) return {};
      return fmt::format("its members have renderers of their own, such as \"{}\"", field.fields[0].path);
    }
    std::vector<std::string_view> names;
    for (const Renderer* renderer : all_renderers()) {
      if (fits(*renderer, field)) names.push_back(renderer->name);
    }
    return "renderers for it: " + join(names);
  }

  void apply(Plan& plan, const Located<std::string>& path, const FieldSpec& spec) {
    // find() is const for everybody else; this plan is still being made.
    auto* const field = const_cast<Field*>(plan.find(*path));  // NOLINT(*-const-cast)
    if (field == nullptr) {
      const std::vector<std::string> paths = plan.paths();
      return error(path.at,
                   fmt::format("the map \"{}\" has no field \"{}\"", *map_.name, escape_for_terminal(*path)),
                   suggestion(*path, views(paths), "its fields"));
    }
    const Renderer* const renderer = find_renderer(*spec.as);
    if (renderer == nullptr) {
      return error(spec.as.at, fmt::format("there is no renderer \"{}\"", escape_for_terminal(*spec.as)),
                   suggestion(*spec.as, renderer_names(), "renderers"));
    }
    // An array of numbers is rendered element by element, unless the renderer takes its bytes as a whole (an
    // address).
    Field* target = field;
    if (field->shape == Shape::array && !takes(*renderer, false, field->size)) target = &field->fields[0];
    if (!fits(*renderer, *target)) {
      const std::string type =
          field->type != nullptr ? to_text(*field->type) : fmt::format("{} bytes", field->size);
      const std::string_view wanted = renderer->name == "enum" ? "an enum" : taken(renderer->takes);
      return error(spec.as.at,
                   fmt::format("\"{}\" takes {}; the field \"{}\" is {}", renderer->name, wanted,
                               escape_for_terminal(*path), type),
                   fitting(*target));
    }
    target->shape = Shape::rendered;
    target->renderer = renderer;
  }

  const MapSpec& map_;
  const ObjectDescription& object_;
  Diagnostics& diagnostics_;
};

}  // namespace

double load_float(const Field& field, Bytes record) noexcept {
  if (field.size == sizeof(float)) {
    float value = 0;
    std::memcpy(&value, record.data() + field.offset(), sizeof value);
    return static_cast<double>(value);
  }
  double value = 0;
  std::memcpy(&value, record.data() + field.offset(), sizeof value);
  return value;
}

const Field* Plan::find(std::string_view path) const {
  if (path.empty()) return nullptr;
  if (const Field* found = find_below(root, path)) return found;
  if (const Field* found = find_below(root, fmt::format("value.{}", path))) return found;
  return find_below(root, fmt::format("key.{}", path));
}

std::vector<std::string> Plan::paths() const {
  std::vector<std::string> paths;
  collect_paths(root, paths);
  return paths;
}

Field compile_field(std::string name, std::string path, const Type& type, std::uint32_t offset) {
  return FieldCompiler().compile(std::move(name), std::move(path), type, offset * 8, 0, 0);
}

std::optional<Plan> compile_plan(const MapSpec& map, const ObjectDescription& object,
                                 std::uint32_t possible_cpus, Diagnostics& diagnostics) {
  return PlanCompiler(map, object, diagnostics).compile(possible_cpus);
}

}  // namespace probe_run
