// The list of keys in docs/reference/keys.md, generated from the same keys() that the parser reads.
#include <fmt/format.h>

#include <type_traits>

#include "spec/map_spec.h"
#include "spec/output_spec.h"
#include "spec/parse.h"
#include "spec/program_spec.h"
#include "spec/spec.h"

namespace probe_run {
namespace {

constexpr std::size_t columns = 120;

// The type of a key's value: "string", and in a list "strings".
struct TypeName {
  std::string one, many;
};

template <class T>
struct Tag {};

TypeName type_name(Tag<std::string>) {
  return {"string", "strings"};
}
TypeName type_name(Tag<bool>) {
  return {"`true` or `false`", "booleans"};
}
TypeName type_name(Tag<std::uint64_t>) {
  return {"whole number", "whole numbers"};
}
TypeName type_name(Tag<AtLeastOne>) {
  return {"whole number from 1", "whole numbers"};
}
TypeName type_name(Tag<std::int64_t>) {
  return {"process ID", "process IDs"};
}
TypeName type_name(Tag<std::int32_t>) {
  return {"whole number, also negative", "whole numbers"};
}
TypeName type_name(Tag<Duration>) {
  return {"duration", "durations"};
}
TypeName type_name(Tag<Every>) {
  return {"duration or `\"exit\"`", "durations"};
}
TypeName type_name(Tag<RateLimit>) {
  return {"string or whole number", "rates"};
}
TypeName type_name(Tag<Scale>) {
  return {"number above 0", "numbers"};
}
TypeName type_name(Tag<MetricLabels>) {
  return {"list of fields, or object of fields by label", ""};
}
TypeName type_name(Tag<Constant>) {
  return {"whole number or name", "whole numbers or names"};
}
TypeName type_name(Tag<TracePipe>) {
  return {"`true` or `\"all\"`", ""};
}
TypeName type_name(Tag<Value>) {
  return {"value", "values"};
}
TypeName type_name(Tag<AttachPoint>) {
  return {"[attach point](#attach-points)", "attach points"};
}
TypeName type_name(Tag<Parameter>) {
  return {"[parameter](#parameters)", "[parameters](#parameters)"};
}
TypeName type_name(Tag<ProgramSpec>) {
  return {"[program](#programs)", "[programs](#programs)"};
}
TypeName type_name(Tag<ProgramChoice>) {
  return {"", "[programs](#programs), or [choices](#programs-first_of)"};
}
TypeName type_name(Tag<MapSpec>) {
  return {"[map](#maps)", "[maps](#maps)"};
}
TypeName type_name(Tag<FieldSpec>) {
  return {"[field](#maps-fields)", "[fields](#maps-fields)"};
}
TypeName type_name(Tag<RecordType>) {
  return {"[record type](#maps-types)", "[record types](#maps-types)"};
}
TypeName type_name(Tag<LayoutMember>) {
  return {"[member](#maps-layout-key_layout)", "[members](#maps-layout-key_layout)"};
}
TypeName type_name(Tag<MapEntry>) {
  return {"[entry](#maps-entries)", "[entries](#maps-entries)"};
}
TypeName type_name(Tag<OutputSpec>) {
  return {"[output](#outputs)", "[outputs](#outputs)"};
}
TypeName type_name(Tag<OutputField>) {
  return {"", "field paths, or [columns](#outputs-fields)"};
}
TypeName type_name(Tag<MetricSpec>) {
  return {"[metric](#outputs-metrics)", "[metrics](#outputs-metrics)"};
}

template <class E>
requires std::is_enum_v<E> TypeName type_name(Tag<E>) {
  std::string names;
  const auto& all = EnumNames<E>::names;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i > 0) names += i + 1 < all.size() ? ", " : " or ";
    names += fmt::format("`\"{}\"`", all[i].name);
  }
  return {names, ""};
}

// Declared first, because they use each other.
template <class T>
TypeName type_name(Tag<std::vector<T>>);
template <class T>
TypeName type_name(Tag<OneOrMany<T>>);
template <class T>
TypeName type_name(Tag<Dictionary<T>>);

