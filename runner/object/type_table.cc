#include "object/type_table.h"

#include <fmt/format.h>

#include <algorithm>
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

namespace {

bool takes_keyword(const Type& type, Type::Kind kind, std::string_view name) {
  return type.kind == kind && !type.name.empty() && type.name == name;
}

// Map definitions and the license are variables only to the compiler.
bool holds_variables(const Type& type) {
  return type.kind == Type::Kind::section && type.name != ".maps" && type.name != "license";
}

}  // namespace

const Type* TypeTable::by_id(std::uint32_t id) const {
  return id > 0 && id < types_.size() ? &types_[id] : nullptr;
}

const Type* TypeTable::find(std::string_view name) const {
  struct Keyword {
    std::string_view word;
    Type::Kind kind;
  };
  static constexpr Keyword keywords[] = {
      {"struct ", Type::Kind::structure}, {"union ", Type::Kind::union_}, {"enum ", Type::Kind::enumeration}};
  for (const Keyword& keyword : keywords) {
    if (!name.starts_with(keyword.word)) continue;
    for (const Type& type : types_) {
      if (takes_keyword(type, keyword.kind, name.substr(keyword.word.size()))) return &type;
    }
    return nullptr;
  }
  for (const Type::Kind kind : {Type::Kind::alias, Type::Kind::integer, Type::Kind::structure}) {
    for (const Type& type : types_) {
      if (takes_keyword(type, kind, name)) return &type;
    }
  }
  return nullptr;
}

TypeTable::Variable TypeTable::find_variable(std::string_view name) const {
  for (const Type& section : types_) {
    if (!holds_variables(section)) continue;
    for (const TypeMember& member : section.members) {
      if (member.type->kind == Type::Kind::variable && member.type->name == name) return {&section, &member};
    }
  }
  return {};
}

std::vector<std::string> TypeTable::struct_names() const {
  std::vector<std::string> names;
  for (const Type& type : types_) {
    const bool record = type.kind == Type::Kind::structure || type.kind == Type::Kind::union_;
    if (record && !type.name.empty()) names.push_back(to_text(type));
  }
  return names;
}

std::vector<std::string> TypeTable::variable_names() const {
  std::vector<std::string> names;
  for (const Type& section : types_) {
    if (!holds_variables(section)) continue;
    for (const TypeMember& member : section.members) {
      // Format strings of bpf_printk, and pointers that only keep a type in BTF, are nothing to set.
      if (member.type->kind != Type::Kind::variable) continue;  // .ksyms holds functions
      const bool pointer = strip(*member.type->target).kind == Type::Kind::pointer;
      if (!pointer && member.type->name.find("____fmt") == std::string::npos)
        names.push_back(member.type->name);
    }
  }
  return names;
}

}  // namespace probe_run
