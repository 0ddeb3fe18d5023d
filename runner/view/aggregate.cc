#include "view/aggregate.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <variant>

#include "decode/renderer.h"
#include "spec/function_call.h"
#include "spec/string_place.h"
#include "support/suggest.h"
#include "support/utf8.h"
#include "view/kept_field.h"

namespace probe_run {
namespace {

using Function = Aggregate::Function;
using Range = Histogram::Range;
using Word = FunctionCall::Word;

constexpr std::string_view example =
    "use a function of fields, such as \"count\", \"sum(bytes)\" or \"p99(latency)\"";
constexpr std::uint32_t slot_limit = 1000;
constexpr double infinity = std::numeric_limits<double>::infinity();

struct Known {
  std::string_view name, form;
  Function function;
};
constexpr Known known_functions[] = {
    {"count", "count", Function::count},
    {"sum", "sum(FIELD)", Function::sum},
    {"min", "min(FIELD)", Function::min},
    {"max", "max(FIELD)", Function::max},
    {"avg", "avg(FIELD)", Function::avg},
    {"rate", "rate or rate(FIELD)", Function::rate},
    {"first", "first(FIELD)", Function::first},
    {"last", "last(FIELD)", Function::last},
    {"distinct", "distinct(FIELD)", Function::distinct},
    {"median", "median(FIELD)", Function::percentile},
    {"p99", "p99(FIELD), p99.9(FIELD)", Function::percentile},
    {"log2", "log2(FIELD)", Function::histogram},
    {"exp2zero", "exp2zero(FIELD)", Function::histogram},
    {"linear", "linear(FIELD, MIN, MAX, STEP)", Function::histogram},
    {"fixed", "fixed(FIELD, BOUND, BOUND...)", Function::histogram},
    {"exponential", "exponential(FIELD)", Function::exponential},
    {"slots", "slots(INDEX, COUNT, log2), or exp2zero, or linear, MIN, STEP, SLOTS", Function::slots}};

// "p50", "p99.9"; nullopt for another word.
std::optional<double> percent_of(std::string_view word) {
  if (!word.starts_with('p') || word.size() < 2 || word[1] < '0' || word[1] > '9') return std::nullopt;
  double value = 0;
  const char* const end = word.data() + word.size();
  const auto parsed = std::from_chars(word.data() + 1, end, value, std::chars_format::fixed);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return value;
}

// A bound: a whole number, or one with a decimal point.
using Bound = std::variant<SignedWide, double>;

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

bool is_real(const Field& field) {
  return is_floating(field);
}

// Whether its values have a meaningful order, such as times.
bool is_ordered(const Field& field) {
  return arithmetic_of(field) >= Renderer::Arithmetic::order;
}

class Compiler {
 public:
  Compiler(const Located<std::string>& text, const Plan& plan, Diagnostics& diagnostics)
      : text_(text), plan_(plan), diagnostics_(diagnostics) {}

  std::optional<Aggregate> compile(const std::string& name) {
    const auto parsed = parse_function_call(text_, example, diagnostics_);
    if (!parsed) return std::nullopt;
    call_ = *parsed;
    result_.name = name;
    if (!find_function() || !check_argument_count()) return std::nullopt;
    const bool good = arguments();
    return good ? std::optional(result_) : std::nullopt;
  }

 private:
  bool error(const Word& at, std::string what, std::string hint = {}) {
    const std::size_t length = std::max<std::size_t>(at.text.size(), 1);
    diagnostics_.error(place_in(text_, diagnostics_.source(), at.offset, length), std::move(what),
                       std::move(hint));
    return false;
  }

  bool find_function() {
    const std::string_view word = call_.function.text;
    for (const Known& known : known_functions) {
      if (known.name != word) continue;
      form_ = known.form;
      result_.function = known.function;
      result_.percent = word == "median" ? 50 : 99;
      return true;
    }
    if (const auto percent = percent_of(word)) {
      if (*percent > 100) {
        return error(call_.function, fmt::format("invalid percentile {}", word.substr(1)), "use p0 to p100");
      }
      form_ = "p99(FIELD)";
      result_.function = Function::percentile;
      result_.percent = *percent;
      return true;
    }
    std::string hint;
    if (!call_.has_parentheses && plan_.find(word) != nullptr) {
      hint = fmt::format("apply a function to the field: \"sum({0})\", \"max({0})\", \"last({0})\"",
                         escape_for_terminal(word));
    } else {
      std::vector<std::string_view> names;
      for (const Known& known : known_functions) names.push_back(known.name);
      hint = suggestion(word, names, "functions");
      if (!hint.starts_with("did you mean")) hint = "functions: " + join(names);
    }
    return error(call_.function, fmt::format("unknown function \"{}\"", escape_for_terminal(word)), hint);
  }

