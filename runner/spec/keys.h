// How a struct of the spec declares its keys.
//
// Each struct lists its keys once, in keys(). The parser reads them, refuses unknown ones and suggests similar ones;
// the JSON schema and docs/reference/keys.md are generated from the same list. To add a key, add a member and a line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "support/source_text.h"

namespace probe_run {

enum class Presence { optional, required };
inline constexpr Presence required = Presence::required;

template <class Struct, class T>
struct Key {
  std::string_view name;
  T Struct::*member;
  std::string_view doc;
  Presence presence = Presence::optional;
};

template <class Struct, class T>
constexpr Key<Struct, T> key(std::string_view name, T Struct::*member, std::string_view doc,
                             Presence presence = Presence::optional) {
  return {name, member, doc, presence};
}

// Names of an enum's values; specialized next to each enum as `static constexpr std::array<EnumName<E>, N> names`.
template <class E>
struct EnumName {
  E value;
  std::string_view name;
};
template <class E>
struct EnumNames;

template <class E>
constexpr std::string_view name_of(E value) {
  for (const auto& entry : EnumNames<E>::names) {
    if (entry.value == value) return entry.name;
  }
  return "?";
}

// Objects in a spec whose keys are chosen by its author.

// An object whose keys are names chosen by the spec's author, in the order written.
template <class T>
using Dictionary = std::vector<std::pair<Located<std::string>, T>>;

// A whole number from 1.
struct AtLeastOne {
  std::uint64_t number = 1;
  operator std::uint64_t() const { return number; }  // NOLINT(*-explicit-*): it is used as that number
};

// Values that a spec can give as a single item or as a list.

// One item, or a list of at least one.
template <class T>
struct OneOrMany {
  std::vector<T> items;
};

}  // namespace probe_run
