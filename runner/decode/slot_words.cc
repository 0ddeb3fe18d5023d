#include "decode/slot_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "decode/field.h"
#include "decode/renderer.h"
#include "decode/renderers/unit.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

using Word = FunctionCall::Word;

constexpr std::string_view blanks = " \t\n\r";

class Reader {
 public:
  Reader(const Located<std::string>& text, Diagnostics& diagnostics)
      : text_(text), diagnostics_(diagnostics) {}

  std::optional<SlotWords> take(FunctionCall& call) {
    std::vector<Word> others;
    others.reserve(call.arguments.size());
    for (const Word& argument : call.arguments) {
      const std::size_t equals = argument.text.find('=');
      if (equals == std::string_view::npos) {
        others.push_back(argument);
      } else if (!take(part(argument, 0, equals),
                       part(argument, equals + 1, argument.text.size() - equals - 1))) {
        return std::nullopt;
      }
    }
    call.arguments = std::move(others);
    if (words_.sum_slot && !words_.last_slot) words_.last_slot = *words_.sum_slot - 1;
    if (words_.sum_slot && *words_.sum_slot <= *words_.last_slot) {
      error(*words_.sum, "the slot of the sum is not after the last slot",
            fmt::format("use a slot from {}, or the field with the sum", *words_.last_slot + 1));
      return std::nullopt;
    }
    return words_;
  }

 private:
  static Word part(const Word& of, std::size_t begin, std::size_t length) {
    std::string_view text = of.text.substr(begin, length);
    const std::size_t blank = std::min(text.find_first_not_of(blanks), text.size());
    text.remove_prefix(blank);
    text = text.substr(0, text.find_last_not_of(blanks) + 1);
    return {text, of.offset + begin + blank};
  }

  bool error(const Word& at, std::string what, std::string hint) {
    const std::size_t length = std::max<std::size_t>(at.text.size(), 1);
    diagnostics_.error(place_in(text_, diagnostics_.source(), at.offset, length), std::move(what),
                       std::move(hint));
    return false;
  }

  bool take(const Word& name, const Word& value) {
    const bool last = name.text == "last";
    if (!last && name.text != "sum") {
      constexpr std::string_view names[] = {"last", "sum"};
      return error(name, fmt::format("unknown argument \"{}\"", escape_for_terminal(name.text)),
                   suggestion(name.text, names, "arguments with a name"));
    }
    std::optional<Word>& word = last ? words_.last : words_.sum;
    if (word) return error(name, fmt::format("duplicate argument \"{}\"", name.text), "remove one of them");
    word = value;
    const bool digits =
        !value.text.empty() && value.text.find_first_not_of("0123456789") == std::string_view::npos;
    if (!digits) {
      if (!last && !value.text.empty()) return true;
      return error(value,
                   fmt::format("\"{}\" needs the number of a slot{}", name.text, last ? "" : ", or a field"),
                   last ? "write \"last=26\"" : "write \"sum=27\" or \"sum=total\"");
    }
    std::uint32_t slot = 0;
    const char* const end = value.text.data() + value.text.size();
    const auto parsed = std::from_chars(value.text.data(), end, slot);
    if (parsed.ec != std::errc() || slot > SlotWords::most_slots) {
      return error(value, fmt::format("slot {} is out of range", value.text),
                   fmt::format("use a number up to {}", SlotWords::most_slots));
    }
    if (!last && slot == 0) return error(value, "slot 0 cannot be the sum", "use a slot after the last one");
    (last ? words_.last_slot : words_.sum_slot) = slot;
    return true;
  }

  const Located<std::string>& text_;
  Diagnostics& diagnostics_;
  SlotWords words_;
};

}  // namespace

std::optional<SlotWords> take_slot_words(FunctionCall& call, const Located<std::string>& text,
                                         Diagnostics& diagnostics) {
  return Reader(text, diagnostics).take(call);
}

std::optional<double> sum_factor(const Field& sum, const std::string& unit, const FunctionCall::Word& word,
                                 const Located<std::string>& text, Diagnostics& diagnostics) {
  const auto refuse = [&](std::string what, std::string hint) -> std::optional<double> {
    if (!sum.mistaken) {
      diagnostics.error(place_in(text, diagnostics.source(), word.offset, word.text.size()), std::move(what),
                        std::move(hint));
    }
    return std::nullopt;
  };
  const std::string shown = escape_for_terminal(word.text);
  if (arithmetic_of(sum) < Renderer::Arithmetic::sum || network_bytes(sum) != 0) {
    return refuse(fmt::format("the sum \"{}\" is not a number that can be added", shown),
                  "use the field in which the program adds the values");
  }
  const std::string own(sum.unit.empty() && sum.shape == Shape::rendered ? sum.renderer->unit
                                                                         : std::string_view(sum.unit));
  const std::optional<KnownUnit> from = known_unit(own);
  const std::optional<KnownUnit> to = known_unit(unit);
  if (own.empty() || unit.empty() || own == unit) return 1;
  if (!from || !to || from->dimension != to->dimension) {
    return refuse(fmt::format("the sum \"{}\" has the unit \"{}\", but the slots have \"{}\"", shown,
                              escape_for_terminal(own), escape_for_terminal(unit)),
                  "use a sum of the same values, or correct \"unit\"");
  }
  return static_cast<double>(from->factor) / static_cast<double>(to->factor);
}

}  // namespace probe_run
