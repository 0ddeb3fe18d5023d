#include "object/encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>
#include <vector>

#include "object/address_text.h"
#include "support/integer.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::size_t digits_shown = 40;

std::string in_words(Wide magnitude, bool negative) {
  return fmt::format("{}{}", negative ? "-" : "", magnitude);
}

// A whole number, however it is written. `beyond`: it has more than 128 bits.
struct Whole {
  Wide magnitude = 0;
  bool negative = false;
  bool beyond = false;
};

std::optional<Whole> whole(const Value& value) {
  if (const auto* natural = std::get_if<std::uint64_t>(&value.data)) return Whole{*natural};
  if (const auto* integer = std::get_if<std::int64_t>(&value.data)) {
    return Whole{-static_cast<Wide>(*integer), true};
  }
  const auto* big = std::get_if<Value::BigNumber>(&value.data);
  if (big == nullptr) return std::nullopt;
  Whole number;
  std::string_view digits = big->digits;
  number.negative = digits.starts_with('-');
  if (number.negative) digits.remove_prefix(1);
  for (const char digit : digits) {
    const auto unit = static_cast<Wide>(digit - '0');
    number.beyond = number.beyond || number.magnitude > (~Wide{0} - unit) / 10;
    number.magnitude = number.magnitude * 10 + unit;
  }
  return number;
}

// A member, also one of an anonymous struct or union within, and where it begins.
struct Found {
  const TypeMember* member = nullptr;
  std::uint32_t bit_offset = 0;
};

Found find_member(const Type& type, std::string_view name) {
  for (const TypeMember& member : type.members) {
    if (member.name == name && !name.empty()) return {&member, member.bit_offset};
    if (!member.name.empty()) continue;
    const Found inner = find_member(strip(*member.type), name);
    if (inner.member != nullptr) return {inner.member, member.bit_offset + inner.bit_offset};
  }
  return {};
}

void collect_names(const Type& type, std::vector<std::string_view>& names) {
  for (const TypeMember& member : type.members) {
    if (member.name.empty()) {
      collect_names(strip(*member.type), names);
    } else {
      names.push_back(member.name);
    }
  }
}

// What a number was meant as that the type does not take as it is written.
std::string number_hint(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.data)) {
    const auto number = parse_number(*text);
    if (!number) return {};
    if (text->starts_with("0")) return fmt::format("write it in decimal, without quotes: {}", *number);
    return fmt::format("write it without quotes: {}", *text);
  }
  const auto* real = std::get_if<double>(&value.data);
  constexpr double exact = 9007199254740992;  // a double holds all whole numbers up to 2^53
  if (real == nullptr || *real != std::trunc(*real) || std::fabs(*real) > exact) return {};
  return fmt::format("write it without a decimal point or exponent: {}", static_cast<std::int64_t>(*real));
}

// Text that the reader has to see, as far as it is short; else only its kind.
std::string in_words(const Value& value) {
  const auto* text = std::get_if<std::string>(&value.data);
  if (text == nullptr || text->size() > digits_shown) return std::string(value.kind());
  return fmt::format("\"{}\"", escape_for_terminal(*text));
}

// Only to a string it is worth saying that an address would do.
bool wants_address(const Value& value, const Type& type) {
  return std::holds_alternative<std::string>(value.data) && address_form(type) != AddressForm::none;
}

}  // namespace

