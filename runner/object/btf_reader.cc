// Reads raw BTF into a TypeTable.
#include <fmt/format.h>
#include <linux/btf.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "object/type_table.h"
#include "support/error.h"

namespace probe_run {
namespace {

// Newer than the headers of some distributions.
constexpr unsigned kind_decl_tag = 17;
constexpr unsigned kind_type_tag = 18;
constexpr unsigned kind_enum64 = 19;
constexpr std::uint32_t type_limit = 1u << 20;  // the largest kernel has some 150,000
constexpr int nesting_limit = 64;
constexpr std::uint32_t struct_limit = 1u << 28;  // offsets of nested members are added up in 32 bits

[[noreturn]] void malformed(std::string_view what) {
  throw Error(fmt::format("malformed BTF: {}", what),
              "compile the object again with clang -g -O2 -target bpf");
}

class Cursor {
 public:
  explicit Cursor(std::span<const std::byte> bytes) : bytes_(bytes) {}

  bool done() const { return bytes_.empty(); }

  template <class T>
  T take() {
    if (bytes_.size() < sizeof(T)) malformed("it ends in the middle of a type");
    T value;
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_ = bytes_.subspan(sizeof value);
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
};

class BtfReader {
 public:
  BtfReader(std::span<const std::byte> btf, std::deque<Type>& types) : types_(types) {
    const auto header = Cursor(btf).take<btf_header>();
    if (header.magic != 0xeb9f) {
      malformed(header.magic == 0x9feb ? "its byte order is not this machine's"
                                       : "it does not begin with the magic number of BTF");
    }
    if (header.version != 1) malformed(fmt::format("its version {} is unknown", header.version));
    type_section_ = part(btf, header.hdr_len, header.type_off, header.type_len);
    strings_ = part(btf, header.hdr_len, header.str_off, header.str_len);
    if (strings_.empty() || strings_.back() != std::byte{0}) malformed("its strings are not terminated");
  }

  void read() {
    types_.push_back({});  // void
    const std::size_t count = count_types();
    types_.resize(count + 1);
    Cursor cursor(type_section_);
    for (std::size_t id = 1; id <= count; ++id) read_type(cursor, types_[id]);
    for (std::size_t id = 1; id <= count; ++id) settle_sign(types_[id]);
    for (std::size_t id = 1; id <= count; ++id) check_cycles(types_[id], 0);
    for (std::size_t id = 1; id <= count; ++id) size_of(types_[id], 0);
    for (std::size_t id = 1; id <= count; ++id) check_members(types_[id]);
  }

 private:
  static std::span<const std::byte> part(std::span<const std::byte> btf, std::uint64_t header,
                                         std::uint64_t offset, std::uint64_t length) {
    if (header + offset + length > btf.size()) malformed("a section is outside it");
    return btf.subspan(header + offset, length);
  }

  // Bytes that follow the common part of a type.
  static std::size_t extra_size(unsigned kind, std::uint32_t vlen) {
    switch (kind) {
      case BTF_KIND_INT:
        return sizeof(std::uint32_t);
      case BTF_KIND_ARRAY:
        return sizeof(btf_array);
      case BTF_KIND_STRUCT:
      case BTF_KIND_UNION:
        return vlen * sizeof(btf_member);
      case BTF_KIND_ENUM:
        return vlen * sizeof(btf_enum);
      case kind_enum64:
        return std::size_t{vlen} * 12;
      case BTF_KIND_FUNC_PROTO:
        return vlen * sizeof(btf_param);
      case BTF_KIND_VAR:
        return sizeof(btf_var);
      case BTF_KIND_DATASEC:
        return vlen * sizeof(btf_var_secinfo);
      case kind_decl_tag:
        return sizeof(std::uint32_t);
      case BTF_KIND_PTR:
      case BTF_KIND_FWD:
      case BTF_KIND_TYPEDEF:
      case BTF_KIND_VOLATILE:
      case BTF_KIND_CONST:
      case BTF_KIND_RESTRICT:
      case BTF_KIND_FUNC:
      case BTF_KIND_FLOAT:
      case kind_type_tag:
        return 0;
      default:
        malformed(fmt::format("a type has the unknown kind {}", kind));
    }
  }

  std::size_t count_types() const {
    std::size_t count = 0;
    std::span<const std::byte> rest = type_section_;
    while (!rest.empty()) {
      const auto type = Cursor(rest).take<btf_type>();
      const std::size_t size = sizeof type + extra_size(BTF_INFO_KIND(type.info), BTF_INFO_VLEN(type.info));
      if (size > rest.size()) malformed("it ends in the middle of a type");
      rest = rest.subspan(size);
      if (++count > type_limit) malformed("it has too many types");
    }
    return count;
  }

