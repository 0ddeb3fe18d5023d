#include "object/encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {

void Encoder::encode(const Value& value, const Type& type, std::span<std::byte> bytes) {
  const Type& base = strip(type);
  switch (base.kind) {
    case Type::Kind::integer:
      return encode_integer(value, type, bytes);
    case Type::Kind::enumeration:
      return encode_enum(value, base, bytes);
    case Type::Kind::floating:
      return encode_float(value, base, bytes);
    case Type::Kind::array:
      return encode_array(value, base, bytes);
    case Type::Kind::structure:
    case Type::Kind::union_:
      return encode_struct(value, base, bytes);
    default:
      return refuse(value, fmt::format("a value of type {} cannot be set", to_text(type)));
  }
}

void Encoder::refuse(const Value& value, std::string_view why, std::string hint) {
  diagnostics_.error(value.at, fmt::format("{}: {}", subject_, why), std::move(hint));
}

void Encoder::encode_integer(const Value& value, const Type& type, std::span<std::byte> bytes) {
  const Type& base = strip(type);
  if (const bool* flag = std::get_if<bool>(&value.data)) return store(*flag ? 1 : 0, bytes);
  if (base.is_bool) return refuse(value, fmt::format("a bool takes true or false, not {}", value.kind()));
  if (bytes.size() > 8) return refuse(value, "128-bit numbers cannot be set");
  const unsigned bits = static_cast<unsigned>(bytes.size()) * 8;
  if (const auto* natural = std::get_if<std::uint64_t>(&value.data)) {
    const std::uint64_t most =
        base.is_signed ? (~std::uint64_t{0} >> (65 - bits)) : (~std::uint64_t{0} >> (64 - bits));
    if (*natural > most)
      return refuse(value, fmt::format("{} does not fit {} (at most {})", *natural, to_text(type), most));
    return store(*natural, bytes);
  }
  if (const auto* integer = std::get_if<std::int64_t>(&value.data)) {
    // -1 stands for "all ones" in filters on ids, unsigned though they are.
    const std::int64_t least = -(std::int64_t{1} << (bits - 1));
    const bool fits = base.is_signed ? (bits == 64 || *integer >= least) : *integer == -1;
    if (!fits) return refuse(value, fmt::format("{} does not fit {}", *integer, to_text(type)));
    return store(static_cast<std::uint64_t>(*integer), bytes);
  }
  refuse(value, fmt::format("{} takes a whole number, not {}", to_text(type), value.kind()));
}

void Encoder::encode_enum(const Value& value, const Type& type, std::span<std::byte> bytes) {
  const auto* name = std::get_if<std::string>(&value.data);
  if (name == nullptr) return encode_integer(value, type, bytes);
  std::vector<std::string_view> names;
  for (const Enumerator& enumerator : type.enumerators) {
    if (enumerator.name == *name) return store(enumerator.value, bytes);
    names.push_back(enumerator.name);
  }
  refuse(value, fmt::format("{} has no \"{}\"", to_text(type), escape_for_terminal(*name)),
         suggestion(*name, names, "its names"));
}

void Encoder::encode_float(const Value& value, const Type& type, std::span<std::byte> bytes) {
  double number = 0;
  if (const auto* real = std::get_if<double>(&value.data)) {
    number = *real;
  } else if (const auto* natural = std::get_if<std::uint64_t>(&value.data)) {
    number = static_cast<double>(*natural);
  } else if (const auto* integer = std::get_if<std::int64_t>(&value.data)) {
    number = static_cast<double>(*integer);
  } else {
    return refuse(value, fmt::format("{} takes a number, not {}", to_text(type), value.kind()));
  }
  if (bytes.size() == sizeof(double)) {
    std::memcpy(bytes.data(), &number, sizeof number);
  } else if (bytes.size() == sizeof(float)) {
    const auto narrow = static_cast<float>(number);
    std::memcpy(bytes.data(), &narrow, sizeof narrow);
  } else {
    refuse(value, fmt::format("{} cannot be set", to_text(type)));
  }
}

void Encoder::encode_array(const Value& value, const Type& type, std::span<std::byte> bytes) {
  if (const auto* text = std::get_if<std::string>(&value.data);
      text != nullptr && is_character(*type.target)) {
    if (text->size() >= bytes.size()) {
      return refuse(value, fmt::format("the string has {} bytes and {} holds {} and the closing NUL",
                                       text->size(), to_text(type), bytes.empty() ? 0 : bytes.size() - 1));
    }
    std::fill(bytes.begin(), bytes.end(), std::byte{0});
    std::memcpy(bytes.data(), text->data(), text->size());
    return;
  }
  const auto* list = std::get_if<Value::Array>(&value.data);
  if (list == nullptr) {
    return refuse(value, fmt::format("{} takes {}, not {}", to_text(type),
                                     is_character(*type.target) ? "a string" : "a list", value.kind()));
  }
  if (list->size() > type.count) {
    return refuse(
        value, fmt::format("the list has {} items and {} holds {}", list->size(), to_text(type), type.count));
  }
  const std::size_t element = type.target->size;
  std::fill(bytes.begin(), bytes.end(), std::byte{0});
  for (std::size_t i = 0; i < list->size(); ++i)
    encode((*list)[i], *type.target, bytes.subspan(i * element, element));
}

void Encoder::encode_struct(const Value& value, const Type& type, std::span<std::byte> bytes) {
  const auto* object = std::get_if<Value::Object>(&value.data);
  if (object == nullptr)
    return refuse(value, fmt::format("{} takes an object, not {}", to_text(type), value.kind()));
  std::vector<std::string_view> names;
  for (const TypeMember& member : type.members) names.push_back(member.name);
  for (const Member& entry : *object) {
    const auto member = std::find_if(type.members.begin(), type.members.end(),
                                     [&](const TypeMember& m) { return m.name == *entry.key; });
    if (member == type.members.end()) {
      diagnostics_.error(
          entry.key.at,
          fmt::format("{} has no member \"{}\"", to_text(type), escape_for_terminal(*entry.key)),
          suggestion(*entry.key, names, "its members"));
    } else if (member->bit_size != 0 || member->bit_offset / 8 + member->type->size > bytes.size()) {
      refuse(entry.value, "bitfields cannot be set");
    } else {
      encode(entry.value, *member->type, bytes.subspan(member->bit_offset / 8, member->type->size));
    }
  }
}

void Encoder::store(std::uint64_t number, std::span<std::byte> bytes) {
  std::memcpy(bytes.data(), &number, std::min(bytes.size(), sizeof number));
}

}  // namespace probe_run
