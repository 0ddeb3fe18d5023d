// Reads the values of a spec that are not structs, and the members of those that are.
//
// What a struct's keys are is in the keys() of each (spec/keys.h). Here they are rows with a function each, so that
// what all structs have in common is compiled once.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "spec/map_spec.h"
#include "spec/output_spec.h"
#include "spec/value.h"

namespace probe_run {

// Reads structs (spec/parse.cc).
class StructReader;

// A key of one struct.
struct KeyReader {
  std::string_view name;
  std::string_view doc;
  Presence presence;
  // Reads the value into the key's member of `object`, which is of that struct.
  bool (*read)(StructReader& reader, const Value& value, void* object, std::string_view what);
};

// A scalar as it was written, if it is short: for messages.
std::optional<std::string> short_text(const Value& value);

// Each read() returns whether it could read the value. What it could not, it has reported. `what` names the value in
// messages: "an item of \"outputs\"".
class ValueReader {
 public:
  explicit ValueReader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  bool read(const Value& value, std::string& out, std::string_view what);
  bool read(const Value& value, bool& out, std::string_view what);
  bool read(const Value& value, std::uint64_t& out, std::string_view what);
  bool read(const Value& value, AtLeastOne& out, std::string_view what);
  bool read(const Value& value, std::int64_t& out, std::string_view what);
  bool read(const Value& value, std::int32_t& out, std::string_view what);
  bool read(const Value& value, Scale& out, std::string_view what);
  bool read(const Value& value, MetricLabels& out, std::string_view what);
  bool read(const Value& value, Duration& out, std::string_view what);
  bool read(const Value& value, Every& out, std::string_view what);
  bool read(const Value& value, RateLimit& out, std::string_view what);
  bool read(const Value& value, Constant& out, std::string_view what);
  bool read(const Value& value, TracePipe& out, std::string_view what);
  bool read(const Value& value, Value& out, std::string_view what);

  // The index of the name that the value is.
  std::optional<std::size_t> read_name(const Value& value, std::span<const std::string_view> names,
                                       std::string_view what);

  // The members of a struct. `chosen_by` is a key that was read before, to choose the struct; "" for none.
  // REQUIRES: `out` is of the struct that the keys are of
  bool read_members(const Value::Object& object, Span at, std::span<const KeyReader> keys,
                    StructReader& reader, void* out, std::string_view what, std::string_view chosen_by);

  // Reports that the value must be `form`; false.
  bool expected(std::string_view form, const Value& value, std::string_view what, std::string hint = {});
  // Reports an attach point without a "type"; false.
  bool no_type(const Value::Object& object, Span at, std::string_view what,
               std::span<const std::string_view> types);
  void error(Span at, std::string what, std::string hint) {
    diagnostics_.error(at, std::move(what), std::move(hint));
  }

 private:
  Diagnostics& diagnostics_;
};

}  // namespace probe_run
