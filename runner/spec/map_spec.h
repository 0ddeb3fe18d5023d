// The maps of a spec: their types, fields, entries, and how they are read.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "spec/keys.h"
#include "spec/value.h"
#include "support/duration.h"

namespace probe_run {

// A number, or the name of an enum's value.
using Constant = std::variant<std::uint64_t, std::int64_t, std::string>;

// Fields and the values that each must have one of.
using When = Dictionary<OneOrMany<Located<Constant>>>;

struct FieldSpec {
  static constexpr std::string_view short_form = "as";
  std::optional<Located<std::string>> as;
  Dictionary<Located<std::string>> values;
  When when;
  std::optional<Located<std::string>> stacks;
  std::optional<Located<std::string>> process;
  std::optional<Located<std::string>> unit;
  std::optional<Located<std::string>> length;
  std::optional<Located<std::string>> histogram;
  template <class T = FieldSpec>
  static constexpr auto keys() {
    return std::tuple(
        key("as", &T::as, "The renderer that prints the field, such as ktime or hex."),
        key("values", &T::values,
            "Names by number, decimal or with 0x: { \"6\": \"TCP\", \"17\": \"UDP\" }. With \"as\": "
            "\"flags\", the names of bits."),
        key("when", &T::when,
            "The field is present only if other fields have these values: { \"family\": 2 }, { \"kind\": "
            "[\"OPEN\", \"CLOSE\"] }. It selects the arm of a union."),
        key("stacks", &T::stacks,
            "For kstack and ustack: the map of type stack_trace for the stack ids in the field."),
        key("process", &T::process,
            "For usym and ustack: the field with the process id (tgid). By default tgid, else pid."),
        key("unit", &T::unit,
            "The unit of its numbers, such as \"us\" or \"bytes\", shown in the header of a table. Times and sizes "
            "in conditions are compared in it, and durations and sizes are shown in it."),
        key("length", &T::length,
            "For text, bytes and lists: the field with the number of bytes or items that count. The rest is not "
            "shown."),
        key("histogram", &T::histogram,
            "The ranges for the slots of an array of counts: log2, exp2, exp2zero, linear(MIN, STEP) or "
            "fixed(BOUND, BOUND...); with the last slot and the sum of the values, if there is one: "
            "log2(last=26, sum=27), log2(sum=total). Its \"unit\" is that of the values."));
  }
};

struct RecordType {
  When when;
  Located<std::string> type;
  template <class T = RecordType>
  static constexpr auto keys() {
    return std::tuple(
        key("when", &T::when, "Fields of \"type\" and the values that choose this one.", required),
        key("type", &T::type, "The type of such records, which begins with the same fields.", required));
  }
};

struct LayoutMember {
  Located<std::string> name;
  Located<std::string> type;
  std::optional<Located<std::uint64_t>> offset;
  template <class T = LayoutMember>
  static constexpr auto keys() {
    return std::tuple(
        key("name", &T::name, "The field's name.", required),
        key("type", &T::type,
            "u8 to u128, s8 to s128, bool, char, float, double, a C integer type, or a type of the object's "
            "BTF; followed by [N], an array, by [], one that takes the rest of the record.",
            required),
        key("offset", &T::offset,
            "Bytes from the start; by default after the previous member, aligned as in C."));
  }
};

// The result of a read of a polled map, and whether the read removes entries.
enum class ReadMode { snapshot, delta, rate, drain };
template <>
struct EnumNames<ReadMode> {
  static constexpr std::array<EnumName<ReadMode>, 4> names{{{ReadMode::snapshot, "snapshot"},
                                                            {ReadMode::delta, "delta"},
                                                            {ReadMode::rate, "rate"},
                                                            {ReadMode::drain, "drain"}}};
};

struct MapEntry {
  std::optional<Value> key;
  std::optional<Value> value;
  template <class T = MapEntry>
  static constexpr auto keys() {
    return std::tuple(
        probe_run::key(
            "key", &T::key,
            "Its key, written like a global of that type; none for a queue, a stack and a bloom filter."),
        probe_run::key(
            "value", &T::value,
            "Its value, likewise; for a program array the name of a program, for a map of maps the name of a map "
            "or { \"entries\": [...] } for a new one, for a list of cgroups a path, for a list of devices an "
            "interface."));
  }
};

struct MapSpec {
  static constexpr std::string_view short_form = "name";
  Located<std::string> name;
  std::optional<Located<std::string>> type;
  std::vector<RecordType> types;
  std::vector<LayoutMember> layout;
  std::vector<LayoutMember> key_layout;
  std::optional<Located<Duration>> poll;
  std::optional<Located<ReadMode>> read;
  std::optional<Located<std::vector<Value>>> only_keys;
  std::optional<Located<std::vector<Value>>> send;
  Dictionary<FieldSpec> fields;
  std::optional<Located<std::string>> lost;
  bool per_cpu = false;
  std::optional<Located<std::uint64_t>> max_entries;
  std::optional<Located<std::vector<Located<MapEntry>>>> entries;
  std::optional<Located<std::string>> pin;
  bool reuse_pin = false;
  template <class T = MapSpec>
  static constexpr auto keys() {
    return std::tuple(
        key("name", &T::name, "The map, as the object names it.", required),
        key("type", &T::type,
            "The type of a stream's records, or of the values sent, such as \"struct event\"."),
        key("types", &T::types,
            "For a stream with records of several types: each type with the values of \"type\" that select it."),
        key("layout", &T::layout, "Instead of BTF: the members of a stream's records, or of a map's values."),
        key("key_layout", &T::key_layout, "Instead of BTF: the members of a map's keys."),
        key("poll", &T::poll, "How often a map that holds state is read. It is read once more at exit."),
        key("read", &T::read,
            "The result of a read: snapshot, the current entries; delta, the change since the last "
            "read; rate, the change per second; drain, like delta, and removes idle entries."),
        key("keys", &T::only_keys, "Only these keys are looked up."),
        key("send", &T::send,
            "Values that are written to a user ring buffer, once, after the programs are attached."),
        key("fields", &T::fields, "Renderers by field."),
        key("lost", &T::lost,
            "The global variable, or map, or member of either, in which the object counts records that it "
            "could not send."),
        key("per_cpu", &T::per_cpu, "Keep the values of a per-CPU map apart instead of adding them."),
        key("max_entries", &T::max_entries,
            "The map's size: entries, or bytes of a ring buffer (a power of two and a multiple of the page "
            "size)."),
        key("entries", &T::entries, "What is in the map before the first program is attached."),
        key("pin", &T::pin, "Where on a bpffs the map is pinned: it stays there when the run ends."),
        key("reuse_pin", &T::reuse_pin, "A map that is pinned there already is taken, with what is in it."));
  }
};

}  // namespace probe_run