  bool check_argument_count() {
    std::size_t least = 1;
    std::size_t most = 1;
    switch (result_.function) {
      case Function::count:
        least = most = 0;
        break;
      case Function::rate:
        least = 0;
        break;
      case Function::slots:
        least = 3;
        most = slot_limit;
        break;
      case Function::histogram:
        if (call_.function.text == "linear") least = most = 4;
        if (call_.function.text == "fixed") least = 2, most = slot_limit;
        break;
      default:
        break;
    }
    const std::size_t count = call_.arguments.size();
    if (count >= least && count <= most) return true;
    const std::vector<std::string> paths = plan_.paths();
    std::string hint = fmt::format("write {}", form_);
    if (count == 0 && !paths.empty() && least == 1) {
      for (const std::string& path : paths) {
        const Field* const field = plan_.find(path);
        if (field == nullptr || !is_quantity(*field)) continue;
        hint = fmt::format("write \"{}({})\"", call_.function.text, escape_for_terminal(path));
        break;
      }
    }
    const Word& at = count > most ? call_.arguments[most] : call_.function;
    return error(at,
                 count > most ? fmt::format("too many arguments for \"{}\"", call_.function.text)
                              : fmt::format("\"{}\" needs {}", call_.function.text,
                                            count == 0 ? "a field" : "more arguments"),
                 hint);
  }

  const Field* find_field(const Word& word) {
    const Field* const field = plan_.find(word.text);
    if (field == nullptr) {
      const std::vector<std::string> paths = plan_.paths();
      error(word, fmt::format("unknown field \"{}\"", escape_for_terminal(word.text)),
            suggestion(word.text, views(paths), "fields"));
    }
    return field;
  }

  static std::string what_it_is(const Field& field) {
    if (field.shape == Shape::rendered && field.scalar)
      return fmt::format("rendered as {}", field.renderer->name);
    return field.type != nullptr ? escape_for_terminal(to_text(*field.type))
                                 : fmt::format("{} bytes", field.size);
  }

  bool arguments() {
    if (call_.arguments.empty()) return true;
    const Word& first = call_.arguments[0];
    result_.field = find_field(first);
    if (result_.field == nullptr) return false;
    const Field& field = *result_.field;
    switch (result_.function) {
      case Function::count:
        return true;
      case Function::first:
      case Function::last:
      case Function::distinct:
        return kept(first, field);
      case Function::min:
      case Function::max:
        if (!is_ordered(field)) return refuse(first, field, "a number or a time");
        return true;
      case Function::sum:
      case Function::avg:
      case Function::rate:
        if (!is_quantity(field) && !is_boolean(field)) return refuse(first, field, "a number");
        return true;
      case Function::percentile:
      case Function::exponential:
        if (!is_quantity(field)) return refuse(first, field, "a number");
        if (result_.function == Function::exponential) exponential(field);
        return true;
      case Function::histogram:
        if (!is_quantity(field)) return refuse(first, field, "a number");
        return histogram(field);
      case Function::slots:
        return slots(first, field);
    }
    return true;
  }

  bool refuse(const Word& at, const Field& field, std::string_view taken) {
    return error(at,
                 fmt::format("\"{}\" takes {}; the field \"{}\" is {}", call_.function.text, taken,
                             escape_for_terminal(at.text), what_it_is(field)),
                 "use first, last or distinct, which take every field");
  }

  bool kept(const Word& at, const Field& field) {
    if (field.flexible) {
      return error(at, fmt::format("the field \"{}\" has no fixed size and cannot be kept",
                                   escape_for_terminal(at.text)));
    }
    if (KeptField::can_keep(field)) return true;
    return error(at,
                 fmt::format("the field \"{}\" has members that depend on another field",
                             escape_for_terminal(at.text)),
                 "use one of its members instead");
  }

  static std::string unit_of(const Field& field) {
    if (!field.unit.empty()) return field.unit;
    return field.shape == Shape::rendered ? std::string(field.renderer->unit) : std::string();
  }

  void exponential(const Field& field) {
    Histogram histogram;
    histogram.kind = Histogram::Kind::exponential;
    histogram.whole = false;
    histogram.unit = unit_of(field);
    result_.histogram = std::make_shared<Histogram>(std::move(histogram));
  }

