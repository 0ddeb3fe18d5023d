#include "object/entry_object.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include "spec/map_spec.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// An object's keys, each with what reads its value.
using Keys = std::vector<std::pair<std::string_view, std::function<bool(const Value&)>>>;

class ObjectReader {
 public:
  ObjectReader(std::string_view what, Diagnostics& diagnostics) : what_(what), diagnostics_(diagnostics) {}

  bool read(const Value& value, const Keys& keys) {
    const auto* const object = std::get_if<Value::Object>(&value.data);
    if (object == nullptr) return expected("an object", value);
    std::vector<std::string_view> names;
    for (const auto& [name, take] : keys) names.push_back(name);
    bool good = true;
    for (const Member& member : *object) {
      if (member.key->starts_with('$')) continue;
      const auto known =
          std::find_if(keys.begin(), keys.end(), [&](const auto& key) { return key.first == *member.key; });
      if (known != keys.end()) {
        good = known->second(member.value) && good;
        continue;
      }
      diagnostics_.error(member.key.at,
                         fmt::format("{} has no key \"{}\"", what_, escape_for_terminal(*member.key)),
                         suggestion(*member.key, names, "keys"));
      good = false;
    }
    return good;
  }

  bool expected(std::string_view form, const Value& value) {
    if (!std::holds_alternative<Value::Unknown>(value.data))
      diagnostics_.error(value.at, fmt::format("{} takes {}, not {}", what_, form, value.kind()));
    return false;
  }

  bool text(const Value& value, std::string_view form, std::optional<Located<std::string>>& out) {
    const auto* const text = std::get_if<std::string>(&value.data);
    if (text == nullptr) return expected(form, value);
    out = Located<std::string>{*text, value.at};
    return true;
  }

 private:
  std::string_view what_;
  Diagnostics& diagnostics_;
};

bool read_entries(const Value& value, Located<std::vector<Located<MapEntry>>>& out,
                  Diagnostics& diagnostics) {
  ObjectReader reader("\"entries\"", diagnostics);
  const auto* const list = std::get_if<Value::Array>(&value.data);
  if (list == nullptr) return reader.expected("a list", value);
  out.at = value.at;
  bool good = true;
  for (const Value& item : *list) {
    Located<MapEntry>& entry = out.value.emplace_back();
    entry.at = item.at;
    const auto keep = [](std::optional<Value>& place) {
      return [&place](const Value& given) {
        place = given;
        return true;
      };
    };
    const Keys keys{{"key", keep(entry.value.key)}, {"value", keep(entry.value.value)}};
    good = ObjectReader("an item of \"entries\"", diagnostics).read(item, keys) && good;
  }
  return good;
}

}  // namespace

std::optional<InnerMapObject> read_inner_map(const Value& value, Diagnostics& diagnostics) {
  InnerMapObject map;
  bool has_entries = false;
  ObjectReader reader("a new inner map", diagnostics);
  const Keys keys{{"max_entries",
                   [&](const Value& given) {
                     const auto* const number = std::get_if<std::uint64_t>(&given.data);
                     if (number == nullptr)
                       return reader.expected("a whole number as \"max_entries\"", given);
                     map.max_entries = Located<std::uint64_t>{*number, given.at};
                     return true;
                   }},
                  {"entries", [&](const Value& given) {
                     has_entries = true;
                     return read_entries(given, map.entries, diagnostics);
                   }}};
  if (!reader.read(value, keys)) return std::nullopt;
  if (!has_entries) {
    diagnostics.error({value.at.begin, value.at.begin + 1}, "a new inner map does not have \"entries\"",
                      "\"entries\": [] makes an empty one");
    return std::nullopt;
  }
  return map;
}

std::optional<RedirectObject> read_redirect(const Value& value, std::string_view first,
                                            Diagnostics& diagnostics) {
  RedirectObject object;
  ObjectReader reader("the value", diagnostics);
  Keys keys;
  if (first == "iface") {
    keys.emplace_back(
        first, [&](const Value& given) { return reader.text(given, "an interface's name", object.iface); });
  } else {
    keys.emplace_back(first, [&](const Value& given) {
      object.qsize = given;
      return true;
    });
  }
  keys.emplace_back(
      "program", [&](const Value& given) { return reader.text(given, "a program's name", object.program); });
  if (!reader.read(value, keys)) return std::nullopt;
  if (object.iface || object.qsize) return object;
  diagnostics.error({value.at.begin, value.at.begin + 1},
                    fmt::format("the value does not have \"{}\"", first),
                    fmt::format("give it \"{}\" and, to run a program there, \"program\"", first));
  return std::nullopt;
}

}  // namespace probe_run
