#include "object/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>

#include "object/type_choice.h"
#include "spec/map_spec.h"
#include "support/identifier.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::uint64_t size_limit = 1u << 26;  // what a map's value can have
constexpr std::size_t depth_limit = 8;          // arrays of arrays

struct Base {
  std::string_view name;
  Type::Kind kind;
  std::uint32_t size;
  bool is_signed = false, is_bool = false;
};

using Kind = Type::Kind;
constexpr Base bases[] = {
    {"u8", Kind::integer, 1},
    {"u16", Kind::integer, 2},
    {"u32", Kind::integer, 4},
    {"u64", Kind::integer, 8},
    {"u128", Kind::integer, 16},
    {"s8", Kind::integer, 1, true},
    {"s16", Kind::integer, 2, true},
    {"s32", Kind::integer, 4, true},
    {"s64", Kind::integer, 8, true},
    {"s128", Kind::integer, 16, true},
    {"__u8", Kind::integer, 1},
    {"__u16", Kind::integer, 2},
    {"__u32", Kind::integer, 4},
    {"__u64", Kind::integer, 8},
    {"__s8", Kind::integer, 1, true},
    {"__s16", Kind::integer, 2, true},
    {"__s32", Kind::integer, 4, true},
    {"__s64", Kind::integer, 8, true},
    {"uint8_t", Kind::integer, 1},
    {"uint16_t", Kind::integer, 2},
    {"uint32_t", Kind::integer, 4},
    {"uint64_t", Kind::integer, 8},
    {"int8_t", Kind::integer, 1, true},
    {"int16_t", Kind::integer, 2, true},
    {"int32_t", Kind::integer, 4, true},
    {"int64_t", Kind::integer, 8, true},
    {"char", Kind::integer, 1, true},
    {"signed char", Kind::integer, 1, true},
    {"unsigned char", Kind::integer, 1},
    {"bool", Kind::integer, 1, false, true},
    {"_Bool", Kind::integer, 1, false, true},
    {"short", Kind::integer, 2, true},
    {"unsigned short", Kind::integer, 2},
    {"int", Kind::integer, 4, true},
    {"unsigned int", Kind::integer, 4},
    {"long", Kind::integer, 8, true},
    {"unsigned long", Kind::integer, 8},
    {"long long", Kind::integer, 8, true},
    {"unsigned long long", Kind::integer, 8},
    {"float", Kind::floating, 4},
    {"double", Kind::floating, 8},
    {"void *", Kind::pointer, 8},
};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::uint64_t alignment_of(const Type& type) {
  const Type& base = strip(type);
  if (base.kind == Kind::array) return alignment_of(*base.target);
  if (base.kind != Kind::structure && base.kind != Kind::union_) return std::max<std::uint64_t>(base.size, 1);
  std::uint64_t alignment = 1;
  for (const TypeMember& member : base.members) {
    // A member at an odd place shows that the struct is packed.
    const std::uint64_t own = alignment_of(*member.type);
    if (member.bit_size == 0 && member.bit_offset / 8 % own == 0) alignment = std::max(alignment, own);
  }
  return base.size % alignment == 0 ? alignment : 1;
}

class Declaration {
 public:
  Declaration(const ObjectDescription& object, Diagnostics& diagnostics)
      : object_(object), diagnostics_(diagnostics) {}

  std::shared_ptr<const std::deque<Type>> declare(const std::vector<LayoutMember>& layout) {
    Type record;
    record.kind = Kind::structure;
    record.name = "layout";
    std::uint64_t end = 0;
    bool open = false;
    std::uint64_t widest = 1;
    std::set<std::string_view> names;
    for (const LayoutMember& member : layout) {
      // It becomes part of paths, of templates and of headers.
      if (!is_identifier(*member.name)) {
        error(member.name.at, "a member's name has letters, digits and \"_\" only");
        continue;
      }
      if (!names.insert(*member.name).second) {
        error(member.name.at,
              fmt::format("the member \"{}\" appears twice", escape_for_terminal(*member.name)));
      }
      if (open) {
        error(member.name.at, "no member can follow an array that takes the rest of the record",
              "give the array before it a length");
      }
      const Type* const type = type_of(*member.type, member.type.at);
      if (type == nullptr) continue;
      const Type& base = strip(*type);
      open = base.kind == Kind::array && base.count == 0;
      const std::uint64_t alignment = alignment_of(*type);
      const std::uint64_t offset =
          member.offset ? **member.offset : (end + alignment - 1) / alignment * alignment;
      if (offset > size_limit || offset + type->size > size_limit) {
        error(member.offset ? member.offset->at : member.type.at,
              fmt::format("the member \"{}\" would end beyond {} MiB", escape_for_terminal(*member.name),
                          size_limit >> 20));
        continue;
      }
      record.members.push_back({*member.name, type, static_cast<std::uint32_t>(offset * 8), 0});
      end = offset + type->size;
      record.size = std::max(record.size, static_cast<std::uint32_t>(end));
      widest = std::max(widest, alignment);
    }
    if (failed_) return nullptr;
    // As C does, so that the next record would be aligned.
    record.size = static_cast<std::uint32_t>((record.size + widest - 1) / widest * widest);
    types_->push_back(std::move(record));
    return types_;
  }

