#include "spec/json_mistake.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "support/lookalike.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::string_view white_space = " \t\r\n";
constexpr std::size_t longest_quoted = 40;  // characters of a word that a message repeats

struct Encoding {
  std::string_view begin;
  std::string_view name;
};
// The longer ones first. Without a mark, the brace of an object is the first character.
constexpr Encoding encodings[] = {{{"\xff\xfe\0\0", 4}, "UTF-32"}, {{"\0\0\xfe\xff", 4}, "UTF-32"},
                                  {{"{\0\0\0", 4}, "UTF-32"},      {{"\0\0\0{", 4}, "UTF-32"},
                                  {"\xff\xfe", "UTF-16"},          {"\xfe\xff", "UTF-16"},
                                  {{"{\0", 2}, "UTF-16"},          {{"\0{", 2}, "UTF-16"}};

constexpr Encoding compressions[] = {{"\x1f\x8b", "gzip -d"},
                                     {"\x28\xb5\x2f\xfd", "zstd -d"},
                                     {"\xfd"
                                      "7zXZ",
                                      "xz -d"},
                                     {"BZh", "bzip2 -d"},
                                     {"PK\x03\x04", "unzip"}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// "0x10" is 16.
std::optional<std::uint64_t> based_number(std::string_view digits) {
  if (digits.size() < 3 || digits[0] != '0') return std::nullopt;
  const char letter = static_cast<char>(digits[1] | 0x20);
  const int base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
  if (base == 0) return std::nullopt;
  std::uint64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto result = std::from_chars(digits.data() + 2, end, value, base);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

std::string lower_case(std::string_view word) {
  std::string lower(word);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return lower;
}

class Explanation {
 public:
  Explanation(const SourceText& source, const JsonProgress& progress, std::size_t end,
              std::string_view reason)
      : source_(source),
        text_(source.text()),
        progress_(progress),
        end_(std::min(end, text_.size())),
        reason_(reason) {
    token_ = std::min(text_.find_first_not_of(" \t\r\n,:", progress.last.end), text_.size());
    fault_ = end_ > 0 && end <= text_.size() ? end_ - 1 : end_;
  }

  JsonMistake explain() {
    if (reason_ == "number overflow") return {{token_, end_}, "the number is too large", {}};
    if (reason_.starts_with("invalid number")) return number({token_, end_of_word(token_)});
    if (reason_.starts_with("unexpected end of input")) return unclosed();
    if (reason_.starts_with("unexpected")) return unexpected();
    if (reason_ == "invalid literal") return literal();
    return string();
  }

 private:
  std::size_t end_of_word(std::size_t begin) const {
    const std::size_t end = std::min(text_.find_first_of(" \t\r\n,:[]{}\"", begin), text_.size());
    return std::max(end, std::min(begin + 1, text_.size()));
  }

  std::string_view at(Span span) const { return text_.substr(span.begin, span.end - span.begin); }

  // What is between the last token and the one at fault: a comma, a colon, or only white space.
  std::string_view gap() const {
    if (token_ <= progress_.last.end) return {};
    return text_.substr(progress_.last.end, token_ - progress_.last.end);
  }
  bool gap_has(char c) const { return gap().find(c) != std::string_view::npos; }

  bool last_is_string() const {
    return progress_.last.end > progress_.last.begin && text_[progress_.last.begin] == '"';
  }
  char open_bracket() const { return progress_.open.empty() ? '\0' : text_[progress_.open.back().begin]; }

  std::string place(Span span) const {
    const Excerpt where = source_.excerpt(span);
    return fmt::format("line {}, column {}", where.line, where.column);
  }

  static std::string_view closing(char open) { return open == '{' ? "}" : "]"; }

  // The bracket `open` should have been closed before the token at fault.
  JsonMistake not_closed_before(Span open, std::string_view other_hint = {}) {
    const char bracket = text_[open.begin];
    return {{token_, std::min(token_ + 1, text_.size())},
            fmt::format("the \"{}\" of {} is not closed", bracket, place(open)),
            fmt::format("add \"{}\" before this{}", closing(bracket), other_hint)};
  }

  // A closing bracket at the beginning of a line belongs to the line with its indentation: the deeper bracket that it
  // closes instead is the one without its own.
  std::optional<Span> by_indentation() const {
    struct Open {
      std::size_t at, indentation;
    };
    std::vector<Open> open;
    std::size_t line = 0, indentation = 0;
    bool in_string = false, first = true;
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      if (in_string) {
        if (c == '\\') ++i;
        in_string = c != '"';
        continue;
      }
      if (c == '\n') line = i + 1, first = true;
      if (white_space.find(c) != std::string_view::npos) continue;
      if (first) indentation = i - line;
      if (c == '"') in_string = true;
      if (c == '{' || c == '[') open.push_back({i, indentation});
      if ((c == '}' || c == ']') && !open.empty()) {
        const auto alike = [&](const Open& one) {
          return one.indentation == indentation && closing(text_[one.at])[0] == c;
        };
        const Open& innermost = open.back();
        if (first && innermost.indentation > indentation && std::any_of(open.begin(), open.end(), alike))
          return Span{innermost.at, innermost.at + 1};
        open.pop_back();
      }
      first = false;
    }
    return std::nullopt;
  }

  JsonMistake unclosed() {
    if (progress_.open.empty()) return {{end_, end_}, "the text ends here", "write one JSON object"};
    const Span open = by_indentation().value_or(progress_.open.back());
    const char bracket = text_[open.begin];
    return {open, fmt::format("\"{}\" is not closed", bracket),
            fmt::format("add \"{}\" where it ends", closing(bracket))};
  }

  // A string ended earlier than meant: at a quote within it, or it began or ended with another character.
  std::optional<JsonMistake> string_ended() const {
    const Span last = progress_.last;
    if (!last_is_string() || gap().find_first_of(",:\n") != std::string_view::npos) return std::nullopt;
    const bool adjacent = token_ == last.end;
    const bool is_string = token_ < text_.size() && text_[token_] == '"';
    if (is_string && !adjacent) return std::nullopt;              // a comma is missing
    if (progress_.last_is_key && !adjacent) return std::nullopt;  // a colon is
    if (auto mistake = typographic({last.begin + 1, last.end - 1})) return mistake;
    return JsonMistake{{last.end - 1, last.end},
                       "the string ends here, but text follows",
                       "write a quote within a string as \\\", or in a condition as ': comm == 'bash'"};
  }

  std::optional<JsonMistake> typographic(Span within) const {
    for (std::size_t i = within.begin; i < within.end; ++i) {
      if ((text_[i] & 0x80) == 0) continue;
      const auto found = lookalike(text_.substr(i));
      if (found && found->what.ends_with("quote")) {
        return JsonMistake{{i, i + next_utf8(text_.substr(i)).length},
                           found->what,
                           "end the string with a straight double quote (\")"};
      }
    }
    return std::nullopt;
  }

  JsonMistake unexpected() {
    const std::size_t begin = token_ < end_ ? token_ : fault_;
    // A number or word that goes on where it should have ended.
    if (fault_ < progress_.last.end && fault_ >= progress_.last.begin && !last_is_string())
      return word(progress_.last);
    const char fault = begin < text_.size() ? text_[begin] : '\0';
    if (reason_.ends_with("expected end of input") &&
        (text_[fault_] == ',' || fault == ']' || fault == '}')) {
      return {progress_.last, "the spec ends here, but more follows",
              "remove this bracket or the text after it: a spec is one JSON object"};
    }
    if (reason_.ends_with("expected end of input")) {
      return {{begin, end_},
              std::string(reason_),
              "remove the text after the end of the spec, which is one JSON object"};
    }
    if ((fault == ']' && open_bracket() == '{') || (fault == '}' && open_bracket() == '['))
      return not_closed_before(progress_.open.back());
    if (fault == ']' || fault == '}') {
      std::string hint;
      if (gap_has(',')) hint = "remove the comma after the last item";
      if (gap_has(':')) hint = "add the value after the colon";
      return {{begin, end_}, std::string(reason_), std::move(hint)};
    }
    if (auto mistake = string_ended()) return *mistake;
    if ((fault == '{' || fault == '[') && open_bracket() == '{' && !gap_has(':') && !reason_.ends_with("':'"))
      return not_closed_before(progress_.open.back());
    if (fault == ':' || (reason_.starts_with("unexpected ':'") && open_bracket() == '[')) {
      token_ = fault_;
      if (open_bracket() == '[')
        return not_closed_before(progress_.open.back(), ", or write an object in braces: { \"key\": ... }");
    }
    std::string hint;
    if (text_.substr(fault_).starts_with(',')) {
      hint = "remove the comma, or add what is missing before it";
      return {{fault_, end_}, std::string(reason_), std::move(hint)};
    }
    const bool nothing_between = gap().find_first_of(",:") == std::string_view::npos;
    if (nothing_between && reason_.find("',' or") != std::string::npos)
      hint = "add a comma after the last item";
    if (reason_.ends_with("expected ':'")) hint = "add a colon after the key";
    return {{begin, end_}, std::string(reason_), std::move(hint)};
  }

  JsonMistake literal() {
    if (fault_ < progress_.last.end && fault_ >= progress_.last.begin && !last_is_string())
      return word(progress_.last);
    const std::size_t begin = token_ < end_ ? token_ : fault_;
    const char first = text_[begin];
    if (first == '/' || first == '#') {
      return {
          {begin, end_},
          "a comment",
          "remove it, because JSON has no comments, or use a key that begins with \"$\", which is ignored: "
          "\"$comment\": \"...\""};
    }
    const Utf8Character character = next_utf8(text_.substr(begin));
    const Span one{begin, begin + character.length};
    if (auto found = lookalike(text_.substr(begin))) {
      const bool quote = found->what.ends_with("quote");
      return {one, std::move(found->what),
              quote ? "use straight double quotes (\") for keys and strings" : std::move(found->hint)};
    }
    if (auto mistake = string_ended()) return *mistake;
    return word({begin, end_of_word(begin)});
  }

  // A word, or a number that JSON does not have.
  JsonMistake word(Span span) {
    const std::string_view word = at(span);
    if (word.size() > 1 && word.ends_with(';')) {
      return {{span.end - 1, span.end}, "unexpected \";\"", "write \",\" between items"};
    }
    const char first = word.empty() ? '\0' : word[0];
    if (is_digit(first) || first == '-' || first == '+' || first == '.') return number(span);
    const std::string shown = escape_for_terminal(word.substr(0, longest_quoted));
    const std::string lower = lower_case(word);
    const auto mistake = [&](std::string hint) {
      return JsonMistake{span, fmt::format("{} is not a JSON value", shown), std::move(hint)};
    };
    const std::size_t next = text_.find_first_not_of(white_space, span.end);
    const bool in_key_place = span.begin >= progress_.last.end && !gap_has(':') && !progress_.last_is_key;
    const bool is_key = open_bracket() == '{' && in_key_place && next != std::string_view::npos;
    if (first == '\'' || first == '`') {
      return {{span.begin, span.begin + 1},
              fmt::format("{} does not begin a string", first),
              "write keys and strings in double quotes"};
    }
    if (first == ';' || first == '=' || first == '(' || first == '<') {
      return {{span.begin, span.begin + 1},
              fmt::format("unexpected \"{}\"", first),
              first == '=' ? "write \":\" between a key and its value" : "write \",\" between items"};
    }
    if (is_key || (progress_.open.empty() && next != std::string_view::npos && text_[next] == ':'))
      return {span, fmt::format("the key {} is not in double quotes", shown),
              fmt::format("write \"{}\"", shown)};
    if (lower == "yes" || lower == "no" || lower == "on" || lower == "off")
      return mistake("write true or false");
    if (lower == "none" || lower == "nil" || lower == "undefined")
      return mistake("leave the key out, or write null");
    if (lower == "nan" || lower == "inf" || lower == "infinity")
      return mistake("JSON has only finite numbers");
    static constexpr std::string_view literals[] = {"true", "false", "null"};
    if (std::find(std::begin(literals), std::end(literals), lower) != std::end(literals))
      return mistake(fmt::format("did you mean {}?", lower));
    if (const std::string_view near = nearest(lower, literals); !near.empty())
      return mistake(fmt::format("did you mean {}?", near));
    if (!word.empty() && ((lower[0] >= 'a' && lower[0] <= 'z') || lower[0] == '_' || lower[0] == '$'))
      return mistake(fmt::format("write a string in double quotes: \"{}\"", shown));
    return mistake(
        "write keys and strings in double quotes, numbers in decimal, and true, false or null in lower case");
  }

  JsonMistake number(Span span) const {
    const std::string_view word = at(span);
    const std::string shown = escape_for_terminal(word.substr(0, longest_quoted));
    const auto mistake = [&](std::string hint) {
      return JsonMistake{span, fmt::format("{} is not a JSON number", shown), std::move(hint)};
    };
    std::string_view digits = word;
    const bool negative = digits.starts_with('-');
    if (negative || digits.starts_with('+')) digits.remove_prefix(1);
    const std::string_view sign = negative ? "-" : "";
    if (digits == "Infinity" || digits == "inf") return mistake("JSON has only finite numbers");
    if (const auto value = based_number(digits)) return mistake(fmt::format("write {}{}", sign, *value));
    const std::size_t significant = digits.find_first_not_of('0');
    const bool whole = !digits.empty() && std::all_of(digits.begin(), digits.end(), is_digit);
    if (whole && digits.size() > 1 && digits[0] == '0') {
      const std::string_view rest =
          significant == std::string_view::npos ? std::string_view("0") : digits.substr(significant);
      return mistake(fmt::format("write {}{}: a number has no leading zeros", sign,
                                 escape_for_terminal(rest.substr(0, longest_quoted))));
    }
    if (whole && word.starts_with('+')) return mistake(fmt::format("write {}", shown.substr(1)));
    if (digits.starts_with('.')) return mistake("write a digit before the point, such as 0.5");
    if (digits.ends_with('.')) return mistake("write a digit after the point, such as 1.0");
    if (digits.find('_') != std::string_view::npos) return mistake("write only its digits");
    const bool has_unit = digits.find_first_not_of("0123456789.eE") != std::string_view::npos;
    if (has_unit && is_digit(digits[0]) &&
        !std::any_of(word.begin(), word.end(), [](char c) { return (c & 0x80) != 0; })) {
      return mistake(fmt::format("write text in double quotes: \"{}\"", shown));
    }
    return mistake("write digits, such as 10, -1 or 1.5e-9");
  }

  // The reader stopped within a string.
  JsonMistake string() {
    std::string hint;
    const bool unclosed =
        reason_.starts_with("control character U+000A") || reason_.starts_with("missing closing");
    if (unclosed) {
      if (auto mistake = typographic({token_, end_})) return *mistake;
      hint = "add the closing double quote";
    }
    return {{fault_, end_}, std::string(reason_), std::move(hint)};
  }

  const SourceText& source_;
  std::string_view text_;
  const JsonProgress& progress_;
  std::size_t end_;    // after the last byte that was read
  std::size_t token_;  // where the token after the last begins
  std::size_t fault_;  // the last byte that was read
  std::string_view reason_;
};

}  // namespace

std::optional<JsonMistake> not_text(std::string_view text) {
  for (const Encoding& encoding : encodings) {
    if (!text.starts_with(encoding.begin)) continue;
    return JsonMistake{{},
                       fmt::format("the file is {}, not UTF-8", encoding.name),
                       fmt::format("save it as UTF-8: iconv -f {} -t UTF-8", encoding.name)};
  }
  for (const Encoding& compression : compressions) {
    if (!text.starts_with(compression.begin)) continue;
    return JsonMistake{
        {}, "the file is compressed", fmt::format("decompress it first: {}", compression.name)};
  }
  return std::nullopt;
}

JsonMistake explain_json(const SourceText& source, const JsonProgress& progress, std::size_t end,
                         std::string_view reason) {
  JsonMistake mistake = Explanation(source, progress, end, reason).explain();
  mistake.what.insert(0, "not valid JSON: ");
  return mistake;
}

}  // namespace probe_run