  static void prepend_negatives(std::vector<Range>& ranges) {
    ranges.insert(ranges.begin(), {true, false, 0, -1, -infinity, -1});
  }

  bool histogram(const Field& field) {
    Histogram histogram;
    histogram.unit = unit_of(field);
    const bool negatives = field.slot.is_signed || is_real(field);
    const std::string_view word = call_.function.text;
    if (word == "log2" || word == "exp2zero") {
      const bool zero = word == "exp2zero";
      histogram.kind = zero ? Histogram::Kind::exp2zero : Histogram::Kind::log2;
      histogram.ranges = zero ? exp2zero_ranges(65) : log2_ranges(64);
      if (is_real(field) || width_of(field.slot) > 64) {
        histogram.ranges.back().open_high = true;
        histogram.ranges.back().to = infinity;
      } else {
        const unsigned bits = std::max(width_of(field.slot) - (negatives ? 1 : 0), 1u);
        histogram.ranges.resize(bits + (zero ? 1 : 0));
      }
      if (negatives) prepend_negatives(histogram.ranges);
    } else {
      const auto bounds = this->bounds(1, call_.arguments.size());
      if (!bounds) return false;
      histogram.whole = !is_real(field) && all_whole(*bounds);
      histogram.kind = word == "linear" ? Histogram::Kind::linear : Histogram::Kind::fixed;
      const bool good = word == "linear" ? linear(*bounds, negatives, histogram) : fixed(*bounds, histogram);
      if (!good) return false;
    }
    result_.histogram = std::make_shared<Histogram>(std::move(histogram));
    return true;
  }

  std::optional<std::vector<Bound>> bounds(std::size_t begin, std::size_t end) {
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

  static bool all_whole(const std::vector<Bound>& bounds) {
    return std::all_of(bounds.begin(), bounds.end(),
                       [](const Bound& bound) { return std::holds_alternative<SignedWide>(bound); });
  }

  // A slot below `min`, if there can be such values, the steps, and one from `max` on.
  bool linear(const std::vector<Bound>& bounds, bool negatives, Histogram& histogram) {
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

  bool fixed(const std::vector<Bound>& bounds, Histogram& histogram) {
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

  bool slots(const Word& first, const Field& index) {
    const Word& second = call_.arguments[1];
    const Word& kind = call_.arguments[2];
    if (!index.scalar) return refuse(first, index, "an integer as the slot's number");
    result_.counts = find_field(second);
    if (result_.counts == nullptr) return false;
    if (!is_quantity(*result_.counts) || is_real(*result_.counts) || is_wide(*result_.counts)) {
      return refuse(second, *result_.counts, "an integer of up to 64 bits as the slot's count");
    }
    Histogram histogram;
    histogram.unit = index.unit;
    const std::size_t count = call_.arguments.size();
    if (kind.text == "log2" || kind.text == "exp2zero") {
      if (count > 3) return error(call_.arguments[3], fmt::format("too many arguments for {}", kind.text));
      const bool zero = kind.text == "exp2zero";
      histogram.kind = zero ? Histogram::Kind::exp2zero : Histogram::Kind::log2;
      histogram.ranges = zero ? exp2zero_ranges(65) : log2_ranges(64);
    } else if (kind.text == "linear") {
      if (count != 6)
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
      histogram.kind = Histogram::Kind::linear;
      histogram.ranges =
          linear_ranges(static_cast<std::uint32_t>(most), std::get<SignedWide>((*bounds)[0]), step);
    } else {
      const std::string_view kinds[] = {"log2", "exp2zero", "linear"};
      return error(kind, fmt::format("unknown kind of slots \"{}\"", escape_for_terminal(kind.text)),
                   suggestion(kind.text, kinds, "kinds"));
    }
    result_.histogram = std::make_shared<Histogram>(std::move(histogram));
    return true;
  }

  const Located<std::string>& text_;
  const Plan& plan_;
  Diagnostics& diagnostics_;
  FunctionCall call_;
  Aggregate result_;
  std::string_view form_;
};

}  // namespace

bool is_quantity(const Field& field) {
  return arithmetic_of(field) >= Renderer::Arithmetic::mean;
}

std::optional<Aggregate> compile_aggregate(const std::string& name, const Located<std::string>& call,
                                           const Plan& plan, Diagnostics& diagnostics) {
  return Compiler(call, plan, diagnostics).compile(name);
}

}  // namespace probe_run
