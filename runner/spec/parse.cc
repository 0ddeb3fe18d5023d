#include "spec/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "spec/json_reader.h"
#include "spec/map_spec.h"
#include "spec/output_spec.h"
#include "spec/parameters.h"
#include "spec/program_spec.h"
#include "spec/rate_limit.h"
#include "spec/rules.h"
#include "spec/spec.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// Reads Values into the structs of spec.h by their keys(). Every read() returns whether it succeeded, and reports
// mistakes.
class Reader {
 public:
  explicit Reader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  // Any struct with keys().
  template <class T>
  requires requires { T::keys(); }
  bool read(const Value& value, T& out, std::string_view what) {
    const auto* object = std::get_if<Value::Object>(&value.data);
    if (object == nullptr) return expected("an object", value, what);
    return read_members(*object, value.at, out, what, {});
  }

  bool read(const Value& value, std::string& out, std::string_view what) {
    const auto* string = std::get_if<std::string>(&value.data);
    if (string == nullptr) return expected("a string", value, what);
    if (string->find('\0') != std::string::npos) {
      diagnostics_.error(value.at, fmt::format("{} contains a NUL character", what));
      return false;
    }
    out = *string;
    return true;
  }

  bool read(const Value& value, bool& out, std::string_view what) {
    const bool* flag = std::get_if<bool>(&value.data);
    if (flag == nullptr) return expected("true or false", value, what);
    out = *flag;
    return true;
  }

  bool read(const Value& value, std::uint64_t& out, std::string_view what) {
    const auto* number = std::get_if<std::uint64_t>(&value.data);
    if (number == nullptr) return expected("a whole number from 0", value, what);
    out = *number;
    return true;
  }

  bool read(const Value& value, std::int64_t& out, std::string_view what) {
    if (const auto* number = std::get_if<std::int64_t>(&value.data)) {
      out = *number;
      return true;
    }
    const auto* natural = std::get_if<std::uint64_t>(&value.data);
    if (natural == nullptr || *natural > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
      return expected("a whole number", value, what);
    }
    out = static_cast<std::int64_t>(*natural);
    return true;
  }

