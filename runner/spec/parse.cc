#include "spec/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "spec/attach_target.h"
#include "spec/json_reader.h"
#include "spec/parameters.h"
#include "spec/program_spec.h"
#include "spec/rules.h"
#include "spec/spec.h"
#include "spec/value_reader.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {

// Reads Values into the structs of spec.h, each by its keys(), and into what is made of them. Every read() returns
// whether it succeeded, and reports mistakes.
class StructReader {
 public:
  explicit StructReader(Diagnostics& diagnostics) : values_(diagnostics) {}

  // What is no struct and has none in it.
  template <class T>
  requires requires(ValueReader& values, const Value& value, T& out) { values.read(value, out, {}); }
  bool read(const Value& value, T& out, std::string_view what) { return values_.read(value, out, what); }

  // Any struct with keys().
  template <class T>
  requires requires { T::keys(); }
  bool read(const Value& value, T& out, std::string_view what) {
    const auto* object = std::get_if<Value::Object>(&value.data);
    if (object == nullptr) return values_.expected("an object", value, what, as_object<T>(value));
    return read_members(*object, value.at, out, what, {});
  }

  bool read(const Value& value, OutputField& out, std::string_view what) {
    if (std::holds_alternative<std::string>(value.data)) return read(value, out.field, what);
    const auto* object = std::get_if<Value::Object>(&value.data);
    if (object == nullptr)
      return values_.expected("a field's path, or an object with a \"field\"", value, what);
    return read_members(*object, value.at, out, what, {});
  }

  bool read(const Value& value, ProgramChoice& out, std::string_view what) {
    out.at = {value.at.begin, value.at.begin + 1};
    const auto* object = std::get_if<Value::Object>(&value.data);
    // A misspelt "first_of" is one mistake, and not a program without a name.
    static constexpr std::string_view first_of[] = {"first_of"};
    const auto is_choice = [](const Member& member) {
      return *member.key == first_of[0] || !nearest(*member.key, first_of).empty();
    };
    if (object != nullptr && std::any_of(object->begin(), object->end(), is_choice)) {
      return read_members(*object, value.at, out, what, {});
    }
    return read(value, out.ways.emplace_back().items.emplace_back(), what);
  }

  template <class E>
  requires std::is_enum_v<E> && requires { EnumNames<E>::names; }
  bool read(const Value& value, E& out, std::string_view what) {
    std::vector<std::string_view> names;
    names.reserve(EnumNames<E>::names.size());
    for (const auto& entry : EnumNames<E>::names) names.push_back(entry.name);
    const std::optional<std::size_t> chosen = values_.read_name(value, names, what);
    if (chosen) out = EnumNames<E>::names[*chosen].value;
    return chosen.has_value();
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
    if (array == nullptr) return values_.expected("a list", value, what, as_list(value));
    const std::string item_of = fmt::format("an item of {}", what);
    bool good = true;
    for (const Value& item : *array) {
      T element{};
      good = read(item, element, item_of) && good;
      out.push_back(std::move(element));
    }
    return good;
  }

  template <class T>
  bool read(const Value& value, OneOrMany<T>& out, std::string_view what) {
    if (const auto* array = std::get_if<Value::Array>(&value.data)) {
      if (array->empty()) {
        values_.error(value.at, fmt::format("{} is an empty list", what), {});
        return false;
      }
      return read(value, out.items, what);
    }
    return read(value, out.items.emplace_back(), what);
  }

  template <class T>
  bool read(const Value& value, Dictionary<T>& out, std::string_view what) {
    const auto* object = std::get_if<Value::Object>(&value.data);
    if (object == nullptr) return values_.expected("an object", value, what, as_dictionary<T>(value));
    bool good = true;
    for (const Member& member : *object) {
      if (member.key->starts_with('$')) continue;
      T element{};
      good = read(member.value, element, fmt::format("\"{}\"", escape_for_terminal(*member.key))) && good;
      out.emplace_back(member.key, std::move(element));
    }
    return good;
  }

  // An attach point is chosen by its "type", or written as --list prints it.
  bool read(const Value& value, AttachPoint& out, std::string_view what) {
    if (std::holds_alternative<std::string>(value.data)) return read_target(value, out, what);
    const auto* object = std::get_if<Value::Object>(&value.data);
    if (object == nullptr)
      return values_.expected("an object with a \"type\", or TYPE:TARGET as --list prints it", value, what);
    const auto type =
        std::find_if(object->begin(), object->end(), [](const Member& m) { return *m.key == "type"; });
    if (type == object->end()) return values_.no_type(*object, value.at, what, attach_types());
    std::string name;
    if (!read(type->value, name, "\"type\"")) return false;
    return read_attach_object(name, type->value.at, *object, value.at, out);
  }

 private:
  bool read_target(const Value& value, AttachPoint& out, std::string_view what) {
    const auto& text = std::get<std::string>(value.data);
    const std::string name = text.substr(0, text.find(':'));
    const std::vector<std::string_view> types = attach_types();
    if (std::find(types.begin(), types.end(), name) == types.end()) return unknown_type(name, value.at);
    const AttachTarget& target = attach_target(name);
    const std::optional<Value::Object> object = attach_object(target, value);
    if (object) return read_attach_object(name, value.at, *object, value.at, out);
    const bool named = target.form != TargetForm::not_a_target;
    values_.error(value.at, fmt::format("{} cannot be \"{}\"", what, escape_for_terminal(text)),
                  named ? fmt::format("write \"{}\"", form_of(target))
                        : fmt::format("write {{ \"type\": \"{}\", \"{}\": \"...\" }}", name, target.keys[0]));
    return false;
  }

