#include "object/type.h"

#include <fmt/format.h>

namespace probe_run {

const Type& strip(const Type& type) {
  const Type* t = &type;
  while (t->kind == Type::Kind::alias && t->target != nullptr) t = t->target;
  return *t;
}

std::string to_text(const Type& type) {
  const auto named = [&](const char* keyword) {
    return fmt::format("{} {}", keyword, type.name.empty() ? "(anonymous)" : type.name);
  };
  switch (type.kind) {
    case Type::Kind::none:
      return "void";
    case Type::Kind::structure:
      return named("struct");
    case Type::Kind::union_:
      return named("union");
    case Type::Kind::enumeration:
      return named("enum");
    case Type::Kind::array: {
      // The outermost count comes first: int[2][16] is two arrays of sixteen.
      std::string counts;
      const Type* element = &type;
      for (; element->kind == Type::Kind::array; element = element->target) {
        counts += fmt::format("[{}]", element->count);
      }
      return to_text(*element) + counts;
    }
    case Type::Kind::pointer:
      return fmt::format("{} *", to_text(*type.target));
    case Type::Kind::alias:
      return type.name.empty() ? to_text(*type.target) : type.name;
    case Type::Kind::integer:
    case Type::Kind::floating:
    case Type::Kind::forward:
    case Type::Kind::function:
    case Type::Kind::prototype:
    case Type::Kind::variable:
    case Type::Kind::section:
    case Type::Kind::tag:
      return type.name;
  }
  return type.name;
}

bool is_character(const Type& type) {
  // A typedef decides first: __u8, u8 and uint8_t are numbers although they are unsigned char underneath.
  for (const Type* t = &type; t->kind == Type::Kind::alias; t = t->target) {
    if (t->name == "__u8" || t->name == "u8" || t->name == "uint8_t" || t->name == "__s8" ||
        t->name == "s8" || t->name == "int8_t") {
      return false;
    }
  }
  const Type& base = strip(type);
  if (base.kind != Type::Kind::integer || base.size != 1 || base.is_bool) return false;
  return base.name == "char" || base.name == "signed char" || base.name == "unsigned char";
}

}  // namespace probe_run
