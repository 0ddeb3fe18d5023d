#include "decode/field_compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>

#include "decode/renderer.h"
#include "support/error.h"

namespace probe_run {
namespace {

constexpr std::size_t field_limit = 20'000;  // nested structs can multiply without bound
constexpr int depth_limit = 32;

class FieldCompiler {
 public:
  Field compile(std::string name, std::string path, const Type& type, std::uint32_t bit_offset,
                std::uint32_t bit_size, int depth, bool at_end) {
    if (++count_ > field_limit || depth > depth_limit) {
      throw Error(fmt::format("type {} has too many fields", to_text(type)));
    }
    const Type& base = strip(type);
    Field field;
    field.name = std::move(name);
    field.path = std::move(path);
    field.type = &type;
    field.renderer = &bytes_renderer();
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
        if (base.size == 2 || base.size == 4 || base.size == 8) field.shape = Shape::floating;
        break;
      case Type::Kind::pointer:
        field.scalar = true;
        field.shape = Shape::rendered;
        field.renderer = &pointer_renderer();
        break;
      case Type::Kind::array:
        array(field, base, depth, at_end);
        break;
      case Type::Kind::structure:
      case Type::Kind::union_:
      case Type::Kind::section:
        field.shape = Shape::structure;
        members(field, base, bit_offset, depth, at_end);
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
    // Older compilers, without flags for bitfields, wrote a smaller number of bits into the type.
    if (bit_size == 0 && base.bits != 0 && base.bits < base.size * 8) bit_size = base.bits;
    if (bit_size > base.size * 8) return;  // bytes
    narrow(field, bit_offset, bit_size);
    if ((bit_size != 0 ? bit_size : base.size * 8) > 64) {
      field.shape = Shape::wide_number;
      return;
    }
    field.scalar = true;
    field.shape = base.is_bool     ? Shape::boolean
                  : base.is_signed ? Shape::signed_number
                                   : Shape::unsigned_number;
  }

  static void enumeration(Field& field, const Type& base) {
    field.scalar = true;
    field.shape = Shape::rendered;
    field.renderer = &enum_renderer();
    // BTF of clang before 16 does not tell whether an enum is signed, and cuts values to 32 bits: match the result of
    // load().
    const unsigned bits = width_of(field.slot);
    const std::uint64_t mask = bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
    for (const Enumerator& enumerator : base.enumerators) {
      std::uint64_t value = enumerator.value & mask;
      if (field.slot.is_signed && bits < 64 && (value >> (bits - 1)) != 0) value |= ~mask;
      // A bitfield can be too narrow for some of the names.
      if (field.slot.bits != 0 && value != enumerator.value) continue;
      field.names.emplace_back(value, enumerator.name);
    }
    // The first name wins if several have the same value.
    std::stable_sort(field.names.begin(), field.names.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
  }

  // An array without a length can have items only at the end of a record: elsewhere it marks a position.
  void array(Field& field, const Type& base, int depth, bool at_end) {
    field.flexible = base.count == 0 && at_end;
    if (is_character(*base.target)) {
      field.shape = Shape::text;
      return;
    }
    Field item = compile({}, field.path + "[]", *base.target, 0, 0, depth + 1, false);
    if (item.size == 0) return;  // an array of nothing
    field.shape = Shape::array;
    field.count = base.count;
    field.fields.push_back(std::move(item));
  }

  // A name that no other member has: C allows no two, BTF from elsewhere may have them.
  using Taken = std::map<std::string, unsigned>;  // how many there are of each
  static std::string own_name(const std::string& name, Taken& taken) {
    const unsigned number = ++taken[name];
    return number == 1 ? name : fmt::format("{}#{}", name, number);
  }

  void members(Field& field, const Type& base, std::uint32_t bit_offset, int depth, bool at_end) {
    Taken taken;
    members(field, base, bit_offset, depth, at_end, taken);
  }

  void members(Field& field, const Type& base, std::uint32_t bit_offset, int depth, bool at_end,
               Taken& taken) {
    if (++count_ > field_limit) throw Error(fmt::format("type {} has too many fields", to_text(base)));
    for (const TypeMember& member : base.members) {
      const bool last = at_end && (base.kind == Type::Kind::union_ || &member == &base.members.back());
      const std::string prefix = field.path.empty() ? std::string() : field.path + ".";
      if (base.kind == Type::Kind::section) {
        // Format strings of bpf_printk are not variables of the program.
        const Type& variable = *member.type;
        if (variable.kind != Type::Kind::variable || variable.name.find("____fmt") != std::string::npos)
          continue;
        if (std::uint64_t{member.bit_offset / 8} + variable.target->size > base.size) continue;
        field.fields.push_back(compile(variable.name, prefix + variable.name, *variable.target,
                                       bit_offset + member.bit_offset, 0, depth + 1, false));
        continue;
      }
      if (!member.name.empty()) {
        const std::string name = own_name(member.name, taken);
        field.fields.push_back(compile(name, prefix + name, *member.type, bit_offset + member.bit_offset,
                                       member.bit_size, depth + 1, last));
        continue;
      }
      // The members of an anonymous struct or union are members of the outer one, in C and here.
      const Type& inner = strip(*member.type);
      if (inner.kind != Type::Kind::structure && inner.kind != Type::Kind::union_)
        continue;  // padding of bitfields
      if (depth > depth_limit) throw Error(fmt::format("type {} has too many fields", to_text(base)));
      Field nested;
      nested.path = field.path;
      members(nested, inner, bit_offset + member.bit_offset, depth + 1, last, taken);
      std::move(nested.fields.begin(), nested.fields.end(), std::back_inserter(field.fields));
    }
  }

  std::size_t count_ = 0;
};

}  // namespace

Field compile_field(std::string name, std::string path, const Type& type, std::uint32_t offset) {
  return FieldCompiler().compile(std::move(name), std::move(path), type, offset * 8, 0, 0, true);
}

}  // namespace probe_run
