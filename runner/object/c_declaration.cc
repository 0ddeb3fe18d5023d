#include "object/c_declaration.h"

#include <fmt/format.h>

#include "object/libbpf.h"

namespace probe_run {
namespace {

constexpr unsigned kind_type_tag = 18;  // newer than the headers of some distributions
constexpr unsigned kind_enum64 = 19;
constexpr int visit_limit = 256;  // types that one declaration may be made of
constexpr int depth_limit = 32;
constexpr int nesting_limit = 8;  // of structs without names
constexpr std::size_t field_limit = 4096;
constexpr const char* unknown = "?";

std::string_view name_at(const btf* types, std::uint32_t offset) {
  const char* const name = btf__name_by_offset(types, offset);
  return name == nullptr ? unknown : name;
}

// Builds a declaration from the inside out: `inner` is what takes the place of the name.
class Declarator {
 public:
  explicit Declarator(const btf* types) : types_(types) {}

  std::string declare(std::uint32_t id, std::string inner, int depth = 0) {
    std::string qualifiers;
    for (; ++visited_ <= visit_limit && depth <= depth_limit; ++depth) {
      const btf_type* const type = id == 0 ? nullptr : btf__type_by_id(types_, id);
      if (type == nullptr) return finish(qualifiers, id == 0 ? "void" : unknown, inner);
      switch (btf_kind(type)) {
        case BTF_KIND_PTR:
          // What qualifies the pointer follows its star.
          inner = fmt::format("*{}{}{}", trimmed(qualifiers), qualifiers.empty() || inner.empty() ? "" : " ",
                              inner);
          qualifiers.clear();
          id = type->type;
          if (binds_tighter(id)) inner = fmt::format("({})", inner);
          break;
        case BTF_KIND_CONST:
          qualifiers += "const ";
          id = type->type;
          break;
        case BTF_KIND_VOLATILE:
          qualifiers += "volatile ";
          id = type->type;
          break;
        case BTF_KIND_RESTRICT:
          qualifiers += "restrict ";
          id = type->type;
          break;
        case kind_type_tag:
          id = type->type;
          break;
        case BTF_KIND_ARRAY:
          inner += fmt::format("[{}]", btf_array(type)->nelems);
          id = btf_array(type)->type;
          break;
        case BTF_KIND_FUNC_PROTO:
          inner += parameters(type, depth);
          id = type->type;
          break;
        default:
          return finish(qualifiers, base(type), inner);
      }
    }
    return finish(qualifiers, unknown, inner);
  }

 private:
  static std::string_view trimmed(const std::string& qualifiers) {
    return std::string_view(qualifiers).substr(0, qualifiers.empty() ? 0 : qualifiers.size() - 1);
  }

  static std::string finish(const std::string& qualifiers, std::string_view base, const std::string& inner) {
    const bool close = inner.empty() || inner.front() == '[';
    return fmt::format("{}{}{}{}", qualifiers, base, close ? "" : " ", inner);
  }

  // Whether a pointer to it needs parentheses: int (*p)[4].
  bool binds_tighter(std::uint32_t id) const {
    for (int step = 0; step < depth_limit; ++step) {
      const btf_type* const type = id == 0 ? nullptr : btf__type_by_id(types_, id);
      if (type == nullptr) return false;
      const unsigned kind = btf_kind(type);
      if (kind == BTF_KIND_ARRAY || kind == BTF_KIND_FUNC_PROTO) return true;
      if (kind != BTF_KIND_CONST && kind != BTF_KIND_VOLATILE && kind != BTF_KIND_RESTRICT &&
          kind != kind_type_tag) {
        return false;
      }
      id = type->type;
    }
    return false;
  }

  std::string parameters(const btf_type* prototype, int depth) {
    const unsigned count = btf_vlen(prototype);
    if (count == 0) return "(void)";
    std::string text = "(";
    for (unsigned i = 0; i < count; ++i) {
      const btf_param& parameter = btf_params(prototype)[i];
      if (i > 0) text += ", ";
      if (visited_ >= visit_limit) return text + unknown + ")";
      const bool variadic = parameter.type == 0 && i + 1 == count;
      text += variadic ? "..."
                       : declare(parameter.type, std::string(name_at(types_, parameter.name_off)), depth + 1);
    }
    return text + ")";
  }