  // Names are printed in every format, so what could break one is replaced here, once.
  std::string name(std::uint32_t offset) const {
    if (offset >= strings_.size()) malformed("a name is outside its strings");
    // A char may look at any byte; strings_ ends in a NUL.
    std::string text = reinterpret_cast<const char*>(strings_.data() + offset);
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c < 0x20 || c > 0x7e || c == '"' || c == '\\'; }, '?');
    return text;
  }

  const Type* type(std::uint32_t id) const {
    if (id >= types_.size()) malformed(fmt::format("it refers to type {}, but has {}", id, types_.size()));
    return &types_[id];
  }

  void read_type(Cursor& cursor, Type& out) {
    const auto head = cursor.take<btf_type>();
    const std::uint32_t vlen = BTF_INFO_VLEN(head.info);
    const bool kflag = BTF_INFO_KFLAG(head.info);
    out.name = name(head.name_off);
    switch (BTF_INFO_KIND(head.info)) {
      case BTF_KIND_INT: {
        const auto data = cursor.take<std::uint32_t>();
        out.kind = Type::Kind::integer;
        out.size = head.size;
        out.bits = BTF_INT_BITS(data);
        out.is_signed = (BTF_INT_ENCODING(data) & BTF_INT_SIGNED) != 0;
        out.is_bool = (BTF_INT_ENCODING(data) & BTF_INT_BOOL) != 0;
        if (out.size == 0 || out.size > 16 || out.bits > out.size * 8)
          malformed("an integer has an invalid size");
        return;
      }
      case BTF_KIND_FLOAT:
        out.kind = Type::Kind::floating;
        out.size = head.size;
        return;
      case BTF_KIND_PTR:
        out.kind = Type::Kind::pointer;
        out.size = 8;
        out.target = type(head.type);
        return;
      case BTF_KIND_ARRAY: {
        const auto array = cursor.take<btf_array>();
        out.kind = Type::Kind::array;
        out.target = type(array.type);
        out.count = array.nelems;
        return;
      }
      case BTF_KIND_STRUCT:
      case BTF_KIND_UNION:
        out.kind = BTF_INFO_KIND(head.info) == BTF_KIND_STRUCT ? Type::Kind::structure : Type::Kind::union_;
        out.size = head.size;
        if (out.size > struct_limit) malformed(fmt::format("a struct has {} bytes", out.size));
        for (std::uint32_t i = 0; i < vlen; ++i) {
          const auto member = cursor.take<btf_member>();
          out.members.push_back({name(member.name_off), type(member.type),
                                 kflag ? BTF_MEMBER_BIT_OFFSET(member.offset) : member.offset,
                                 kflag ? BTF_MEMBER_BITFIELD_SIZE(member.offset) : 0});
        }
        return;
      case BTF_KIND_ENUM:
        read_enum(out, head, kflag);
        tells_sign_ |= kflag;
        for (std::uint32_t i = 0; i < vlen; ++i) {
          const auto entry = cursor.take<btf_enum>();
          const auto value = static_cast<std::int64_t>(entry.val);
          out.enumerators.push_back({name(entry.name_off), static_cast<std::uint64_t>(value)});
        }
        return;
      case kind_enum64:
        read_enum(out, head, kflag);
        tells_sign_ = true;
        for (std::uint32_t i = 0; i < vlen; ++i) {
          const std::string label = name(cursor.take<std::uint32_t>());
          const std::uint64_t low = cursor.take<std::uint32_t>();
          const std::uint64_t high = cursor.take<std::uint32_t>();
          out.enumerators.push_back({label, high << 32 | low});
        }
        return;
      case BTF_KIND_FWD:
        out.kind = Type::Kind::forward;
        return;
      case BTF_KIND_TYPEDEF:
      case BTF_KIND_VOLATILE:
      case BTF_KIND_CONST:
      case BTF_KIND_RESTRICT:
      case kind_type_tag:
        out.kind = Type::Kind::alias;
        out.target = type(head.type);
        if (BTF_INFO_KIND(head.info) == kind_type_tag) out.name.clear();
        return;
      case BTF_KIND_FUNC:
        out.kind = Type::Kind::function;
        out.target = type(head.type);
        return;
      case BTF_KIND_FUNC_PROTO:
        out.kind = Type::Kind::prototype;
        out.target = type(head.type);
        for (std::uint32_t i = 0; i < vlen; ++i) {
          const auto parameter = cursor.take<btf_param>();
          out.members.push_back({name(parameter.name_off), type(parameter.type), 0, 0});
        }
        return;
      case BTF_KIND_VAR:
        out.kind = Type::Kind::variable;
        out.target = type(head.type);
        cursor.take<btf_var>();
        return;
      case BTF_KIND_DATASEC:
        out.kind = Type::Kind::section;
        out.size = head.size;
        for (std::uint32_t i = 0; i < vlen; ++i) {
          const auto info = cursor.take<btf_var_secinfo>();
          out.members.push_back({{}, type(info.type), info.offset * 8, 0});
        }
        return;
      case kind_decl_tag:
        out.kind = Type::Kind::tag;
        cursor.take<std::uint32_t>();
        return;
      default:
        malformed("a type has an unknown kind");
    }
  }

