#include "decode/histogram.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "spec/string_place.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

using Range = Histogram::Range;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr SignedWide largest = std::numeric_limits<std::uint64_t>::max();

Range whole(SignedWide low, SignedWide high) {
  return {false, false, low, high, static_cast<double>(low), static_cast<double>(high)};
}

void open_end(std::vector<Range>& ranges) {
  if (ranges.empty() || ranges.back().high >= largest) return;
  ranges.back().open_high = true;
  ranges.back().to = infinity;
}

}  // namespace

double exponential_bound(std::int32_t scale, std::int32_t index) noexcept {
  if (scale <= 0) {
    // An exponent beyond the range of doubles is the same as the largest.
    const std::int64_t exponent = std::int64_t{index} * (std::int64_t{1} << std::min(-scale, 20));
    return std::ldexp(1.0, static_cast<int>(std::clamp<std::int64_t>(exponent, -5000, 5000)));
  }
  // The whole part of the exponent is exact.
  const std::int32_t steps = std::int32_t{1} << std::min(scale, 20);
  const std::int32_t exponent = index >= 0 ? index / steps : -((steps - 1 - index) / steps);
  const double fraction = static_cast<double>(std::int64_t{index} - std::int64_t{exponent} * steps) / steps;
  return std::ldexp(std::exp2(fraction), std::clamp(exponent, -5000, 5000));
}

std::vector<Range> log2_ranges(std::uint32_t count) {
  std::vector<Range> ranges;
  for (std::uint32_t i = 0; i < std::min(count, 64u); ++i) {
    const SignedWide low = SignedWide{1} << i;
    ranges.push_back(whole(i == 0 ? 0 : low, low * 2 - 1));
  }
  open_end(ranges);
  return ranges;
}

std::vector<Range> exp2zero_ranges(std::uint32_t count) {
  std::vector<Range> ranges;
  if (count > 0) ranges.push_back(whole(0, 0));
  for (std::uint32_t i = 1; i < std::min(count, 65u); ++i) {
    const SignedWide low = SignedWide{1} << (i - 1);
    ranges.push_back(whole(low, low * 2 - 1));
  }
  open_end(ranges);
  return ranges;
}

std::vector<Range> linear_ranges(std::uint32_t count, SignedWide min, SignedWide step) {
  std::vector<Range> ranges;
  for (std::uint32_t i = 0; i < count; ++i) ranges.push_back(whole(min + step * i, min + step * (i + 1) - 1));
  open_end(ranges);
  return ranges;
}

std::vector<Range> linear_ranges(std::uint32_t count, double min, double step) {
  std::vector<Range> ranges;
  for (std::uint32_t i = 0; i < count; ++i) {
    ranges.push_back({false, false, 0, 0, min + step * i, min + step * (i + 1)});
  }
  open_end(ranges);
  return ranges;
}

std::vector<Range> fixed_ranges(const std::vector<SignedWide>& bounds) {
  std::vector<Range> ranges;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    ranges.push_back(whole(i == 0 ? 0 : bounds[i - 1] + 1, bounds[i]));
  }
  if (bounds.empty()) return ranges;
  ranges.front().open_low = true;
  ranges.front().from = -infinity;
  Range last = whole(bounds.back() + 1, 0);
  last.open_high = true;
  last.to = infinity;
  ranges.push_back(last);
  return ranges;
}

std::vector<Range> fixed_ranges(const std::vector<double>& bounds) {
  std::vector<Range> ranges;
  double from = -infinity;
  for (const double bound : bounds) {
    ranges.push_back({false, false, 0, 0, from, bound});
    from = bound;
  }
  if (bounds.empty()) return ranges;
  ranges.front().open_low = true;
  ranges.push_back({false, true, 0, 0, from, infinity});
  return ranges;
}

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
