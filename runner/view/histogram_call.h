// The histogram that a call of "aggregate" describes, such as "linear(latency, 0, 1000, 100)".
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "decode/field.h"
#include "decode/histogram.h"
#include "decode/slot_words.h"
#include "spec/string_place.h"
#include "support/source_text.h"

namespace probe_run {

class HistogramCall {
 public:
  static constexpr std::uint32_t slot_limit = SlotWords::most_slots;

  // A whole number, or one with a point.
  using Bound = std::variant<SignedWide, double>;

  // `text` holds `call`, and `form` is how such a call is written, for messages. All must outlive this.
  HistogramCall(const Located<std::string>& text, const FunctionCall& call, std::string_view form,
                Diagnostics& diagnostics)
      : text_(text), call_(call), form_(form), diagnostics_(diagnostics) {}

  // Each returns nullptr after a report.

  // log2, exp2, exp2zero, linear or fixed: of the values of `field`, which is a number.
  std::shared_ptr<const Histogram> of_values(const Field& field, const SlotWords& words);
  // slots(INDEX, COUNT, KIND...): of what a map counts, where `index` is the number of a slot, and `sum` the field that
  // has the sum of the values; nullptr: none has.
  std::shared_ptr<const Histogram> of_slots(const Field& index, const SlotWords& words, const Field* sum);

 private:
  using Word = FunctionCall::Word;

  // Reports; returns what a caller has to return then.
  bool error(const Word& at, std::string what, std::string hint = {});
  std::nullptr_t refuse(const Word& at, std::string what, std::string hint = {});
  // The arguments from `begin` to `end`.
  std::optional<std::vector<Bound>> bounds(std::size_t begin, std::size_t end);
  // Whether the ranges of the kind can have the last slot of `words`.
  bool has_last(Histogram::Kind kind, const SlotWords& words);
  // Ranges whose number is an argument, or follows from the arguments, have their last slot already.
  bool needs_no_last(const SlotWords& words);
  bool slots(const Word& kind, const SlotWords& words, Histogram& histogram);
  bool linear_slots(const Word& kind, Histogram& histogram);
  bool linear(const std::vector<Bound>& bounds, bool negatives, Histogram& histogram);
  // `first`: the argument that is the first bound.
  bool fixed(const std::vector<Bound>& bounds, std::size_t first, Histogram& histogram);

  const Located<std::string>& text_;
  const FunctionCall& call_;
  std::string_view form_;
  Diagnostics& diagnostics_;
};

// Of the values of `field`, with ranges that are found as values come.
std::shared_ptr<const Histogram> exponential_histogram(const Field& field);

}  // namespace probe_run
