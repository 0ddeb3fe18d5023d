// C types as BTF describes them, in a form that needs no libbpf.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace probe_run {

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
    alias,  // typedef, const, volatile, restrict, type tag: `target` is what it stands for
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

// The type behind typedefs and qualifiers.
const Type& strip(const Type& type);

// As C writes it: "struct event", "unsigned int", "char[16]", "struct task *".
std::string to_text(const Type& type);

// A one-byte integer that holds a character: char, and its signed and unsigned spellings, but not __u8 or
// bool.
bool is_character(const Type& type);

}  // namespace probe_run