  bool read(const Value& value, Scale& out, std::string_view what) {
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

  bool read(const Value& value, MetricLabels& out, std::string_view what) {
    bool good = true;
    if (const auto* array = std::get_if<Value::Array>(&value.data)) {
      for (const Value& item : *array) {
        good = read(item, out.items.emplace_back().path, fmt::format("an item of {}", what)) && good;
      }
      return good;
    }
    const auto* object = std::get_if<Value::Object>(&value.data);
    if (object == nullptr)
      return expected("a list of fields, or an object of labels and fields", value, what);
    for (const Member& member : *object) {
      if (member.key->starts_with('$')) continue;
      MetricLabels::Label& label = out.items.emplace_back();
      label.name = member.key;
      good = read(member.value, label.path, fmt::format("\"{}\"", escape_for_terminal(*member.key))) && good;
    }
    return good;
  }

  bool read(const Value& value, std::int32_t& out, std::string_view what) {
    Located<std::int64_t> wide;
    if (!read(value, wide.value, what)) return false;
    if (*wide < INT32_MIN || *wide > INT32_MAX) return expected("a number of 32 bits", value, what);
    out = static_cast<std::int32_t>(*wide);
    return true;
  }

  bool read(const Value& value, Duration& out, std::string_view what) {
    const auto* text = std::get_if<std::string>(&value.data);
    const std::optional<Duration> duration = text != nullptr ? parse_duration(*text) : std::nullopt;
    if (!duration || duration->count() == 0) {
      return expected("a duration above 0 such as \"500ms\", \"1s\" or \"5m\"", value, what);
    }
    out = *duration;
    return true;
  }

  bool read(const Value& value, Every& out, std::string_view what) {
    const auto* text = std::get_if<std::string>(&value.data);
    if (text != nullptr && *text == "exit") {
      out.at_exit = true;
      return true;
    }
    const std::optional<Duration> duration = text != nullptr ? parse_duration(*text) : std::nullopt;
    if (!duration || duration->count() == 0)
      return expected("a duration above 0 such as \"5s\", or \"exit\"", value, what);
    out.interval = *duration;
    return true;
  }

  bool read(const Value& value, RateLimit& out, std::string_view what) {
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

  bool read(const Value& value, Constant& out, std::string_view what) {
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

  bool read(const Value& value, OutputField& out, std::string_view what) {
    if (std::holds_alternative<std::string>(value.data)) return read(value, out.field, what);
    const auto* object = std::get_if<Value::Object>(&value.data);
    if (object == nullptr) return expected("a field's path, or an object with a \"field\"", value, what);
    return read_members(*object, value.at, out, what, {});
  }

  bool read(const Value& value, ProgramChoice& out, std::string_view what) {
    out.at = {value.at.begin, value.at.begin + 1};
    const auto* object = std::get_if<Value::Object>(&value.data);
    const auto is_choice = [](const Member& member) { return *member.key == "first_of"; };
    if (object != nullptr && std::any_of(object->begin(), object->end(), is_choice)) {
      return read_members(*object, value.at, out, what, {});
    }
    return read(value, out.ways.emplace_back().items.emplace_back(), what);
  }

  bool read(const Value& value, TracePipe& out, std::string_view what) {
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

  bool read(const Value& value, Value& out, std::string_view) {
    out = value;
    return true;
  }

  template <class E>
  requires std::is_enum_v<E> && requires { EnumNames<E>::names; }
  bool read(const Value& value, E& out, std::string_view what) {
    const auto* text = std::get_if<std::string>(&value.data);
    std::vector<std::string_view> names;
    for (const auto& entry : EnumNames<E>::names) {
      if (text != nullptr && *text == entry.name) {
        out = entry.value;
        return true;
      }
      names.push_back(entry.name);
    }
    if (text == nullptr) return expected(join(names, " or "), value, what);
    diagnostics_.error(value.at, fmt::format("{} cannot be \"{}\"", what, escape_for_terminal(*text)),
                       suggestion(*text, names, "use one of"));
    return false;
  }

  template <class T>
  bool read(const Value& value, Located<T>& out, std::string_view what) {
    out.at = value.at;
    return read(value, out.value, what);
  }

  template <class T>
  bool read(const Value& value, std::optional<T>& out, std::string_view what) {
    return read(value, out.emplace(), what);
  }

  template <class T>
  bool read(const Value& value, std::vector<T>& out, std::string_view what) {
    const auto* array = std::get_if<Value::Array>(&value.data);
    if (array == nullptr) return expected("a list", value, what);
    bool good = true;
    for (const Value& item : *array) {
      T element{};
      good = read(item, element, fmt::format("an item of {}", what)) && good;
      out.push_back(std::move(element));
    }
    return good;
  }

  template <class T>
  bool read(const Value& value, OneOrMany<T>& out, std::string_view what) {
    if (const auto* array = std::get_if<Value::Array>(&value.data)) {
      if (array->empty()) {
        diagnostics_.error(value.at, fmt::format("{} is an empty list", what));
        return false;
      }
      return read(value, out.items, what);
    }
    return read(value, out.items.emplace_back(), what);
  }

  template <class T>
  bool read(const Value& value, Dictionary<T>& out, std::string_view what) {
    const auto* object = std::get_if<Value::Object>(&value.data);
    if (object == nullptr) return expected("an object", value, what);
    bool good = true;
    for (const Member& member : *object) {
      if (member.key->starts_with('$')) continue;
      T element{};
      good = read(member.value, element, fmt::format("\"{}\"", escape_for_terminal(*member.key))) && good;
      out.emplace_back(member.key, std::move(element));
    }
    return good;
  }

  // An attach point is chosen by its "type".
  bool read(const Value& value, AttachPoint& out, std::string_view what) {
    const auto* object = std::get_if<Value::Object>(&value.data);
    if (object == nullptr) return expected("an object with a \"type\"", value, what);
    const auto type =
        std::find_if(object->begin(), object->end(), [](const Member& m) { return *m.key == "type"; });
    if (type == object->end()) {
      diagnostics_.error({value.at.begin, value.at.begin + 1}, fmt::format("{} has no \"type\"", what),
                         fmt::format("add \"type\": {}", join(attach_types(), " or ")));
      return false;
    }
    std::string name;
    if (!read(type->value, name, "\"type\"")) return false;
    return read_attach<0>(*object, value.at, type->value.at, name, out);
  }

 private:
  bool expected(std::string_view form, const Value& value, std::string_view what) {
    if (std::holds_alternative<Value::Unknown>(value.data)) return false;  // already reported
    const std::string given = short_text(value).value_or(std::string(value.kind()));
    diagnostics_.error(value.at, fmt::format("{} must be {}, not {}", what, form, given));
    return false;
  }

  // A value that is shown in the message.
  static std::optional<std::string> short_text(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value.data)) {
      if (text->size() > 40) return std::nullopt;
      return fmt::format("\"{}\"", escape_for_terminal(*text));
    }
    if (const bool* flag = std::get_if<bool>(&value.data)) return *flag ? "true" : "false";
    if (const auto* number = std::get_if<std::uint64_t>(&value.data)) return std::to_string(*number);
    if (const auto* number = std::get_if<std::int64_t>(&value.data)) return std::to_string(*number);
    if (const auto* number = std::get_if<double>(&value.data)) return fmt::format("{}", *number);
    if (const auto* number = std::get_if<Value::BigNumber>(&value.data);
        number != nullptr && number->digits.size() <= 40) {
      return number->digits;
    }
    return std::nullopt;
  }

  static std::vector<std::string_view> attach_types() {
    return []<class... T>(std::variant<T...>*) {
      return std::vector<std::string_view>{T::type...};
    }(static_cast<AttachPoint*>(nullptr));
  }

  template <std::size_t I>
  bool read_attach(const Value::Object& object, Span at, Span type_at, const std::string& name,
                   AttachPoint& out) {
    if constexpr (I == std::variant_size_v<AttachPoint>) {
      diagnostics_.error(type_at, fmt::format("unknown attach type \"{}\"", escape_for_terminal(name)),
                         suggestion(name, attach_types(), "attach types"));
      return false;
    } else {
      using T = std::variant_alternative_t<I, AttachPoint>;
      if (name != T::type) return read_attach<I + 1>(object, at, type_at, name, out);
      return read_members(object, at, out.emplace<T>(), fmt::format("attach type \"{}\"", name), "type");
    }
  }

  // `chosen_by` is a key that was already read to select the struct.
  template <class T>
  bool read_members(const Value::Object& object, Span at, T& out, std::string_view what,
                    std::string_view chosen_by) {
    std::vector<std::string_view> names;
    if (!chosen_by.empty()) names.push_back(chosen_by);
    bool good = true;
    const auto read_key = [&](const auto& key) {
      names.push_back(key.name);
      const auto member =
          std::find_if(object.begin(), object.end(), [&](const Member& m) { return *m.key == key.name; });
      if (member != object.end()) {
        good = read(member->value, out.*key.member, fmt::format("\"{}\"", key.name)) && good;
      } else if (key.presence == Presence::required) {
        diagnostics_.error({at.begin, at.begin + 1}, fmt::format("{} has no \"{}\"", what, key.name),
                           fmt::format("add \"{}\": {}", key.name, key.doc));
        good = false;
      }
    };
    std::apply([&](const auto&... key) { (read_key(key), ...); }, T::keys());
    for (const Member& member : object) {
      if (member.key->starts_with('$')) continue;
      if (std::find(names.begin(), names.end(), *member.key) != names.end()) continue;
      diagnostics_.error(member.key.at,
                         fmt::format("{} has no key \"{}\"", what, escape_for_terminal(*member.key)),
                         suggestion(*member.key, names, "keys"));
      good = false;
    }
    return good;
  }

  Diagnostics& diagnostics_;
};

// Reads only the parameters, because the rest of the spec may use them.
Dictionary<Parameter> read_parameters(const Value& root, Reader& reader) {
  Dictionary<Parameter> parameters;
  if (const auto* object = std::get_if<Value::Object>(&root.data)) {
    for (const Member& member : *object) {
      if (*member.key == "parameters") reader.read(member.value, parameters, "\"parameters\"");
    }
  }
  return parameters;
}

// Positions that the structs' keys cannot hold.
void locate_outputs(const Value& root, Spec& spec) {
  for (const Member& member : std::get<Value::Object>(root.data)) {
    if (*member.key != "outputs") continue;
    const auto& array = std::get<Value::Array>(member.value.data);
    for (std::size_t i = 0; i < array.size(); ++i) {
      spec.outputs[i].at = {array[i].at.begin, array[i].at.begin + 1};
    }
  }
}

Span place_of(const Value& root, std::string_view key) {
  for (const Member& member : std::get<Value::Object>(root.data)) {
    if (*member.key == key) return member.value.at;
  }
  return root.at;
}

}  // namespace

std::optional<Spec> parse_spec(std::shared_ptr<const SourceText> source, const ParameterValues& set,
                               MissingParameters missing, Diagnostics& diagnostics) {
  std::optional<Value> root = read_json(diagnostics);
  if (!root) return std::nullopt;

  // Mistakes in the parameters are reported by the second reading, with all others.
  Diagnostics quiet(source);
  Reader quiet_reader(quiet);
  const Dictionary<Parameter> parameters = read_parameters(*root, quiet_reader);
  const Dictionary<Value> values =
      parameter_values(parameters, set, missing, quiet.failed() ? quiet : diagnostics);
  substitute(*root, values, diagnostics);

  Spec spec;
  Reader reader(diagnostics);
  const bool good = reader.read(*root, spec, "the spec");
  if (!good) return std::nullopt;
  spec.source = std::move(source);
  locate_outputs(*root, spec);
  check_rules(spec, place_of(*root, "programs"), diagnostics);
  if (diagnostics.failed()) return std::nullopt;

  for (const auto& [name, value] : values) {
    const auto same = [&, wanted = *name](const auto& entry) { return *entry.first == wanted; };
    const Parameter& parameter = std::find_if(spec.parameters.begin(), spec.parameters.end(), same)->second;
    if (parameter.global) spec.globals.emplace_back(*parameter.global, value);
  }
  return spec;
}

}  // namespace probe_run
