// Tests of one field of a record, each compiled for the field's type.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "decode/field_value.h"
#include "decode/renderer.h"
#include "filter/regex.h"
#include "support/address_block.h"
#include "support/glob.h"

namespace probe_run {

// A number that is ordered as an unsigned word: the highest bit of signed ones is inverted (`bias`).
template <class Word>
struct NumberAt {
  Slot slot;
  bool big_endian = false;  // 2, 4 or 8 whole bytes
  Word bias = 0;

  Word load(Bytes record) const noexcept;  // REQUIRES: holds(record, slot)
};

// From `low` to `low + span`.
template <class Word>
struct InRange {
  NumberAt<Word> number;
  Word low = 0, span = 0;
};
template <class Word>
struct InSet {
  NumberAt<Word> number;
  std::vector<Word> values;  // sorted, biased
};

// Any of several comparisons with a floating-point number; false for NaN.
struct FloatIs {
  enum class Order : std::uint8_t { equal, less, less_equal, greater, greater_equal };
  Order order = Order::equal;
  std::vector<double> values;
};

// (number & mask) == wanted, for any of them. The number is treated as unsigned.
struct BitsAre {
  struct Bits {
    std::uint64_t mask = 0, wanted = 0;
  };
  Slot slot;
  std::vector<Bits> any_of;
};

struct InBlock {
  std::vector<AddressBlock> blocks;  // all of the field's size
};

// The text of the field, or its renderer's output; for a stack, that of any of its frames.
struct TextIs {
  struct Equal {
    std::vector<std::string> texts;  // sorted
  };
  struct Ordered {
    FloatIs::Order order;
    std::string text;
  };
  bool rendered = false;
  bool frames = false;  // lines, and each also without its offset: "vfs_read" of "vfs_read+0x1c"
  std::variant<Equal, Ordered, std::vector<Glob>, Regex> wanted;
};

struct IsThere {};

using FieldPredicate = std::variant<InRange<std::uint64_t>, InSet<std::uint64_t>, InRange<Wide>, InSet<Wide>,
                                    FloatIs, BitsAre, InBlock, TextIs, IsThere>;

// REQUIRES: present(field, record). `scratch` is overwritten.
bool passes(const FieldPredicate& test, const Field& field, Bytes record, const RenderContext& context,
            TextBuffer& scratch) noexcept;

}  // namespace probe_run
