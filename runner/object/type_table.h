// The types of one object, read from its BTF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace probe_run {

// C types as BTF describes them, in a form that needs no libbpf.
struct Type;

struct TypeMember {
  std::string name;  // empty for an anonymous struct or union
  const Type* type = nullptr;
  std::uint32_t bit_offset = 0;
  std::uint32_t bit_size = 0;  // 0: not a bitfield
};

struct Enumerator {
  std::string name;
  std::uint64_t value = 0;  // sign-extended when the enum is signed
};

struct Type {
  enum class Kind {
    none,  // void
    integer,
    floating,
    pointer,
    array,
    structure,
    union_,
    enumeration,
    forward,
    alias,  // typedef, const, volatile, restrict, type tag: `target` is what it means
    function,
    prototype,
    variable,
    section,  // .data, .bss, .rodata: `members` are its variables
    tag
  };

  Kind kind = Kind::none;
  std::string name;
  std::uint32_t size = 0;  // bytes, of arrays too
  const Type* target = nullptr;
  std::uint32_t count = 0;  // elements of an array
  bool is_signed = false;   // integer, enumeration
  bool is_bool = false;
  std::uint32_t bits = 0;  // integer
  std::vector<TypeMember> members;
  std::vector<Enumerator> enumerators;
};

// The type without typedefs and qualifiers.
const Type& strip(const Type& type);

// As C writes it: "struct event", "unsigned int", "char[16]", "struct task *".
std::string to_text(const Type& type);

// A one-byte integer that holds a character: char, and its signed and unsigned spellings, but not __u8 or
// bool.
bool is_character(const Type& type);

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

  // "struct event", "union u", "enum e", or the name of a typedef or base type; nullptr when it is not found. A
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