  std::string base(const btf_type* type) const {
    const std::string_view name = name_at(types_, type->name_off);
    const auto keyword = [&](std::string_view word) {
      return name.empty() ? fmt::format("{} {{...}}", word) : fmt::format("{} {}", word, name);
    };
    switch (btf_kind(type)) {
      case BTF_KIND_STRUCT:
        return keyword("struct");
      case BTF_KIND_UNION:
        return keyword("union");
      case BTF_KIND_FWD:
        return keyword(btf_kflag(type) ? "union" : "struct");
      case BTF_KIND_ENUM:
      case kind_enum64:
        return keyword("enum");
      case BTF_KIND_INT:
      case BTF_KIND_FLOAT:
      case BTF_KIND_TYPEDEF:
        return std::string(name);
      default:
        return unknown;
    }
  }

  const btf* types_;
  int visited_ = 0;
};

CVariable variable(const btf* types, std::uint32_t id, std::string_view name) {
  return {std::string(name), c_type(types, id), c_declaration(types, id, name), {}, {}};
}

// nullptr where none is found.
const btf_type* prototype_behind(const btf* types, std::uint32_t id) {
  for (int step = 0; step < depth_limit && id != 0; ++step) {
    const btf_type* const type = btf__type_by_id(types, id);
    if (type == nullptr) return nullptr;
    switch (btf_kind(type)) {
      case BTF_KIND_FUNC_PROTO:
        return type;
      case BTF_KIND_FUNC:
      case BTF_KIND_PTR:
      case BTF_KIND_TYPEDEF:
      case BTF_KIND_CONST:
        id = type->type;
        break;
      default:
        return nullptr;
    }
  }
  return nullptr;
}

// What is in a struct without a name is named as if it were in the struct around it.
void append_fields(const btf* types, std::uint32_t id, std::uint32_t base, int depth,
                   std::vector<CVariable>& fields) {
  const btf_type* const type = btf__type_by_id(types, id);
  if (type == nullptr || !btf_is_composite(type) || depth > nesting_limit) return;
  for (unsigned i = 0; i < btf_vlen(type) && fields.size() < field_limit; ++i) {
    const btf_member& member = btf_members(type)[i];
    const std::string_view name = name_at(types, member.name_off);
    const std::uint32_t offset = base + btf_member_bit_offset(type, i) / 8;
    const btf_type* const inner = name.empty() ? btf__type_by_id(types, member.type) : nullptr;
    if (inner != nullptr && btf_is_composite(inner) && inner->name_off == 0) {
      append_fields(types, member.type, offset, depth + 1, fields);
      continue;
    }
    CVariable& field = fields.emplace_back(variable(types, member.type, name));
    if (const std::uint32_t bits = btf_member_bitfield_size(type, i); bits != 0) {
      field.declaration += fmt::format(" : {}", bits);
      continue;
    }
    field.offset = offset;
    const std::int64_t size = btf__resolve_size(types, member.type);
    if (size >= 0) field.size = static_cast<std::uint32_t>(size);
  }
}

}  // namespace

std::string CPrototype::declaration(std::string_view name) const {
  std::string text = returns;
  if (!text.empty() && !text.ends_with('*')) text += ' ';
  text += name;
  text += '(';
  for (const CVariable& argument : arguments) {
    if (&argument != &arguments.front()) text += ", ";
    text += argument.declaration;
  }
  if (variadic) text += arguments.empty() ? "..." : ", ...";
  if (arguments.empty() && !variadic) text += "void";
  text += ')';
  return text;
}

std::string c_type(const btf* types, std::uint32_t id) {
  return c_declaration(types, id, {});
}

std::string c_declaration(const btf* types, std::uint32_t id, std::string_view name) {
  return Declarator(types).declare(id, std::string(name));
}

std::optional<CPrototype> c_prototype(const btf* types, std::uint32_t id) {
  const btf_type* const type = prototype_behind(types, id);
  if (type == nullptr) return std::nullopt;
  CPrototype prototype;
  prototype.returns = c_type(types, type->type);
  const unsigned count = btf_vlen(type);
  for (unsigned i = 0; i < count; ++i) {
    const btf_param& parameter = btf_params(type)[i];
    if (parameter.type == 0 && i + 1 == count) {
      prototype.variadic = true;
    } else {
      prototype.arguments.push_back(variable(types, parameter.type, name_at(types, parameter.name_off)));
    }
  }
  return prototype;
}

std::vector<CVariable> c_fields(const btf* types, std::uint32_t id) {
  std::vector<CVariable> fields;
  append_fields(types, id, 0, 0, fields);
  return fields;
}

}  // namespace probe_run
