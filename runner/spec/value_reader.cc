#include "spec/value_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "spec/spec.h"
#include "support/integer.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {

std::optional<std::string> short_text(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.data)) {
    if (text->size() > 40) return std::nullopt;
    return fmt::format("\"{}\"", escape_for_terminal(*text));
  }
  if (const bool* flag = std::get_if<bool>(&value.data)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::uint64_t>(&value.data)) return std::to_string(*number);
  if (const auto* number = std::get_if<std::int64_t>(&value.data)) return std::to_string(*number);
  if (const auto* number = std::get_if<double>(&value.data)) {
    const bool whole = std::trunc(*number) == *number && std::abs(*number) < 1e15;
    return whole ? fmt::format("{:.1f}", *number) : fmt::format("{}", *number);
  }
  if (const auto* number = std::get_if<Value::BigNumber>(&value.data);
      number != nullptr && number->digits.size() <= 40) {
    return number->digits;
  }
  return std::nullopt;
}

namespace {

// The hint for text in the place of a number.
std::string as_number(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.data)) {
    const std::optional<std::uint64_t> number = parse_number(*text);
    if (!number) return {};
    return text->starts_with('-') ? fmt::format("write {}", *text) : fmt::format("write {}", *number);
  }
  const auto* real = std::get_if<double>(&value.data);
  if (real == nullptr || std::trunc(*real) != *real || std::abs(*real) >= 0x1p53) return {};
  return fmt::format("write {:.0f}", *real);
}

// The hint for another way to say true or false.
std::string as_boolean(const Value& value) {
  const std::string text = short_text(value).value_or("");
  const auto is = [&](std::initializer_list<std::string_view> ways) {
    return std::any_of(ways.begin(), ways.end(), [&](std::string_view way) {
      return std::equal(way.begin(), way.end(), text.begin(), text.end(),
                        [](char a, char b) { return a == b || (b >= 'A' && b <= 'Z' && a == (b | 0x20)); });
    });
  };
  if (is({"1", "\"true\"", "\"yes\"", "\"on\""})) return "write true";
  if (is({"0", "\"false\"", "\"no\"", "\"off\""})) return "write false";
  return {};
}

// The hint for a duration without a unit, or with another one.
std::string as_duration(const Value& value) {
  if (const auto* seconds = std::get_if<std::uint64_t>(&value.data); seconds != nullptr && *seconds > 0)
    return fmt::format("write \"{}s\"", *seconds);
  const auto* text = std::get_if<std::string>(&value.data);
  if (text == nullptr) return {};
  const std::size_t digits = std::min(text->find_first_not_of("0123456789."), text->size());
  if (digits == 0 || digits > 18) return {};
  std::string unit = text->substr(std::min(text->find_first_not_of(' ', digits), text->size()));
  if (unit.ends_with('s') && unit.size() > 2) unit.pop_back();
  struct Word {
    std::string_view written, unit;
  };
  static constexpr Word words[] = {{"", "s"},       {"ns", "ns"},   {"us", "us"},    {"ms", "ms"},
                                   {"s", "s"},      {"m", "m"},     {"h", "h"},      {"sec", "s"},
                                   {"second", "s"}, {"min", "m"},   {"minute", "m"}, {"hour", "h"},
                                   {"msec", "ms"},  {"usec", "us"}, {"nsec", "ns"},  {"S", "s"}};
  for (const Word& word : words) {
    if (word.written != unit) continue;
    const std::string right = text->substr(0, digits) + std::string(word.unit);
    const std::optional<Duration> duration = parse_duration(right);
    return duration && *duration >= least_interval ? fmt::format("write \"{}\"", right) : "";
  }
  return {};
}

}  // namespace

bool ValueReader::read(const Value& value, std::string& out, std::string_view what) {
  const auto* string = std::get_if<std::string>(&value.data);
  if (string == nullptr) {
    const auto* list = std::get_if<Value::Array>(&value.data);
    const bool one =
        list != nullptr && list->size() == 1 && std::holds_alternative<std::string>(list->front().data);
    if (one)
      return expected("a string", value, what,
                      "write " + short_text(list->front()).value_or("it without [ ]"));
    const std::optional<std::string> scalar = short_text(value);
    return expected("a string", value, what, scalar ? fmt::format("write \"{}\"", *scalar) : "");
  }
  if (string->find('\0') != std::string::npos) {
    diagnostics_.error(value.at, fmt::format("{} contains a NUL character", what));
    return false;
  }
  out = *string;
  return true;
}

