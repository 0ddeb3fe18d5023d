// Values that a spec writes, as the bytes of their C types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "object/type_table.h"
#include "spec/value.h"
#include "support/integer.h"
#include "support/source_text.h"

namespace probe_run {

class Encoder {
 public:
  // `subject` begins each message: `the global "x"`.
  Encoder(std::string subject, Diagnostics& diagnostics)
      : subject_(std::move(subject)), diagnostics_(diagnostics) {}

  // Numbers, booleans, enum names, strings into char arrays, addresses as text (see object/address_text.h),
  // lists into arrays, objects into structs. Members that an object leaves out keep their bytes; items that a
  // list leaves out are 0. Reports what does not fit. REQUIRES: bytes has the type's size
  void encode(const Value& value, const Type& type, std::span<std::byte> bytes);

  // Everything so far has fitted.
  bool good() const { return good_; }

 private:
  void refuse(const Value& value, std::string_view why, std::string hint = {});
  // The value in as many bits. `holder`: what has them, in messages.
  std::optional<Wide> number(const Value& value, const Type& type, unsigned bits, const std::string& holder);
  std::optional<Wide> enumerator(const Value& value, const Type& type, unsigned bits,
                                 const std::string& holder);
  void encode_float(const Value& value, const Type& type, std::span<std::byte> bytes);
  void encode_array(const Value& value, const Type& type, std::span<std::byte> bytes);
  void encode_struct(const Value& value, const Type& type, std::span<std::byte> bytes);
  void encode_bitfield(const Value& value, const TypeMember& member, std::uint32_t bit_offset,
                       std::span<std::byte> bytes);
  // Whether the value is an address that the type holds, or a bad one: then it is encoded or reported.
  bool encode_as_address(const Value& value, const Type& type, std::span<std::byte> bytes);
  static void store(Wide number, std::span<std::byte> bytes);

  std::string subject_;
  Diagnostics& diagnostics_;
  bool good_ = true;
};

}  // namespace probe_run
