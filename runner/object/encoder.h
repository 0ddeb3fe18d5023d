// Values that a spec writes, as the bytes of their C types.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "object/type.h"
#include "spec/value.h"
#include "support/source_text.h"

namespace probe_run {

class Encoder {
 public:
  // `subject` begins each complaint: `the global "x"`.
  Encoder(std::string subject, Diagnostics& diagnostics)
      : subject_(std::move(subject)), diagnostics_(diagnostics) {}

  // Numbers, booleans, enum names, strings into char arrays, lists into arrays, objects into structs. Members
  // that an object leaves out keep their bytes; items that a list leaves out are 0. Reports what does not
  // fit. REQUIRES: bytes has the type's size
  void encode(const Value& value, const Type& type, std::span<std::byte> bytes);

 private:
  void refuse(const Value& value, std::string_view why, std::string hint = {});
  void encode_integer(const Value& value, const Type& type, std::span<std::byte> bytes);
  void encode_enum(const Value& value, const Type& type, std::span<std::byte> bytes);
  void encode_float(const Value& value, const Type& type, std::span<std::byte> bytes);
  void encode_array(const Value& value, const Type& type, std::span<std::byte> bytes);
  void encode_struct(const Value& value, const Type& type, std::span<std::byte> bytes);
  static void store(std::uint64_t number, std::span<std::byte> bytes);

  std::string subject_;
  Diagnostics& diagnostics_;
};

}  // namespace probe_run
