#include "view/histogram_call.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "decode/renderer.h"
#include "spec/string_place.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

using Bound = HistogramCall::Bound;

std::optional<Bound> bound_of(std::string_view text) {
  const char* const end = text.data() + text.size();
  std::int64_t whole = 0;
  if (const auto parsed = std::from_chars(text.data(), end, whole);
      parsed.ec == std::errc() && parsed.ptr == end) {
    return Bound(SignedWide{whole});
  }
  std::uint64_t large = 0;
  if (const auto parsed = std::from_chars(text.data(), end, large);
      parsed.ec == std::errc() && parsed.ptr == end) {
    return Bound(SignedWide{large});
  }
  double real = 0;
  const auto parsed = std::from_chars(text.data(), end, real);
  if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(real)) return std::nullopt;
  return Bound(real);
}

double real_of(const Bound& bound) {
  const auto* const whole = std::get_if<SignedWide>(&bound);
  return whole != nullptr ? static_cast<double>(*whole) : std::get<double>(bound);
}

void prepend_negatives(std::vector<Histogram::Range>& ranges) {
  ranges.insert(ranges.begin(), {true, false, 0, -1, -infinity, -1});
}

bool all_whole(const std::vector<Bound>& bounds) {
  return std::all_of(bounds.begin(), bounds.end(),
                     [](const Bound& bound) { return std::holds_alternative<SignedWide>(bound); });
}

std::string unit_of(const Field& field) {
  if (!field.unit.empty()) return field.unit;
  return field.shape == Shape::rendered ? std::string(field.renderer->unit) : std::string();
}

}  // namespace

std::shared_ptr<const Histogram> exponential_histogram(const Field& field) {
  Histogram histogram;
  histogram.kind = Histogram::Kind::exponential;
  histogram.whole = false;
  histogram.unit = unit_of(field);
  return std::make_shared<Histogram>(std::move(histogram));
}

bool HistogramCall::error(const Word& at, std::string what, std::string hint) {
  const std::size_t length = std::max<std::size_t>(at.text.size(), 1);
  diagnostics_.error(place_in(text_, diagnostics_.source(), at.offset, length), std::move(what),
                     std::move(hint));
  return false;
}

std::nullptr_t HistogramCall::refuse(const Word& at, std::string what, std::string hint) {
  error(at, std::move(what), std::move(hint));
  return nullptr;
}

std::shared_ptr<const Histogram> HistogramCall::of_values(const Field& field) {
  Histogram histogram;
  histogram.unit = unit_of(field);
  const bool negatives = field.slot.is_signed || is_floating(field);
  const std::string_view word = call_.function.text;
  if (word == "log2" || word == "exp2zero") {
    const bool zero = word == "exp2zero";
    histogram.kind = zero ? Histogram::Kind::exp2zero : Histogram::Kind::log2;
    histogram.ranges = zero ? exp2zero_ranges(65) : log2_ranges(64);
    if (is_floating(field) || width_of(field.slot) > 64) {
      histogram.ranges.back().open_high = true;
      histogram.ranges.back().to = infinity;
    } else {
      const unsigned bits = std::max(width_of(field.slot) - (negatives ? 1 : 0), 1u);
      histogram.ranges.resize(bits + (zero ? 1 : 0));
    }
    if (negatives) prepend_negatives(histogram.ranges);
  } else {
    const auto bounds = this->bounds(1, call_.arguments.size());
    if (!bounds) return nullptr;
    histogram.whole = !is_floating(field) && all_whole(*bounds);
    histogram.kind = word == "linear" ? Histogram::Kind::linear : Histogram::Kind::fixed;
    const bool good = word == "linear" ? linear(*bounds, negatives, histogram) : fixed(*bounds, histogram);
    if (!good) return nullptr;
  }
  return std::make_shared<Histogram>(std::move(histogram));
}

std::optional<std::vector<Bound>> HistogramCall::bounds(std::size_t begin, std::size_t end) {
  std::vector<Bound> bounds;
  for (std::size_t i = begin; i < end; ++i) {
    const auto bound = bound_of(call_.arguments[i].text);
    if (!bound) {
      error(call_.arguments[i],
            fmt::format("\"{}\" is not a number", escape_for_terminal(call_.arguments[i].text)),
            fmt::format("write {}", form_));
      return std::nullopt;
    }
    bounds.push_back(*bound);
  }
  return bounds;
}