bool ValueReader::read(const Value& value, bool& out, std::string_view what) {
  const bool* flag = std::get_if<bool>(&value.data);
  if (flag == nullptr) return expected("true or false", value, what, as_boolean(value));
  out = *flag;
  return true;
}

bool ValueReader::read(const Value& value, std::uint64_t& out, std::string_view what) {
  const auto* number = std::get_if<std::uint64_t>(&value.data);
  if (number == nullptr) return expected("a whole number from 0", value, what, as_number(value));
  out = *number;
  return true;
}

bool ValueReader::read(const Value& value, AtLeastOne& out, std::string_view what) {
  const auto* number = std::get_if<std::uint64_t>(&value.data);
  if (number == nullptr || *number == 0)
    return expected("a whole number from 1", value, what, as_number(value));
  out.number = *number;
  return true;
}

bool ValueReader::read(const Value& value, std::int64_t& out, std::string_view what) {
  if (const auto* number = std::get_if<std::int64_t>(&value.data)) {
    out = *number;
    return true;
  }
  const auto* natural = std::get_if<std::uint64_t>(&value.data);
  if (natural == nullptr || *natural > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
    return expected("a whole number", value, what, as_number(value));
  }
  out = static_cast<std::int64_t>(*natural);
  return true;
}

bool ValueReader::read(const Value& value, std::int32_t& out, std::string_view what) {
  std::int64_t wide = 0;
  if (!read(value, wide, what)) return false;
  if (wide < INT32_MIN || wide > INT32_MAX) return expected("a number of 32 bits", value, what);
  out = static_cast<std::int32_t>(wide);
  return true;
}

bool ValueReader::read(const Value& value, Scale& out, std::string_view what) {
  if (const auto* real = std::get_if<double>(&value.data)) {
    out.factor = *real;
  } else if (const auto* natural = std::get_if<std::uint64_t>(&value.data)) {
    out.factor = static_cast<double>(*natural);
  } else {
    out.factor = 0;
  }
  if (out.factor > 0 && std::isfinite(out.factor)) return true;
  return expected("a number above 0 such as 1e-9", value, what);
}

bool ValueReader::read(const Value& value, MetricLabels& out, std::string_view what) {
  bool good = true;
  if (const auto* array = std::get_if<Value::Array>(&value.data)) {
    for (const Value& item : *array) {
      Located<std::string>& path = out.items.emplace_back().path;
      path.at = item.at;
      good = read(item, path.value, fmt::format("an item of {}", what)) && good;
    }
    return good;
  }
  const auto* object = std::get_if<Value::Object>(&value.data);
  if (object == nullptr) return expected("a list of fields, or an object of labels and fields", value, what);
  for (const Member& member : *object) {
    if (member.key->starts_with('$')) continue;
    MetricLabels::Label& label = out.items.emplace_back();
    label.name = member.key;
    label.path.at = member.value.at;
    good =
        read(member.value, label.path.value, fmt::format("\"{}\"", escape_for_terminal(*member.key))) && good;
  }
  return good;
}

bool ValueReader::read(const Value& value, Duration& out, std::string_view what) {
  const auto* text = std::get_if<std::string>(&value.data);
  const std::optional<Duration> duration = text != nullptr ? parse_duration(*text) : std::nullopt;
  if (!duration || *duration < least_interval) {
    return expected("a duration of at least 1ms such as \"500ms\", \"1s\" or \"5m\"", value, what,
                    as_duration(value));
  }
  out = *duration;
  return true;
}

bool ValueReader::read(const Value& value, Every& out, std::string_view what) {
  const auto* text = std::get_if<std::string>(&value.data);
  if (text != nullptr && *text == "exit") {
    out.at_exit = true;
    return true;
  }
  const std::optional<Duration> duration = text != nullptr ? parse_duration(*text) : std::nullopt;
  if (!duration || *duration < least_interval)
    return expected("a duration of at least 1ms such as \"5s\", or \"exit\"", value, what,
                    as_duration(value));
  out.interval = *duration;
  return true;
}

bool ValueReader::read(const Value& value, RateLimit& out, std::string_view what) {
  const auto* text = std::get_if<std::string>(&value.data);
  const auto* rows = std::get_if<std::uint64_t>(&value.data);
  const std::optional<RateLimit> limit = text != nullptr   ? parse_rate_limit(*text)
                                         : rows != nullptr ? parse_rate_limit(fmt::format("{}/s", *rows))
                                                           : std::nullopt;
  if (!limit) {
    return expected("\"100/s\", \"10/m\", \"5/h\" or a number of rows per second, from 1 to 1000000000",
                    value, what);
  }
  out = *limit;
  return true;
}

