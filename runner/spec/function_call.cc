#include "spec/function_call.h"

#include <algorithm>

#include "spec/string_place.h"

namespace probe_run {
namespace {

constexpr std::string_view blanks = " \t\n\r";

// Without surrounding spaces.
FunctionCall::Word trimmed(std::string_view text, std::size_t offset) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {text.substr(0, 0), offset};
  const std::size_t end = text.find_last_not_of(blanks) + 1;
  return {text.substr(begin, end - begin), offset + begin};
}

}  // namespace

std::optional<FunctionCall> parse_function_call(const Located<std::string>& text, std::string_view example,
                                                Diagnostics& diagnostics) {
  const std::string_view all = *text;
  const auto error = [&](std::size_t offset, std::size_t length, std::string what, std::string_view hint) {
    diagnostics.error(place_in(text, diagnostics.source(), offset, length), std::move(what),
                      std::string(hint));
    return std::nullopt;
  };
  FunctionCall call;
  const std::size_t open = all.find('(');
  call.function = trimmed(all.substr(0, open), 0);
  if (call.function.text.empty()) return error(0, all.size(), "a function is missing", example);
  if (open == std::string_view::npos) {
    const std::size_t stray = all.find(')');
    if (stray != std::string_view::npos) return error(stray, 1, "\")\" without \"(\"", example);
    return call;
  }
  const std::size_t close = all.find(')', open);
  if (close == std::string_view::npos) return error(open, 1, "\"(\" without \")\"", example);
  const std::size_t second = all.find('(', open + 1);
  if (second < close) return error(second, 1, "an argument cannot be a function", example);
  const FunctionCall::Word rest = trimmed(all.substr(close + 1), close + 1);
  if (!rest.text.empty())
    return error(rest.offset, rest.text.size(), "unexpected text after the \")\"", example);
  call.has_parentheses = true;
  if (trimmed(all.substr(open + 1, close - open - 1), open + 1).text.empty()) return call;
  for (std::size_t begin = open + 1; begin <= close;) {
    const std::size_t end = std::min(all.find(',', begin), close);
    const FunctionCall::Word word = trimmed(all.substr(begin, end - begin), begin);
    if (word.text.empty()) return error(end, 1, "an argument is missing", example);
    call.arguments.push_back(word);
    begin = end + 1;
  }
  return call;
}

}  // namespace probe_run
