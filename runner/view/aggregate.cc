#include "view/aggregate.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "decode/renderer.h"
#include "decode/slot_words.h"
#include "decode/unknown_field.h"
#include "spec/string_place.h"
#include "support/suggest.h"
#include "support/utf8.h"
#include "view/histogram_call.h"
#include "view/row_value.h"

namespace probe_run {
namespace {

using Function = Aggregate::Function;
using Word = FunctionCall::Word;

constexpr std::string_view example =
    "use a function of fields, such as \"count\", \"sum(bytes)\" or \"p99(latency)\"";

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
    {"exp2", "exp2(FIELD)", Function::histogram},
    {"exp2zero", "exp2zero(FIELD)", Function::histogram},
    {"linear", "linear(FIELD, MIN, MAX, STEP)", Function::histogram},
    {"fixed", "fixed(FIELD, BOUND, BOUND...)", Function::histogram},
    {"exponential", "exponential(FIELD)", Function::exponential},
    {"slots",
     "slots(INDEX, COUNT, log2), or exp2, or exp2zero, or linear, MIN, STEP, SLOTS, or fixed, BOUND, BOUND...",
     Function::slots}};

// "p50", "p99.9"; nullopt for another word.
std::optional<double> percent_of(std::string_view word) {
  if (!word.starts_with('p') || word.size() < 2 || word[1] < '0' || word[1] > '9') return std::nullopt;
  double value = 0;
  const char* const end = word.data() + word.size();
  const auto parsed = std::from_chars(word.data() + 1, end, value, std::chars_format::fixed);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return value;
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
    if (!find_function() || !take_words() || !check_argument_count()) return std::nullopt;
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

  // "last=26" and "sum=27".
  bool take_words() {
    if (result_.function != Function::histogram && result_.function != Function::slots) return true;
    const auto words = take_slot_words(call_, text_, diagnostics_);
    if (!words) return false;
    words_ = *words;
    if (words_.sum && result_.function == Function::histogram) {
      return error(*words_.sum,
                   fmt::format("\"{}\" has the sum of its values by itself", call_.function.text),
                   "remove \"sum\"");
    }
    return true;
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
        most = HistogramCall::slot_limit;
        break;
      case Function::histogram:
        if (call_.function.text == "linear") least = most = 4;
        if (call_.function.text == "fixed") least = 2, most = HistogramCall::slot_limit;
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
      if (auto unknown = unknown_field(plan_, word.text))
        error(word, std::move(unknown->what), std::move(unknown->hint));
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
        if (result_.function == Function::exponential) result_.histogram = exponential_histogram(field);
        return true;
      case Function::histogram:
        if (!is_quantity(field)) return refuse(first, field, "a number");
        result_.histogram = histogram_call().of_values(field, words_);
        return result_.histogram != nullptr;
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

  bool slots(const Word& first, const Field& index) {
    const Word& second = call_.arguments[1];
    if (!index.scalar) return refuse(first, index, "an integer as the slot's number");
    result_.counts = find_field(second);
    if (result_.counts == nullptr) return false;
    if (!is_quantity(*result_.counts) || is_floating(*result_.counts) || is_wide(*result_.counts)) {
      return refuse(second, *result_.counts, "an integer of up to 64 bits as the slot's count");
    }
    if (words_.names_field()) {
      result_.sum = find_field(*words_.sum);
      if (result_.sum == nullptr) return false;
    }
    result_.histogram = histogram_call().of_slots(index, words_, result_.sum);
    return result_.histogram != nullptr;
  }

  HistogramCall histogram_call() const { return HistogramCall(text_, call_, form_, diagnostics_); }

  const Located<std::string>& text_;
  const Plan& plan_;
  Diagnostics& diagnostics_;
  FunctionCall call_;
  SlotWords words_;
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