template <class T>
TypeName type_name(Tag<Located<T>>) {
  return type_name(Tag<T>{});
}
template <class T>
TypeName type_name(Tag<std::optional<T>>) {
  return type_name(Tag<T>{});
}
template <class T>
TypeName type_name(Tag<std::vector<T>>) {
  return {"list of " + type_name(Tag<T>{}).many, ""};
}
template <class T>
TypeName type_name(Tag<OneOrMany<T>>) {
  const TypeName item = type_name(Tag<T>{});
  return {fmt::format("{}, or list of {}", item.one, item.many), item.many};
}
template <class T>
TypeName type_name(Tag<Dictionary<T>>) {
  return {fmt::format("object of {} by name", type_name(Tag<T>{}).many), ""};
}

// Defaults of keys that are absent in Spec: the code that reads the key applies them.
struct Default {
  std::string_view section, key, value;
};
constexpr Default defaults[] = {{"maps", "poll", "\"1s\""},      {"maps", "read", "\"snapshot\""},
                                {"outputs", "sample", "1"},      {"outputs", "groups", "10000"},
                                {"outputs", "to", "\"stdout\""}, {"outputs: metrics", "scale", "1"}};

template <class S, class M>
std::string default_of(std::string_view section, const Key<S, M>& key) {
  for (const Default& known : defaults) {
    if (known.section == section && known.key == key.name) return std::string(known.value);
  }
  if constexpr (std::is_same_v<M, bool>) return S{}.*key.member ? "true" : "false";
  if constexpr (requires { EnumNames<M>::names; }) return fmt::format("\"{}\"", name_of(S{}.*key.member));
  return {};
}

// Appends words to a list item, whose continuation lines are indented by two columns.
void append_wrapped(std::string& text, std::string_view words) {
  std::size_t column = text.size() - (text.rfind('\n') + 1);
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(' '));
    words.remove_prefix(std::min(words.size(), word.size() + 1));
    if (column + 1 + word.size() > columns) {
      text += "\n  ";
      column = 2;
    } else {
      text += ' ';
      ++column;
    }
    text += word;
    column += word.size();
  }
  text += '\n';
}

template <class S, class M>
void append_key(std::string& text, std::string_view section, const Key<S, M>& key) {
  const TypeName type = type_name(Tag<M>{});
  std::string traits = "(" + type.one;
  if (key.presence == Presence::required) {
    traits += ", required";
  } else if (const std::string value = default_of(section, key); !value.empty()) {
    traits += fmt::format(", default `{}`", value);
  }
  text += fmt::format("- `{}`", key.name);
  append_wrapped(text, fmt::format("{}): {}", traits, key.doc));
}

template <class T>
std::string section_text(std::string_view title, std::string_view doc) {
  std::string text = fmt::format("### {}\n\n", title);
  if (!doc.empty()) {
    std::string paragraph;
    append_wrapped(paragraph, doc);
    for (std::size_t at = 0; (at = paragraph.find("\n  ", at)) != std::string::npos; ++at)
      paragraph.erase(at + 1, 2);
    text += paragraph.substr(1) + "\n";
  }
  std::apply([&](const auto&... key) { (append_key(text, title, key), ...); }, T::keys());
  if constexpr (std::tuple_size_v < decltype(T::keys()) >> 0) text += "\n";
  return text;
}

}  // namespace

std::string spec_reference() {
  std::string text =
      section_text<Spec>("The spec", "") + section_text<Parameter>("parameters", "") +
      section_text<ProgramSpec>("programs", "") + section_text<ProgramChoice>("programs: first_of", "") +
      section_text<MapSpec>("maps", "") + section_text<FieldSpec>("maps: fields", "") +
      section_text<RecordType>("maps: types", "") +
      section_text<LayoutMember>("maps: layout, key_layout", "") +
      section_text<MapEntry>("maps: entries", "") + section_text<OutputSpec>("outputs", "") +
      section_text<OutputField>("outputs: fields", "") + section_text<MetricSpec>("outputs: metrics", "");
  text +=
      "## Attach points\n\nEach has a `type`, one of those below, and the keys of that type. It can also be a string: "
      "`TYPE:TARGET`,\nas `--list` prints it.\n\n";
  const auto attach = [&]<class... T>(std::variant<T...>*) {
    ((text += section_text<T>(fmt::format("attach: {}", T::type), T::doc)), ...);
  };
  attach(static_cast<AttachPoint*>(nullptr));
  return text;
}

}  // namespace probe_run