// A slot below `min`, if there can be such values, the steps, and one from `max` on.
bool HistogramCall::linear(const std::vector<Bound>& bounds, bool negatives, Histogram& histogram) {
  const double min = real_of(bounds[0]);
  const double max = real_of(bounds[1]);
  const double step = real_of(bounds[2]);
  if (!(step > 0)) return error(call_.arguments[3], "the step must be greater than 0");
  if (!(max > min)) return error(call_.arguments[2], "the maximum must be greater than the minimum");
  const double steps = std::ceil((max - min) / step);
  if (steps > slot_limit) {
    return error(call_.arguments[3], fmt::format("too many slots: {:.0f}", steps),
                 fmt::format("use a larger step, for at most {} slots", slot_limit));
  }
  const auto count = static_cast<std::uint32_t>(steps);
  if (histogram.whole) {
    const auto low = std::get<SignedWide>(bounds[0]);
    histogram.ranges = linear_ranges(count + 1, low, std::get<SignedWide>(bounds[2]));
    if (negatives || low > 0) {
      const auto below = static_cast<double>(low - 1);
      histogram.ranges.insert(histogram.ranges.begin(), {true, false, 0, low - 1, -infinity, below});
    }
  } else {
    histogram.ranges = linear_ranges(count + 1, min, step);
    histogram.ranges.insert(histogram.ranges.begin(), {true, false, 0, 0, -infinity, min});
  }
  histogram.ranges.back().open_high = true;
  histogram.ranges.back().to = infinity;
  return true;
}

bool HistogramCall::fixed(const std::vector<Bound>& bounds, Histogram& histogram) {
  std::vector<SignedWide> whole;
  std::vector<double> reals;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    reals.push_back(real_of(bounds[i]));
    if (histogram.whole) whole.push_back(std::get<SignedWide>(bounds[i]));
    const bool rises = i == 0 || (histogram.whole ? whole[i] > whole[i - 1] : reals[i] > reals[i - 1]);
    if (!rises)
      return error(call_.arguments[i + 1], "the bounds must be in ascending order",
                   "sort them, smallest first");
  }
  histogram.ranges = histogram.whole ? fixed_ranges(whole) : fixed_ranges(reals);
  return true;
}

std::shared_ptr<const Histogram> HistogramCall::of_slots(const Field& index) {
  const Word& kind = call_.arguments[2];
  Histogram histogram;
  histogram.unit = index.unit;
  const std::size_t count = call_.arguments.size();
  if (kind.text == "log2" || kind.text == "exp2zero") {
    if (count > 3) return refuse(call_.arguments[3], fmt::format("too many arguments for {}", kind.text));
    const bool zero = kind.text == "exp2zero";
    histogram.kind = zero ? Histogram::Kind::exp2zero : Histogram::Kind::log2;
    histogram.ranges = zero ? exp2zero_ranges(65) : log2_ranges(64);
  } else if (kind.text == "linear") {
    if (count != 6)
      return refuse(kind, "linear slots need MIN, STEP and SLOTS", fmt::format("write {}", form_));
    const auto bounds = this->bounds(3, 6);
    if (!bounds) return nullptr;
    if (!all_whole(*bounds)) return refuse(kind, "the bounds of a map's slots must be whole numbers");
    const auto step = std::get<SignedWide>((*bounds)[1]);
    const auto most = std::get<SignedWide>((*bounds)[2]);
    if (step <= 0) return refuse(call_.arguments[4], "the step must be greater than 0");
    if (most < 1 || most > slot_limit) {
      return refuse(call_.arguments[5], fmt::format("the number of slots must be from 1 to {}", slot_limit));
    }
    histogram.kind = Histogram::Kind::linear;
    histogram.ranges =
        linear_ranges(static_cast<std::uint32_t>(most), std::get<SignedWide>((*bounds)[0]), step);
  } else {
    const std::string_view kinds[] = {"log2", "exp2zero", "linear"};
    return refuse(kind, fmt::format("unknown kind of slots \"{}\"", escape_for_terminal(kind.text)),
                  suggestion(kind.text, kinds, "kinds"));
  }
  return std::make_shared<Histogram>(std::move(histogram));
}

}  // namespace probe_run
