#include "decode/histogram_option.h"

#include <fmt/format.h>

#include <charconv>

#include "spec/function_call.h"
#include "spec/string_place.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::string_view example =
    "use \"log2\", \"exp2zero\", \"linear(MIN, STEP)\" or \"fixed(BOUND, BOUND...)\"";

class Compiler {
 public:
  Compiler(const Located<std::string>& text, const Field& field, Diagnostics& diagnostics)
      : text_(text), field_(field), diagnostics_(diagnostics) {}

  std::shared_ptr<const Histogram> compile(const std::string& unit) {
    const auto call = parse_function_call(text_, example, diagnostics_);
    if (!call) return nullptr;
    if (field_.shape != Shape::array || !field_.fields[0].scalar || field_.count == 0) {
      diagnostics_.error(text_.at, fmt::format("the field \"{}\" is not an array of integers", field_.path),
                         "use an array of counts, such as __u32 slots[27]");
      return nullptr;
    }
    Histogram histogram;
    histogram.unit = unit;
    if (!ranges(*call, histogram)) return nullptr;
    if (histogram.ranges.size() != field_.count) {
      diagnostics_.error(
          text_.at,
          fmt::format("the array \"{}\" has {} slots, but this gives {}", field_.path, field_.count,
                      histogram.ranges.size()),
          histogram.kind == Histogram::Kind::fixed
              ? "use one bound less than there are slots: the last slot is for values above the last bound"
              : "");
      return nullptr;
    }
    return std::make_shared<Histogram>(std::move(histogram));
  }

 private:
  bool error(const FunctionCall::Word& at, std::string what, std::string hint) {
    diagnostics_.error(place_in(text_, diagnostics_.source(), at.offset, at.text.size()), std::move(what),
                       std::move(hint));
    return false;
  }

  bool ranges(const FunctionCall& call, Histogram& histogram) {
    const std::string_view kind = call.function.text;
    std::vector<SignedWide> numbers;
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
    const auto takes = [&](bool good) {
      return good ||
             error(call.function, fmt::format("\"{}\" does not take {} arguments", kind, numbers.size()),
                   std::string(example));
    };
    if (kind == "log2" || kind == "exp2zero") {
      const bool zero = kind == "exp2zero";
      histogram.kind = zero ? Histogram::Kind::exp2zero : Histogram::Kind::log2;
      histogram.ranges = zero ? exp2zero_ranges(field_.count) : log2_ranges(field_.count);
      return takes(numbers.empty());
    }
    if (kind == "linear") {
      if (!takes(numbers.size() == 2)) return false;
      if (numbers[1] <= 0) return error(call.arguments[1], "the step must be greater than 0", "");
      histogram.kind = Histogram::Kind::linear;
      histogram.ranges = linear_ranges(field_.count, numbers[0], numbers[1]);
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
      return true;
    }
    constexpr std::string_view kinds[] = {"log2", "exp2zero", "linear", "fixed"};
    return error(call.function, fmt::format("unknown histogram \"{}\"", escape_for_terminal(kind)),
                 suggestion(kind, kinds, "kinds"));
  }

  const Located<std::string>& text_;
  const Field& field_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::shared_ptr<const Histogram> compile_histogram_option(const Located<std::string>& text,
                                                          const Field& field, const std::string& unit,
                                                          Diagnostics& diagnostics) {
  return Compiler(text, field, diagnostics).compile(unit);
}

}  // namespace probe_run