  bool unknown_type(const std::string& name, Span at) {
    values_.error(at, fmt::format("unknown attach type \"{}\"", escape_for_terminal(name)),
                  suggestion(name, attach_types(), "attach types"));
    return false;
  }

  // `at`: of the type; `whole`: of the attach point.
  bool read_attach_object(const std::string& name, Span at, const Value::Object& object, Span whole,
                          AttachPoint& out) {
    const std::vector<std::string_view> types = attach_types();
    const auto found = std::find(types.begin(), types.end(), name);
    if (found == types.end()) return unknown_type(name, at);
    return attach_reader(static_cast<std::size_t>(found - types.begin()))(*this, object, whole, out);
  }

  static std::vector<std::string_view> attach_types() {
    return []<class... T>(std::variant<T...>*) {
      return std::vector<std::string_view>{T::type...};
    }(static_cast<AttachPoint*>(nullptr));
  }

  // Hints that show a value in the form that was meant; "" if the form is not obvious.
  static std::string as_list(const Value& value) {
    if (const auto text = short_text(value)) return fmt::format("write [{}]", *text);
    return std::holds_alternative<Value::Object>(value.data) ? "put it in brackets: [{ ... }]" : "";
  }
  template <class T>
  static std::string as_object(const Value& value) {
    const std::optional<std::string> text = short_text(value);
    if constexpr (requires { T::short_form; }) {
      if (text) return fmt::format("write {{ \"{}\": {} }}", T::short_form, *text);
    }
    return {};
  }
  template <class T>
  static std::string as_dictionary(const Value& value) {
    const Value* item = &value;
    if (const auto* list = std::get_if<Value::Array>(&value.data)) {
      if (list->empty()) return "write {}";
      item = &list->front();
    }
    const std::optional<std::string> text = short_text(*item);
    if (!text) return {};
    if constexpr (std::is_same_v<T, Located<std::string>>)
      return fmt::format("write a name before it: {{ \"NAME\": {} }}", *text);
    return fmt::format("write {{ {}: ... }}", text->starts_with('"') ? *text : fmt::format("\"{}\"", *text));
  }

  using ReadAttach = bool (*)(StructReader& reader, const Value::Object& object, Span at, AttachPoint& out);

  template <class T>
  static bool read_attach(StructReader& reader, const Value::Object& object, Span at, AttachPoint& out) {
    return reader.read_members(object, at, out.emplace<T>(), fmt::format("attach type \"{}\"", T::type),
                               "type");
  }

  static ReadAttach attach_reader(std::size_t index) {
    return []<class... T>(std::variant<T...>*) {
      return std::array<ReadAttach, sizeof...(T)>{read_attach<T>...};
    }(static_cast<AttachPoint*>(nullptr))[index];
  }

  template <class T, std::size_t I>
  static bool read_key(StructReader& reader, const Value& value, void* object, std::string_view what) {
    constexpr auto key = std::get<I>(T::keys());
    return reader.read(value, static_cast<T*>(object)->*key.member, what);
  }

  template <class T>
  static std::span<const KeyReader> keys_of() {
    static constexpr std::size_t count = std::tuple_size_v<decltype(T::keys())>;
    static constexpr auto rows = []<std::size_t... I>(std::index_sequence<I...>) {
      [[maybe_unused]] constexpr auto keys = T::keys();
      return std::array<KeyReader, count>{KeyReader{std::get<I>(keys).name, std::get<I>(keys).doc,
                                                    std::get<I>(keys).presence, read_key<T, I>}...};
    }
    (std::make_index_sequence<count>());
    return rows;
  }

  template <class T>
  bool read_members(const Value::Object& object, Span at, T& out, std::string_view what,
                    std::string_view chosen_by) {
    return values_.read_members(object, at, keys_of<T>(), *this, &out, what, chosen_by);
  }

  ValueReader values_;
};

namespace {

// Reads only the parameters, because the rest of the spec may use them.
Dictionary<Parameter> read_parameters(const Value& root, StructReader& reader) {
  Dictionary<Parameter> parameters;
  if (const auto* object = std::get_if<Value::Object>(&root.data)) {
    for (const Member& member : *object) {
      if (*member.key == "parameters") reader.read(member.value, parameters, "\"parameters\"");
    }
  }
  return parameters;
}

// Whether a key of the spec is missing and another is nearly it: the error for that key is enough.
bool misspells(const Value& root, std::string_view key) {
  const auto* object = std::get_if<Value::Object>(&root.data);
  if (object == nullptr) return false;
  const std::string_view keys[] = {key};
  const auto is_key = [&](const Member& member) { return *member.key == key; };
  const auto is_near = [&](const Member& member) { return !nearest(*member.key, keys).empty(); };
  return std::none_of(object->begin(), object->end(), is_key) &&
         std::any_of(object->begin(), object->end(), is_near);
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
  StructReader quiet_reader(quiet);
  const Dictionary<Parameter> parameters = read_parameters(*root, quiet_reader);
  const Dictionary<Value> values =
      parameter_values(parameters, set, missing, quiet.failed() ? quiet : diagnostics);
  substitute(*root, values, set, misspells(*root, "parameters") ? quiet : diagnostics);

  Spec spec;
  StructReader reader(diagnostics);
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
