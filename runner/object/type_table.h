// The types of one object, read from its BTF.
#pragma once

#include <cstddef>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "object/type.h"

namespace probe_run {

class TypeTable {
 public:
  TypeTable() = default;

  // Reads raw BTF (a .BTF section). The bytes may come from anywhere: whatever they hold, the result is a
  // table of types that is safe to walk (every reference resolved, no cycle without a pointer), or an Error
  // that says what is wrong with them.
  explicit TypeTable(std::span<const std::byte> btf);

  TypeTable(TypeTable&&) = default;
  TypeTable& operator=(TypeTable&&) = default;

  // nullptr for 0 and for ids that are not there.
  const Type* by_id(std::uint32_t id) const;

  // "struct event", "union u", "enum e", or the name of a typedef or base type; nullptr when there is none. A
  // name without a keyword also finds a struct.
  const Type* find(std::string_view name) const;

  // A variable of .data, .bss, .rodata and the like, and the section that holds it.
  struct Variable {
    const Type* section = nullptr;
    const TypeMember* member = nullptr;  // bit_offset within the section
  };
  Variable find_variable(std::string_view name) const;

  // Names of the same kinds that find() would find, for suggestions.
  std::vector<std::string> struct_names() const;
  std::vector<std::string> variable_names() const;

  const std::deque<Type>& all() const { return types_; }

 private:
  std::deque<Type> types_;  // by id; 0 is void. A deque: its elements do not move.
};

}  // namespace probe_run