 private:
  void error(Span at, std::string what, std::string hint = {}) {
    failed_ = true;
    diagnostics_.error(at, std::move(what), std::move(hint));
  }

  const Type* unknown(std::string_view name, Span at) {
    std::vector<std::string> known = object_.types.struct_names();
    for (const Base& base : bases) known.emplace_back(base.name);
    error(at, fmt::format("type \"{}\" is not found", escape_for_terminal(name)),
          suggestion(name, views(known), "types: u8 to u128, s8 to s128, bool, char, float, double, and"));
    return nullptr;
  }

  const Type* base_of(std::string_view name, Span at) {
    for (const Base& base : bases) {
      if (base.name != name) continue;
      Type type;
      type.kind = base.kind;
      type.name = base.name;
      type.size = base.size;
      type.is_signed = base.is_signed;
      type.is_bool = base.is_bool;
      type.bits = base.kind == Kind::integer ? base.size * 8 : 0;
      if (base.kind == Kind::pointer) type.target = &types_->emplace_back();  // void
      types_->push_back(std::move(type));
      return &types_->back();
    }
    TypeChoice choice = choose_type(object_, name);
    if (!choice.what.empty()) {
      error(at, std::move(choice.what), std::move(choice.hint));
      return nullptr;
    }
    if (choice.type == nullptr || strip(*choice.type).size == 0) return unknown(name, at);
    return choice.type;
  }

  // "u32", "char[16]", "struct pair[2][3]", "u8[]".
  const Type* type_of(std::string_view text, Span at) {
    const std::size_t bracket = text.find('[');
    const Type* type = base_of(trimmed(text.substr(0, bracket)), at);
    if (type == nullptr || bracket == std::string_view::npos) return type;
    std::vector<std::uint32_t> counts;
    for (std::string_view rest = text.substr(bracket); !trimmed(rest).empty();) {
      rest = trimmed(rest);
      const std::size_t close = rest.find(']');
      const std::string_view digits = rest.substr(1, close - 1);
      std::uint32_t count = 0;
      const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), count);
      const bool number =
          parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size() && count > 0;
      if (rest.front() != '[' || close == std::string_view::npos ||
          !(number || (digits.empty() && counts.empty()))) {
        error(at, fmt::format("\"{}\" is not an array type", escape_for_terminal(text)),
              "an array is written as \"u32[4]\", or \"u8[]\" for the rest of the record");
        return nullptr;
      }
      counts.push_back(count);
      if (counts.size() > depth_limit) {
        error(at, fmt::format("the type has more than {} array lengths", depth_limit));
        return nullptr;
      }
      rest.remove_prefix(close + 1);
    }
    // The last count is the innermost array.
    for (auto count = counts.rbegin(); count != counts.rend(); ++count) {
      const std::uint64_t size = std::uint64_t{*count} * type->size;
      if (size > size_limit) {
        error(at, fmt::format("\"{}\" is larger than {} MiB", escape_for_terminal(text), size_limit >> 20));
        return nullptr;
      }
      Type array;
      array.kind = Kind::array;
      array.target = type;
      array.count = *count;
      array.size = static_cast<std::uint32_t>(size);
      types_->push_back(std::move(array));
      type = &types_->back();
    }
    return type;
  }

  const ObjectDescription& object_;
  Diagnostics& diagnostics_;
  bool failed_ = false;  // here; mistakes elsewhere are none of this layout's
  std::shared_ptr<std::deque<Type>> types_ = std::make_shared<std::deque<Type>>();
};

}  // namespace

std::shared_ptr<const std::deque<Type>> declare_type(const std::vector<LayoutMember>& layout,
                                                     const ObjectDescription& object,
                                                     Diagnostics& diagnostics) {
  return Declaration(object, diagnostics).declare(layout);
}

namespace {

// Where BTF has no better type. kind none where a number has no such size.
Type number_of(std::uint32_t size) {
  Type type;
  if (size != 1 && size != 2 && size != 4 && size != 8) return type;
  type.kind = Type::Kind::integer;
  type.name = fmt::format("a number of {} byte{}", size, size == 1 ? "" : "s");
  type.size = size;
  type.bits = size * 8;
  return type;
}

}  // namespace

EntryType::EntryType(std::uint32_t size, std::uint32_t type_id, const std::vector<LayoutMember>& layout,
                     std::string_view part, const MapInfo& map, const ObjectDescription& object,
                     Diagnostics& diagnostics)
    : number_(number_of(size)), has_layout_(!layout.empty()) {
  if (!layout.empty()) {
    declared_ = declare_type(layout, object, diagnostics);
    if (!declared_) return;
    const Type& type = declared_->back();
    std::uint32_t end = 0;  // without padding
    for (const TypeMember& member : type.members)
      end = std::max(end, member.bit_offset / 8 + member.type->size);
    if (end > size) {
      diagnostics.error(layout.back().name.at,
                        fmt::format("the layout has {} bytes; the {} of the map \"{}\" has {}", end, part,
                                    escape_for_terminal(map.name), size),
                        "leave members out, or give them an \"offset\"");
      return;
    }
    type_ = &type;
    return;
  }
  const Type* const type = object.types.by_id(type_id);
  if (type != nullptr && strip(*type).size == size) {
    type_ = type;
  } else if (number_.kind != Type::Kind::none) {
    type_ = &number_;
  }
}

}  // namespace probe_run
