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

std::shared_ptr<const Histogram> HistogramCall::of_values(const Field& field, const SlotWords& words) {
  Histogram histogram;
  histogram.unit = unit_of(field);
  const bool negatives = field.slot.is_signed || is_floating(field);
  const std::string_view word = call_.function.text;
  if (const auto kind = power_kind(word)) {
    if (!has_last(*kind, words)) return nullptr;
    histogram.kind = *kind;
    histogram.stated = words.last.has_value();
    histogram.ranges = power_ranges(*kind, most_power_ranges(*kind));
    if (is_floating(field) || width_of(field.slot) > 64) {
      open_end(histogram.ranges);
    } else {
      const unsigned bits = std::max(width_of(field.slot) - (negatives ? 1 : 0), 1u);
      histogram.ranges.resize(bits + (*kind == Histogram::Kind::log2 ? 0 : 1));
    }
    if (words.last_slot && *words.last_slot + 1 < histogram.ranges.size()) {
      histogram.ranges.resize(*words.last_slot + 1);
      open_end(histogram.ranges);
    }
    if (negatives) prepend_negatives(histogram.ranges);
  } else {
    if (!needs_no_last(words)) return nullptr;
    histogram.stated = true;
    const auto bounds = this->bounds(1, call_.arguments.size());
    if (!bounds) return nullptr;
    histogram.whole = !is_floating(field) && all_whole(*bounds);
    histogram.kind = word == "linear" ? Histogram::Kind::linear : Histogram::Kind::fixed;
    const bool good = word == "linear" ? linear(*bounds, negatives, histogram) : fixed(*bounds, 1, histogram);
    if (!good) return nullptr;
  }
  return std::make_shared<Histogram>(std::move(histogram));
}

bool HistogramCall::has_last(Histogram::Kind kind, const SlotWords& words) {
  const std::uint32_t most = most_power_ranges(kind) - 1;
  if (!words.last_slot || *words.last_slot <= most) return true;
  return error(words.last ? *words.last : *words.sum,
               fmt::format("64-bit numbers need no slot {}", *words.last_slot),
               fmt::format("use a last slot of at most {}: \"last={}\"", most, most));
}

bool HistogramCall::needs_no_last(const SlotWords& words) {
  return !words.last ||
         error(*words.last, "the number of slots follows from the other arguments", "remove \"last\"");
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

bool HistogramCall::fixed(const std::vector<Bound>& bounds, std::size_t first, Histogram& histogram) {
  std::vector<SignedWide> whole;
  std::vector<double> reals;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    reals.push_back(real_of(bounds[i]));
    if (histogram.whole) whole.push_back(std::get<SignedWide>(bounds[i]));
    const bool rises = i == 0 || (histogram.whole ? whole[i] > whole[i - 1] : reals[i] > reals[i - 1]);
    if (!rises)
      return error(call_.arguments[first + i], "the bounds must be in ascending order",
                   "sort them, smallest first");
  }
  histogram.ranges = histogram.whole ? fixed_ranges(whole) : fixed_ranges(reals);
  return true;
}

std::shared_ptr<const Histogram> HistogramCall::of_slots(const Field& index, const SlotWords& words,
                                                         const Field* sum) {
  Histogram histogram;
  histogram.unit = index.unit;
  histogram.sum.slot = words.sum_slot;
  if (!slots(call_.arguments[2], words, histogram)) return nullptr;
  const std::size_t ranges = histogram.ranges.size();
  if (words.sum_slot && *words.sum_slot < ranges) {
    error(*words.sum, fmt::format("slot {} has the range of a value", *words.sum_slot),
          fmt::format("use a slot from {}, or the field with the sum", ranges));
    return nullptr;
  }
  if (sum != nullptr) {
    const auto factor = sum_factor(*sum, histogram.unit, *words.sum, text_, diagnostics_);
    if (!factor) return nullptr;
    histogram.sum.factor = *factor;
  }
  return std::make_shared<Histogram>(std::move(histogram));
}

bool HistogramCall::slots(const Word& kind, const SlotWords& words, Histogram& histogram) {
  if (const auto power = power_kind(kind.text)) {
    if (call_.arguments.size() > 3)
      return error(call_.arguments[3], fmt::format("too many arguments for {}", kind.text));
    if (!has_last(*power, words)) return false;
    histogram.kind = *power;
    histogram.stated = words.last.has_value();
    histogram.ranges =
        power_ranges(*power, words.last_slot ? *words.last_slot + 1 : most_power_ranges(*power));
    return true;
  }
  histogram.stated = true;
  if (kind.text == "linear") {
    histogram.kind = Histogram::Kind::linear;
    return needs_no_last(words) && linear_slots(kind, histogram);
  }
  if (kind.text == "fixed") {
    if (!needs_no_last(words)) return false;
    if (call_.arguments.size() < 4)
      return error(kind, "fixed slots need bounds", fmt::format("write {}", form_));
    const auto bounds = this->bounds(3, call_.arguments.size());
    if (!bounds) return false;
    if (!all_whole(*bounds)) return error(kind, "the bounds of a map's slots must be whole numbers");
    histogram.kind = Histogram::Kind::fixed;
    return fixed(*bounds, 3, histogram);
  }
  const std::string_view kinds[] = {"log2", "exp2", "exp2zero", "linear", "fixed"};
  return error(kind, fmt::format("unknown kind of slots \"{}\"", escape_for_terminal(kind.text)),
               suggestion(kind.text, kinds, "kinds"));
}

bool HistogramCall::linear_slots(const Word& kind, Histogram& histogram) {
  if (call_.arguments.size() != 6)
    return error(kind, "linear slots need MIN, STEP and SLOTS", fmt::format("write {}", form_));
  const auto bounds = this->bounds(3, 6);
  if (!bounds) return false;
  if (!all_whole(*bounds)) return error(kind, "the bounds of a map's slots must be whole numbers");
  const auto step = std::get<SignedWide>((*bounds)[1]);
  const auto most = std::get<SignedWide>((*bounds)[2]);
  if (step <= 0) return error(call_.arguments[4], "the step must be greater than 0");
  if (most < 1 || most > slot_limit) {
    return error(call_.arguments[5], fmt::format("the number of slots must be from 1 to {}", slot_limit));
  }
  histogram.ranges =
      linear_ranges(static_cast<std::uint32_t>(most), std::get<SignedWide>((*bounds)[0]), step);
  return true;
}

}  // namespace probe_run