  static void read_enum(Type& out, const btf_type& head, bool is_signed) {
    out.kind = Type::Kind::enumeration;
    out.size = head.size;
    out.is_signed = is_signed;
    if (out.size == 0 || out.size > 8) malformed("an enum has an invalid size");
  }

  // Up to version 14, clang marks every enum as unsigned: there, the highest bit of a value is taken for a
  // sign. One enum that only a newer compiler writes shows that the marks of the others can be believed.
  void settle_sign(Type& type) const {
    if (type.kind != Type::Kind::enumeration || type.size > 4) return;
    const bool has_negative =
        std::any_of(type.enumerators.begin(), type.enumerators.end(),
                    [](const Enumerator& e) { return static_cast<std::int64_t>(e.value) < 0; });
    if (!tells_sign_ && has_negative) type.is_signed = true;
    if (type.is_signed) return;
    for (Enumerator& enumerator : type.enumerators) enumerator.value &= 0xffffffff;
  }

  // Whatever does not go through a struct or a function must end.
  static void check_cycles(const Type& type, int depth) {
    if (depth > nesting_limit) malformed(fmt::format("type \"{}\" is nested too deeply", type.name));
    switch (type.kind) {
      case Type::Kind::alias:
      case Type::Kind::pointer:
      case Type::Kind::array:
        return check_cycles(*type.target, depth + 1);
      default:
        return;
    }
  }

  // What is compiled from a type reads within its size.
  static void check_members(const Type& type) {
    if (type.kind != Type::Kind::structure && type.kind != Type::Kind::union_) return;
    for (const TypeMember& member : type.members) {
      const std::uint64_t whole = std::uint64_t{member.type->size} * 8;
      const std::uint64_t bits = member.bit_size != 0 ? member.bit_size : whole;
      if (bits > whole || member.bit_offset + bits > std::uint64_t{type.size} * 8) {
        malformed(fmt::format("the member \"{}\" is outside {}", member.name, to_text(type)));
      }
      const Type::Kind kind = strip(*member.type).kind;
      if (member.bit_size != 0 && kind != Type::Kind::integer && kind != Type::Kind::enumeration) {
        malformed(fmt::format("the member \"{}\" of {} is a bitfield of {}", member.name, to_text(type),
                              to_text(*member.type)));
      }
    }
  }

  static constexpr std::uint64_t largest_array = 1u << 30;

  // Arrays have no size of their own in BTF. Every other type is given one, or has none.
  static std::uint32_t size_of(Type& type, int depth) {
    if (type.kind == Type::Kind::array || type.kind == Type::Kind::alias) {
      // check_cycles() has passed: this ends. The target is an element of the same table, which is not const
      // there.
      const std::uint64_t element =
          size_of(const_cast<Type&>(*type.target), depth + 1);  // NOLINT(*-const-cast)
      std::uint64_t size = type.kind == Type::Kind::array ? element * type.count : element;
      // The definition of a map has its numbers as the lengths of arrays that pointers point to: int
      // (*max_entries)[1 << 30]. No record is as large as such an array, so nothing is ever read as one.
      if (size > largest_array) type.count = 0, size = 0;
      type.size = static_cast<std::uint32_t>(size);
    }
    return type.size;
  }

  std::deque<Type>& types_;
  std::span<const std::byte> type_section_;
  std::span<const std::byte> strings_;
  bool tells_sign_ = false;  // some enum shows a compiler that marks those that are signed
};

}  // namespace

namespace {

// Files that are linked into one object can each have a static variable of the same name: the second of them is
// "calls#2" here, which no name in C is.
void tell_variables_apart(std::deque<Type>& types) {
  std::map<std::string, unsigned> names;  // how many there are of each
  std::set<const Type*> seen;
  for (const Type& section : types) {
    if (section.kind != Type::Kind::section) continue;
    for (const TypeMember& member : section.members) {
      if (member.type->kind != Type::Kind::variable || !seen.insert(member.type).second) continue;
      auto& variable = const_cast<Type&>(*member.type);  // NOLINT(*-const-cast): of the same table
      const unsigned number = ++names[variable.name];
      if (number > 1) variable.name += fmt::format("#{}", number);
    }
  }
}

}  // namespace

TypeTable::TypeTable(std::span<const std::byte> btf) {
  BtfReader(btf, types_).read();
  tell_variables_apart(types_);
}

}  // namespace probe_run