void Encoder::encode(const Value& value, const Type& type, std::span<std::byte> bytes) {
  if (std::holds_alternative<Value::Unknown>(value.data)) {  // reported where it was looked for
    good_ = false;
    return;
  }
  if (encode_as_address(value, type, bytes)) return;
  const Type& base = strip(type);
  const auto bits = static_cast<unsigned>(bytes.size()) * 8;
  switch (base.kind) {
    case Type::Kind::integer:
      if (const auto stored = number(value, type, bits, to_text(type))) store(*stored, bytes);
      return;
    case Type::Kind::enumeration:
      if (const auto stored = enumerator(value, base, bits, to_text(base))) store(*stored, bytes);
      return;
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

bool Encoder::encode_as_address(const Value& value, const Type& type, std::span<std::byte> bytes) {
  const auto* text = std::get_if<std::string>(&value.data);
  if (text == nullptr || address_form(type) == AddressForm::none) return false;
  const Type& base = strip(type);
  const bool characters = base.kind == Type::Kind::array && is_character(*base.target);
  // What is not even meant as an address gets the message of the type's other values.
  const bool meant = text->find_first_of(".:/") != std::string::npos;
  if (!meant || (characters && text->size() < bytes.size())) return false;
  if (const auto mistake = encode_address(*text, type, bytes)) refuse(value, mistake->what, mistake->hint);
  return true;
}

void Encoder::refuse(const Value& value, std::string_view why, std::string hint) {
  good_ = false;
  diagnostics_.error(value.at, fmt::format("{}: {}", subject_, why), std::move(hint));
}

std::optional<Wide> Encoder::number(const Value& value, const Type& type, unsigned bits,
                                    const std::string& holder) {
  const Type& base = strip(type);
  if (const bool* flag = std::get_if<bool>(&value.data)) return *flag ? 1 : 0;
  if (base.is_bool) {
    refuse(value, fmt::format("a bool takes true or false, not {}", value.kind()));
    return std::nullopt;
  }
  const std::optional<Whole> given = whole(value);
  if (!given) {
    const bool address = bits == base.size * 8 && wants_address(value, type);
    refuse(value,
           fmt::format("{} takes a whole number{}, not {}", holder, address ? " or an IPv4 address" : "",
                       in_words(value)),
           number_hint(value));
    return std::nullopt;
  }
  const Wide all = ~Wide{0} >> (128 - bits);
  const Wide most = base.is_signed ? all >> 1 : all;
  if (!given->negative) {
    if (!given->beyond && given->magnitude <= most) return given->magnitude;
    const auto* big = std::get_if<Value::BigNumber>(&value.data);
    const std::string text = big == nullptr ? in_words(given->magnitude, false)
                             : big->digits.size() <= digits_shown
                                 ? big->digits
                                 : fmt::format("a number of {} digits", big->digits.size());
    refuse(value, fmt::format("{} does not fit {} (at most {})", text, holder, in_words(most, false)));
    return std::nullopt;
  }
  // -1 stands for "all ones" in filters on ids, unsigned though they are.
  const bool fits = !given->beyond && (base.is_signed ? given->magnitude <= most + 1 : given->magnitude == 1);
  if (fits) return -given->magnitude & all;
  const std::string least = base.is_signed ? in_words(most + 1, true) : "0; -1 sets every bit";
  refuse(value, fmt::format("{} does not fit {} (at least {})",
                            given->beyond ? std::string(value.kind()) : in_words(given->magnitude, true),
                            holder, least));
  return std::nullopt;
}

std::optional<Wide> Encoder::enumerator(const Value& value, const Type& type, unsigned bits,
                                        const std::string& holder) {
  const auto* name = std::get_if<std::string>(&value.data);
  if (name == nullptr) return number(value, type, bits, holder);
  std::vector<std::string_view> names;
  for (const Enumerator& known : type.enumerators) {
    if (known.name == *name) return known.value & (~Wide{0} >> (128 - bits));
    names.push_back(known.name);
  }
  refuse(value, fmt::format("{} has no \"{}\"", to_text(type), escape_for_terminal(*name)),
         suggestion(*name, names, "its names"));
  return std::nullopt;
}

void Encoder::encode_float(const Value& value, const Type& type, std::span<std::byte> bytes) {
  double number = 0;
  if (const auto* real = std::get_if<double>(&value.data)) {
    number = *real;
  } else if (const auto* natural = std::get_if<std::uint64_t>(&value.data)) {
    number = static_cast<double>(*natural);
  } else if (const auto* integer = std::get_if<std::int64_t>(&value.data)) {
    number = static_cast<double>(*integer);
  } else if (const auto* big = std::get_if<Value::BigNumber>(&value.data)) {
    const char* const end = big->digits.data() + big->digits.size();
    if (std::from_chars(big->digits.data(), end, number).ec != std::errc())
      return refuse(value,
                    fmt::format("a number of {} digits does not fit {}", big->digits.size(), to_text(type)));
  } else {
    return refuse(value, fmt::format("{} takes a number, not {}", to_text(type), in_words(value)));
  }
  if (bytes.size() == sizeof(double)) {
    std::memcpy(bytes.data(), &number, sizeof number);
  } else if (bytes.size() == sizeof(float)) {
    constexpr float most = std::numeric_limits<float>::max();
    if (std::fabs(number) > static_cast<double>(most)) {
      return refuse(value, fmt::format("{} does not fit {} ({})", number, to_text(type),
                                       number > 0 ? fmt::format("at most {}", most)
                                                  : fmt::format("at least {}", -most)));
    }
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
    return refuse(value, fmt::format("{} takes {}{}, not {}", to_text(type),
                                     is_character(*type.target) ? "a string" : "a list",
                                     wants_address(value, type) ? " or an address" : "", in_words(value)));
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
  if (object == nullptr) {
    return refuse(value, fmt::format("{} takes an object{}, not {}", to_text(type),
                                     wants_address(value, type) ? " or an address" : "", in_words(value)));
  }
  std::vector<std::string_view> names;
  collect_names(type, names);
  for (const Member& entry : *object) {
    const auto [member, bit_offset] = find_member(type, *entry.key);
    if (member == nullptr) {
      good_ = false;
      diagnostics_.error(
          entry.key.at,
          fmt::format("{} has no member \"{}\"", to_text(type), escape_for_terminal(*entry.key)),
          suggestion(*entry.key, names, "its members"));
    } else if (bit_offset + (member->bit_size != 0 ? member->bit_size : member->type->size * 8) >
               bytes.size() * 8) {
      refuse(entry.value, fmt::format("\"{}\" is beyond the end of {}", member->name, to_text(type)));
    } else if (member->bit_size != 0) {
      encode_bitfield(entry.value, *member, bit_offset, bytes);
    } else {
      encode(entry.value, *member->type, bytes.subspan(bit_offset / 8, member->type->size));
    }
  }
}

void Encoder::encode_bitfield(const Value& value, const TypeMember& member, std::uint32_t bit_offset,
                              std::span<std::byte> bytes) {
  const Type& base = strip(*member.type);
  const std::string holder = fmt::format("the bitfield \"{}\" of {} bit{}", member.name, member.bit_size,
                                         member.bit_size == 1 ? "" : "s");
  const std::optional<Wide> stored = base.kind == Type::Kind::enumeration
                                         ? enumerator(value, base, member.bit_size, holder)
                                         : number(value, *member.type, member.bit_size, holder);
  if (!stored) return;
  for (std::uint32_t i = 0; i < member.bit_size; ++i) {
    const std::uint32_t bit = bit_offset + i;
    const auto mask = static_cast<std::byte>(1u << (bit % 8));
    std::byte& byte = bytes[bit / 8];
    byte = (*stored >> i & 1) != 0 ? byte | mask : byte & ~mask;
  }
}

void Encoder::store(Wide number, std::span<std::byte> bytes) {
  std::memcpy(bytes.data(), &number, std::min(bytes.size(), sizeof number));
}

}  // namespace probe_run
