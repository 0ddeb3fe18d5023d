// C declarations of what BTF describes.
//
// The types may be any bytes that libbpf takes: what refers to nothing, or to itself without end, becomes
// "?". On such types libbpf's btf_dump crashes, or takes memory until there is none left.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct btf;

namespace probe_run {

// An argument of a function, or a field of a struct.
struct CVariable {
  std::string name;                     // may be empty
  std::string type;                     // "const char *", "char[16]"
  std::string declaration;              // "const char *filename", "char comm[16]"
  std::optional<std::uint32_t> offset;  // bytes, of a field that is not a bit-field
  std::optional<std::uint32_t> size;    // bytes, where it is known
};

// The type of a function.
struct CPrototype {
  std::vector<CVariable> arguments;
  std::string returns;
  bool variadic = false;  // "..." at the end

  // "long do_sys_openat2(int dfd, const char *filename, struct open_how *how)"
  std::string declaration(std::string_view name) const;
};

// Of a type, and of something of that type and name: "int (*compare)(const void *, const void *)".
std::string c_type(const btf* types, std::uint32_t id);
std::string c_declaration(const btf* types, std::uint32_t id, std::string_view name);

// Of a BTF_KIND_FUNC_PROTO, or what leads to one: a function, a pointer, a typedef. nullopt for anything
// else.
std::optional<CPrototype> c_prototype(const btf* types, std::uint32_t id);

// The fields of a struct or union, with those of structs without a name in it; none of anything else.
std::vector<CVariable> c_fields(const btf* types, std::uint32_t id);

}  // namespace probe_run