bool ValueReader::read(const Value& value, Constant& out, std::string_view what) {
  if (const auto* natural = std::get_if<std::uint64_t>(&value.data)) {
    out = *natural;
  } else if (const auto* negative = std::get_if<std::int64_t>(&value.data)) {
    out = *negative;
  } else if (const bool* flag = std::get_if<bool>(&value.data)) {
    out = std::uint64_t{*flag};
  } else if (const auto* text = std::get_if<std::string>(&value.data)) {
    out = *text;
  } else {
    return expected("a whole number or the name of an enum's value", value, what);
  }
  return true;
}

bool ValueReader::read(const Value& value, TracePipe& out, std::string_view what) {
  const bool* flag = std::get_if<bool>(&value.data);
  const auto* text = std::get_if<std::string>(&value.data);
  if (flag != nullptr && *flag) {
    out = TracePipe::own;
  } else if (text != nullptr && *text == "all") {
    out = TracePipe::all;
  } else {
    return expected("true or \"all\"", value, what);
  }
  return true;
}

bool ValueReader::read(const Value& value, Value& out, std::string_view) {
  out = value;
  return true;
}

std::optional<std::size_t> ValueReader::read_name(const Value& value, std::span<const std::string_view> names,
                                                  std::string_view what) {
  const auto* text = std::get_if<std::string>(&value.data);
  if (text != nullptr) {
    const auto found = std::find(names.begin(), names.end(), *text);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  }
  const std::vector<std::string_view> all(names.begin(), names.end());
  if (text == nullptr) {
    expected(join(all, " or "), value, what);
    return std::nullopt;
  }
  diagnostics_.error(value.at, fmt::format("{} cannot be \"{}\"", what, escape_for_terminal(*text)),
                     suggestion(*text, all, "use one of"));
  return std::nullopt;
}

bool ValueReader::read_members(const Value::Object& object, Span at, std::span<const KeyReader> keys,
                               StructReader& reader, void* out, std::string_view what,
                               std::string_view chosen_by) {
  std::vector<std::string_view> names;
  if (!chosen_by.empty()) names.push_back(chosen_by);
  for (const KeyReader& key : keys) names.push_back(key.name);
  // A misspelt key is one mistake: what it was meant to be is not missing, too.
  std::vector<std::string_view> meant;
  bool good = true;
  for (const Member& member : object) {
    if (member.key->starts_with('$')) continue;
    if (std::find(names.begin(), names.end(), *member.key) != names.end()) continue;
    if (const std::string_view near = nearest(*member.key, names); !near.empty()) meant.push_back(near);
    diagnostics_.error(member.key.at,
                       fmt::format("{} has no key \"{}\"", what, escape_for_terminal(*member.key)),
                       suggestion(*member.key, names, "keys"));
    good = false;
  }
  for (const KeyReader& key : keys) {
    const auto member =
        std::find_if(object.begin(), object.end(), [&](const Member& m) { return *m.key == key.name; });
    if (member != object.end()) {
      good = key.read(reader, member->value, out, fmt::format("\"{}\"", key.name)) && good;
    } else if (key.presence == Presence::required) {
      good = false;
      if (std::find(meant.begin(), meant.end(), key.name) != meant.end()) continue;
      diagnostics_.error({at.begin, at.begin + 1}, fmt::format("{} has no \"{}\"", what, key.name),
                         fmt::format("add \"{}\": {}", key.name, key.doc));
    }
  }
  return good;
}

bool ValueReader::no_type(const Value::Object& object, Span at, std::string_view what,
                          std::span<const std::string_view> types) {
  static constexpr std::string_view type[] = {"type"};
  for (const Member& member : object) {
    if (nearest(*member.key, type).empty()) continue;
    diagnostics_.error(member.key.at,
                       fmt::format("{} has no key \"{}\"", what, escape_for_terminal(*member.key)),
                       "did you mean \"type\"?");
    return false;
  }
  diagnostics_.error({at.begin, at.begin + 1}, fmt::format("{} has no \"type\"", what),
                     fmt::format("add \"type\": {}", join(types, " or ")));
  return false;
}

bool ValueReader::expected(std::string_view form, const Value& value, std::string_view what,
                           std::string hint) {
  if (std::holds_alternative<Value::Unknown>(value.data)) return false;  // already reported
  const std::string given = short_text(value).value_or(std::string(value.kind()));
  diagnostics_.error(value.at, fmt::format("{} must be {}, not {}", what, form, given), std::move(hint));
  return false;
}

}  // namespace probe_run
