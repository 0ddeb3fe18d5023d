#include "spec/parameters.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "spec/spec.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// Values on the command line are text; they are converted to the type of the default.
Value typed(const std::string& text, const Value* like, Span at) {
  Value value{text, at};
  if (like == nullptr || std::holds_alternative<std::string>(like->data)) return value;
  if (text == "true" || text == "false") {
    value.data = text == "true";
    return value;
  }
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  std::uint64_t natural = 0;
  std::int64_t integer = 0;
  double real = 0;
  const auto whole = [end](std::from_chars_result result) {
    return result.ec == std::errc() && result.ptr == end;
  };
  if (text.starts_with("0x") && whole(std::from_chars(begin + 2, end, natural, 16))) {
    value.data = natural;
  } else if (whole(std::from_chars(begin, end, natural))) {
    value.data = natural;
  } else if (whole(std::from_chars(begin, end, integer))) {
    value.data = integer;
  } else if (whole(std::from_chars(begin, end, real)) && std::isfinite(real)) {
    value.data = real;
  }
  return value;
}

std::string as_text(const Value& value) {
  struct Text {
    std::string operator()(const Value::Null&) const { return "null"; }
    std::string operator()(const Value::Unknown&) const { return {}; }
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(std::int64_t v) const { return std::to_string(v); }
    std::string operator()(std::uint64_t v) const { return std::to_string(v); }
    std::string operator()(double v) const { return fmt::format("{}", v); }
    std::string operator()(const Value::BigNumber& v) const { return v.digits; }
    std::string operator()(const std::string& v) const { return v; }
    std::string operator()(const Value::Array&) const { return {}; }
    std::string operator()(const Value::Object&) const { return {}; }
  };
  return std::visit(Text{}, value.data);
}

bool is_container(const Value& value) {
  return std::holds_alternative<Value::Array>(value.data) ||
         std::holds_alternative<Value::Object>(value.data);
}

// What the value takes in memory, roughly.
std::size_t size_of(const Value& value) {
  std::size_t size = sizeof value;
  if (const auto* string = std::get_if<std::string>(&value.data)) {
    size += string->size();
  } else if (const auto* array = std::get_if<Value::Array>(&value.data)) {
    for (const Value& item : *array) size += size_of(item);
  } else if (const auto* object = std::get_if<Value::Object>(&value.data)) {
    for (const Member& member : *object)
      size += member.key->size() + sizeof member.key + size_of(member.value);
  }
  return size;
}

class Substitution {
 public:
  Substitution(const Dictionary<Value>& values, const ParameterValues& set, Diagnostics& diagnostics)
      : values_(values), set_(set), diagnostics_(diagnostics) {
    for (const auto& [name, value] : values) names_.push_back(*name);
  }

  // The values of the parameters themselves are not changed.
  void apply_root(Value& root) {
    auto* const object = std::get_if<Value::Object>(&root.data);
    if (object == nullptr) return;
    for (Member& member : *object) {
      if (!member.key->starts_with('$') && *member.key != "parameters") apply(member.value);
    }
  }

 private:
  void apply(Value& value) {
    if (exhausted_) return;
    if (auto* array = std::get_if<Value::Array>(&value.data)) {
      for (Value& item : *array) apply(item);
    } else if (auto* object = std::get_if<Value::Object>(&value.data)) {
      for (Member& member : *object) {
        in_template_ = *member.key == "template";
        if (!member.key->starts_with('$')) apply(member.value);
        in_template_ = false;
      }
    } else if (const auto* string = std::get_if<std::string>(&value.data)) {
      if (string->find("${") != std::string::npos) replace(value, std::string(*string));
    }
  }

  // A part of the string's text in the spec, if that has no escapes.
  static Span part(const Value& value, const std::string& string, std::size_t begin, std::size_t length) {
    if (value.at.end - value.at.begin != string.size() + 2) return value.at;
    return {value.at.begin + 1 + begin, value.at.begin + 1 + begin + length};
  }

  void refuse(Value& value, Span at, std::string what, std::string hint = {}) {
    diagnostics_.error(at, std::move(what), std::move(hint));
    value.data = Value::Unknown{};
  }

  // Whether the value may grow by this much: a short spec could describe any amount of text.
  bool spend(Value& value, Span at, std::size_t size) {
    if (size <= budget_) {
      budget_ -= size;
      return true;
    }
    exhausted_ = true;
    refuse(value, at, "the values of parameters make this spec too large",
           fmt::format("use shorter values, or use them less often: together they may add {} MiB",
                       budget >> 20));
    return false;
  }

  std::string unknown_hint(std::string_view name) const {
    std::string hint = names_.empty() ? "add it to \"parameters\"; for a literal \"${\" write \"$${\""
                                      : suggestion(name, names_, "parameters");
    if (in_template_ && !hint.starts_with("did you mean"))
      hint = fmt::format("to show a field write \"{{{}}}\"\n{}", escape_for_terminal(name), hint);
    return hint;
  }

