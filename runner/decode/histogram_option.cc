#include "decode/histogram_option.h"

#include <fmt/format.h>

#include <charconv>
#include <vector>

#include "decode/slot_words.h"
#include "decode/unknown_field.h"
#include "spec/string_place.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::string_view example =
    "use \"log2\", \"exp2\", \"exp2zero\", \"linear(MIN, STEP)\" or \"fixed(BOUND, BOUND...)\"";

class Compiler {
 public:
  Compiler(const Located<std::string>& text, const Field& field, const Plan& plan, Diagnostics& diagnostics)
      : text_(text), field_(field), plan_(plan), diagnostics_(diagnostics) {}

  std::shared_ptr<const Histogram> compile(const std::string& unit,
                                           const std::function<const Field*(std::string_view)>& find) {
    auto call = parse_function_call(text_, example, diagnostics_);
    if (!call) return nullptr;
    if (field_.shape != Shape::array || !field_.fields[0].scalar || field_.count == 0) {
      diagnostics_.error(text_.at, fmt::format("the field \"{}\" is not an array of integers", field_.path),
                         "use an array of counts, such as __u32 slots[27]");
      return nullptr;
    }
    const auto words = take_slot_words(*call, text_, diagnostics_);
    if (!words || !slots_exist(*words)) return nullptr;
    Histogram histogram;
    histogram.unit = unit;
    histogram.sum.slot = words->sum_slot;
    histogram.stated = words->last.has_value();
    // Without "last", the sum may be the one slot after the last.
    slots_ = words->last_slot ? *words->last_slot + 1 : field_.count;
    if (!ranges(*call, histogram)) return nullptr;
    if (words->names_field() && !sum_field(*words->sum, find, histogram)) return nullptr;
    return std::make_shared<Histogram>(std::move(histogram));
  }

 private:
  bool error(const FunctionCall::Word& at, std::string what, std::string hint) {
    diagnostics_.error(place_in(text_, diagnostics_.source(), at.offset, at.text.size()), std::move(what),
                       std::move(hint));
    return false;
  }

  bool slots_exist(const SlotWords& words) {
    const auto exists = [&](const std::optional<FunctionCall::Word>& word,
                            std::optional<std::uint32_t> slot) {
      if (!word || !slot || *slot < field_.count) return true;
      return error(*word, fmt::format("the array \"{}\" has no slot {}", field_.path, *slot),
                   fmt::format("its slots are 0 to {}", field_.count - 1));
    };
    return exists(words.last, words.last_slot) && exists(words.sum, words.sum_slot);
  }

  bool sum_field(const FunctionCall::Word& name, const std::function<const Field*(std::string_view)>& find,
                 Histogram& histogram) {
    const Field* const sum = find(name.text);
    if (sum == nullptr) {
      auto unknown = unknown_field(plan_, name.text);
      if (!unknown) return false;  // a consequence of a mistake that has been reported
      return error(name, std::move(unknown->what), std::move(unknown->hint));
    }
    const auto factor = sum_factor(*sum, histogram.unit, name, text_, diagnostics_);
    if (!factor) return false;
    histogram.sum.factor = *factor;
    histogram.sum.field = std::make_shared<Field>(*sum);
    return true;
  }

  bool numbers(const FunctionCall& call, std::vector<SignedWide>& numbers) {
    numbers.reserve(call.arguments.size());
    for (const FunctionCall::Word& word : call.arguments) {
      std::int64_t number = 0;
      const char* const end = word.text.data() + word.text.size();
      const auto parsed = std::from_chars(word.text.data(), end, number);
      if (parsed.ec != std::errc() || parsed.ptr != end) {
        return error(word, fmt::format("\"{}\" is not a whole number", escape_for_terminal(word.text)),
                     std::string(example));
      }
      numbers.push_back(number);
    }
    return true;
  }

  bool ranges(const FunctionCall& call, Histogram& histogram) {
    const std::string_view kind = call.function.text;
    std::vector<SignedWide> numbers;
    if (!this->numbers(call, numbers)) return false;
    const auto takes = [&](bool good) {
      return good ||
             error(call.function, fmt::format("\"{}\" does not take {} arguments", kind, numbers.size()),
                   std::string(example));
    };
    if (const auto power = power_kind(kind)) {
      if (!takes(numbers.empty())) return false;
      histogram.kind = *power;
      histogram.ranges = power_ranges(*power, slots_);
      return counted(call, histogram,
                     fmt::format("add the last slot: \"{}(last={})\"", kind, most_power_ranges(*power) - 1));
    }
    histogram.stated = true;  // by the bounds
    if (kind == "linear") {
      if (!takes(numbers.size() == 2)) return false;
      if (numbers[1] <= 0) return error(call.arguments[1], "the step must be greater than 0", "");
      histogram.kind = Histogram::Kind::linear;
      histogram.ranges = linear_ranges(slots_, numbers[0], numbers[1]);
      return true;
    }
    if (kind == "fixed") {
      if (!takes(!numbers.empty())) return false;
      for (std::size_t i = 1; i < numbers.size(); ++i) {
        if (numbers[i] > numbers[i - 1]) continue;
        return error(call.arguments[i], "the bounds must be in ascending order", "sort them, smallest first");
      }
      histogram.kind = Histogram::Kind::fixed;
      histogram.ranges = fixed_ranges(numbers);
      return counted(
          call, histogram,
          "use one bound less than there are slots: the last slot is for values above the last bound");
    }
    constexpr std::string_view kinds[] = {"log2", "exp2", "exp2zero", "linear", "fixed"};
    return error(call.function, fmt::format("unknown histogram \"{}\"", escape_for_terminal(kind)),
                 suggestion(kind, kinds, "kinds"));
  }

  // Each slot has its range.
  bool counted(const FunctionCall& call, const Histogram& histogram, std::string hint) {
    if (histogram.ranges.size() == slots_) return true;
    return error(call.function,
                 fmt::format("the array \"{}\" has {} slots, but this gives {}", field_.path, slots_,
                             histogram.ranges.size()),
                 std::move(hint));
  }

  const Located<std::string>& text_;
  const Field& field_;
  const Plan& plan_;
  Diagnostics& diagnostics_;
  std::uint32_t slots_ = 0;  // of the histogram
};

}  // namespace

std::shared_ptr<const Histogram> compile_histogram_option(
    const Located<std::string>& text, const Field& field, const std::string& unit, const Plan& plan,
    const std::function<const Field*(std::string_view)>& find, Diagnostics& diagnostics) {
  return Compiler(text, field, plan, diagnostics).compile(unit, find);
}

}  // namespace probe_run
