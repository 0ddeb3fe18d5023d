#include "oracle/comparison.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <stdexcept>

namespace test {
namespace {

std::size_t number(const Value& value) {
  return std::stoul(value.text);
}

// The end of a value; for an object, after its padding.
std::size_t end_of(const Value& ends) {
  if (ends.kind == Value::Kind::object) return number(ends.at(""));
  if (ends.kind == Value::Kind::number) return number(ends);
  std::size_t end = 0;
  for (const Value& item : ends.items) end = std::max(end, end_of(item));
  return end;
}

// Whether `size` bytes contain any of the scalars in full.
bool holds_some(const Value& ends, std::size_t size) {
  if (ends.kind == Value::Kind::number) return number(ends) <= size;
  const auto holds = [size](const Value& part) { return holds_some(part, size); };
  if (ends.kind == Value::Kind::array) return std::any_of(ends.items.begin(), ends.items.end(), holds);
  return std::any_of(ends.members.begin(), ends.members.end(),
                     [&](const auto& member) { return !member.first.empty() && holds(member.second); });
}

// The low 64 bits of a whole number; none if the text is not one.
std::optional<std::uint64_t> integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return negative ? 0 - value : value;
}

bool equal_in_low_bits(const std::string& a, const std::string& b, unsigned bits) {
  const auto left = integer(a), right = integer(b);
  return left && right && (*left ^ *right) << (64 - bits) == 0;
}

// Only what the BTF of the enum cannot express may be printed differently.
bool equal_enum(const Value& expected, const Value& note, const std::string& got, EnumBtf btf) {
  if (got == expected.text) return true;
  if (btf == EnumBtf::full) return false;
  const std::string& kind = note.at("enum").text;
  const std::string& value = note.at("number").text;
  const bool has_name = expected.text != value;
  if (kind == "top bit") return !has_name && equal_in_low_bits(got, value, 32);
  if (kind != "wide") return false;
  const bool name_is_whole = integer(value) <= 0x7fffffffu;
  return !(has_name && name_is_whole) && equal_in_low_bits(got, value, 64);
}

bool equal_leaf(const Value& expected, const Value& note, const Value& got, EnumBtf btf) {
  if (expected.kind != got.kind) return false;
  if (note.kind == Value::Kind::object) return equal_enum(expected, note, got.text, btf);
  if (note.text == "float") {
    return std::strtof(expected.text.c_str(), nullptr) == std::strtof(got.text.c_str(), nullptr);
  }
  if (note.text == "double") {
    return std::strtod(expected.text.c_str(), nullptr) == std::strtod(got.text.c_str(), nullptr);
  }
  return expected.text == got.text;
}

std::string keys_of(const Value& object) {
  std::string keys;
  for (const auto& [key, value] : object.members) keys += (keys.empty() ? "" : ", ") + key;
  return "the members {" + keys + "}";
}

class Comparison {
 public:
  Comparison(std::size_t size, EnumBtf btf, std::string context, Differences& differences)
      : size_(size), btf_(btf), context_(std::move(context)), differences_(differences) {}

  void compare(const std::string& path, const Value& expected, const Value& note, const Value& ends,
               const Value& got) {
    switch (expected.kind) {
      case Value::Kind::object:
        return objects(path, expected, note, ends, got);
      case Value::Kind::array:
        return arrays(path, expected, note, ends, got);
      default:
        return leaves(path, expected, note, ends, got);
    }
  }

 private:
  void objects(const std::string& path, const Value& expected, const Value& note, const Value& ends,
               const Value& got) {
    if (got.kind == Value::Kind::null) return absent(path, expected, ends);
    if (got.kind != Value::Kind::object || keys_of(got) != keys_of(expected)) {
      const bool object = got.kind == Value::Kind::object;
      return differ(path, keys_of(expected), object ? keys_of(got) : to_json(got));
    }
    for (std::size_t i = 0; i < expected.members.size(); ++i) {
      const auto& [key, value] = expected.members[i];
      compare(path + "." + key, value, note.at(key), ends.at(key), got.members[i].second);
    }
  }

  void arrays(const std::string& path, const Value& expected, const Value& note, const Value& ends,
              const Value& got) {
    if (got.kind == Value::Kind::null) return absent(path, expected, ends);
    if (got.kind != Value::Kind::array || got.items.size() > expected.items.size()) {
      return differ(path, to_json(expected), to_json(got));
    }
    for (std::size_t i = 0; i < expected.items.size(); ++i) {
      if (i < got.items.size()) {
        compare(path + "[]", expected.items[i], note.items[i], ends.items[i], got.items[i]);
      } else if (end_of(ends.items[i]) <= size_) {
        return differ(path, to_json(expected), to_json(got));
      }
    }
  }

  void leaves(const std::string& path, const Value& expected, const Value& note, const Value& ends,
              const Value& got) {
    if (number(ends) <= size_) {
      if (!equal_leaf(expected, note, got, btf_)) differ(path, to_json(expected), to_json(got));
      return;
    }
    // Text starts before it is complete.
    const bool part_of_text = note.text == "text" && got.kind == Value::Kind::string;
    if (got.kind != Value::Kind::null && !part_of_text) {
      differ(path, "null, for it ends at byte " + ends.text, to_json(got));
    }
  }

  void absent(const std::string& path, const Value& expected, const Value& ends) {
    if (holds_some(ends, size_)) differ(path, to_json(expected), "null");
  }

  void differ(const std::string& path, const std::string& expected, const std::string& got) {
    differences_.try_emplace(path, "expected " + expected + ", got " + got + context_);
  }

  std::size_t size_;
  EnumBtf btf_;
  std::string context_;
  Differences& differences_;
};

}  // namespace

void compare(const Testimony& expected, const std::string& got, std::size_t size, EnumBtf btf,
             Differences& differences) {
  const std::string context = "; from the first " + std::to_string(size) + " bytes of " + expected.bytes;
  Comparison comparison(size, btf, context, differences);
  Value value;
  try {
    value = parse_value(got);
  } catch (const std::runtime_error& error) {
    differences.try_emplace(expected.record, error.what() + context + ": " + got);
    return;
  }
  comparison.compare(expected.record, expected.values, expected.notes, expected.ends, value);
}

std::size_t count_members(const Value& values) {
  if (values.kind == Value::Kind::array) return values.items.empty() ? 0 : count_members(values.items[0]);
  std::size_t count = 0;
  for (const auto& [key, value] : values.members) count += 1 + count_members(value);
  return count;
}

}  // namespace test