  void replace(Value& value, const std::string& string) {
    std::string text;
    std::string_view rest = string;
    for (;;) {
      const std::size_t found = rest.find("${");
      const std::size_t offset = string.size() - rest.size() + found;
      text += rest.substr(0, found);
      if (found == std::string_view::npos) break;
      if (found > 0 && rest[found - 1] == '$') {  // "$${" is the text "${"
        text.pop_back();
        text += "${";
        rest.remove_prefix(found + 2);
        continue;
      }
      const std::size_t close = rest.find('}', found);
      if (close == std::string_view::npos) {
        return refuse(value, part(value, string, offset, string.size() - offset),
                      "\"${\" without a closing \"}\"", "for a literal \"${\" write \"$${\"");
      }
      const std::string_view name = rest.substr(found + 2, close - found - 2);
      const auto entry =
          std::find_if(values_.begin(), values_.end(), [&](const auto& v) { return *v.first == name; });
      if (entry == values_.end()) {
        return refuse(value, part(value, string, offset, name.size() + 3),
                      fmt::format("unknown parameter \"${{{}}}\"", escape_for_terminal(name)),
                      unknown_hint(name));
      }
      const Value& replacement = entry->second;
      if (!spend(value, part(value, string, offset, name.size() + 3), size_of(replacement))) return;
      if (close - found + 1 == string.size()) {
        value.data = replacement.data;
        if (const auto given = set_.find(name); given != set_.end())
          diagnostics_.attribute(value.at, {given->first, given->second});
        return;
      }
      if (std::holds_alternative<Value::Unknown>(replacement.data)) {
        value.data = Value::Unknown{};
        return;
      }
      if (is_container(replacement)) {
        return refuse(value, part(value, string, offset, name.size() + 3),
                      fmt::format("the parameter \"{}\" is {}, which cannot be part of a string",
                                  escape_for_terminal(name), replacement.kind()));
      }
      text += as_text(replacement);
      rest.remove_prefix(close + 1);
    }
    value.data = std::move(text);
  }

  static constexpr std::size_t budget = 16u << 20;

  const Dictionary<Value>& values_;
  const ParameterValues& set_;
  Diagnostics& diagnostics_;
  std::vector<std::string_view> names_;
  std::size_t budget_ = budget;
  bool exhausted_ = false;
  bool in_template_ = false;
};

// The hint for the name of a user or group in the place of its number.
std::string id_hint(std::string_view parameter, const std::string& name) {
  const auto is_for = [&](std::string_view word) { return parameter.find(word) != std::string_view::npos; };
  std::optional<unsigned> id;
  if (is_for("uid") || is_for("user")) {
    if (const passwd* const user = ::getpwnam(name.c_str())) id = user->pw_uid;
  } else if (is_for("gid") || is_for("group")) {
    if (const group* const found = ::getgrnam(name.c_str())) id = found->gr_gid;
  }
  return id ? fmt::format("{} is {}: use --set {}={}", name, *id, parameter, *id) : "";
}

}  // namespace

Dictionary<Value> parameter_values(const Dictionary<Parameter>& parameters, const ParameterValues& set,
                                   MissingParameters missing, Diagnostics& diagnostics) {
  Dictionary<Value> values;
  std::vector<std::string_view> names;
  for (const auto& [name, parameter] : parameters) {
    names.push_back(*name);
    const Value* const like = parameter.default_value ? &*parameter.default_value
                              : parameter.example     ? &*parameter.example
                                                      : nullptr;
    if (like == nullptr) {
      diagnostics.error(name.at,
                        fmt::format("the parameter \"{}\" has neither a default nor an example",
                                    escape_for_terminal(*name)),
                        "add a \"default\", or an \"example\" for --check");
    }
    if (const auto given = set.find(*name); given != set.end()) {
      Value value = typed(given->second, like, name.at);
      if (like != nullptr && std::holds_alternative<std::string>(value.data) &&
          !std::holds_alternative<std::string>(like->data)) {
        diagnostics.error_without_place(fmt::format("--set {}={}: the value must be {}, such as {}", *name,
                                                    escape_for_terminal(given->second), like->kind(),
                                                    escape_for_terminal(as_text(*like))),
                                        id_hint(*name, given->second));
        value.data = Value::Unknown{};
      }
      diagnostics.attribute(name.at, {given->first, given->second});
      values.emplace_back(name, std::move(value));
    } else if (like != nullptr && (parameter.default_value || missing == MissingParameters::use_example)) {
      values.emplace_back(name, *like);
    } else if (like != nullptr) {
      diagnostics.error(name.at,
                        fmt::format("the parameter \"{}\" needs a value", escape_for_terminal(*name)),
                        fmt::format("use --set {}={}", *name, escape_for_terminal(as_text(*like))));
      values.emplace_back(name, Value{Value::Unknown{}, name.at});
    } else {
      values.emplace_back(name, Value{Value::Unknown{}, name.at});
    }
  }
  for (const auto& [name, text] : set) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    diagnostics.error_without_place(
        fmt::format("--set {}: {} has no such parameter", escape_for_terminal(name),
                    escape_for_terminal(diagnostics.source().file())),
        names.empty() ? "it has no parameters" : suggestion(name, names, "parameters"));
  }
  return values;
}

void substitute(Value& root, const Dictionary<Value>& values, const ParameterValues& set,
                Diagnostics& diagnostics) {
  Substitution(values, set, diagnostics).apply_root(root);
}

}  // namespace probe_run
