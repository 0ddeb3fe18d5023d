#include "spec/json_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "spec/json_mistake.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

using nlohmann::json;

constexpr std::size_t depth_limit = 64;
constexpr int number_overflow = 406;  // nlohmann's number for 1e400

// nlohmann's SAX events have no position. They come in the order of the text, so this follows the text in parallel:
// each event's token begins after the end of the last one, skipping white space, commas and colons.
class Builder : public nlohmann::json_sax<json> {
 public:
  explicit Builder(Diagnostics& diagnostics)
      : diagnostics_(diagnostics), text_(diagnostics.source().text()) {}

  std::optional<Value> result() && { return std::move(root_); }

  bool null() override { return scalar(Value::Null{}); }
  bool boolean(bool value) override { return scalar(value); }
  bool number_integer(std::int64_t value) override { return scalar(value); }
  bool number_unsigned(std::uint64_t value) override { return scalar(value); }
  bool number_float(double value, const std::string& written) override {
    // The reader reports integers that do not fit into 64 bits as floats.
    if (written.find_first_of(".eE") == std::string::npos) return scalar(Value::BigNumber{written});
    return scalar(value);
  }
  bool string(std::string& value) override { return scalar(std::move(value)); }
  bool binary(json::binary_t&) override { return false; }  // JSON text has none

  bool start_object(std::size_t) override { return open(Value::Object{}); }
  bool start_array(std::size_t) override { return open(Value::Array{}); }
  bool end_object() override {
    report_duplicates(std::get<Value::Object>(stack_.back().data));
    return close();
  }
  bool end_array() override { return close(); }

  bool key(std::string& name) override {
    const Span at = next_token();
    std::get<Value::Object>(stack_.back().data).push_back({{std::move(name), at}, {}});
    last_is_key_ = true;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const json::exception& exception) override {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while parsing object -
    // unexpected string literal; expected '}'", or "... - invalid literal; last read: ...": the line is
    // shown, so only the middle is news.
    std::string reason = exception.what();
    // Removes the quoted part of the file first, which can contain anything.
    reason.resize(std::min(reason.find("; last read: "), reason.size()));
    for (const std::string_view frame : {": ", " - ", "invalid string: "}) {
      if (const std::size_t cut = reason.find(frame); cut != std::string::npos)
        reason.erase(0, cut + frame.size());
    }
    if (reason.ends_with("expected '}'") || reason.ends_with("expected ']'")) {
      reason.insert(reason.size() - 3,
                    "',' or ");  // the reader also accepts a comma, but does not say so
    }
    if (exception.id == number_overflow) reason = "number overflow";
    JsonProgress progress{last_, last_is_key_, {}};
    for (const Value& open : stack_) progress.open.push_back(open.at);
    JsonMistake mistake = explain_json(diagnostics_.source(), progress, position, reason);
    diagnostics_.error(mistake.at, std::move(mistake.what), std::move(mistake.hint));
    return false;
  }

 private:
  void report_duplicates(const Value::Object& members) {
    std::unordered_set<std::string_view> keys;
    for (const Member& member : members) {
      if (keys.insert(*member.key).second) continue;
      diagnostics_.error(member.key.at, fmt::format("duplicate key \"{}\"", escape_for_terminal(*member.key)),
                         "remove one of them: JSON readers silently use only one");
    }
  }

  Span next_token() {
    last_is_key_ = false;
    cursor_ = std::min(text_.find_first_not_of(" \t\r\n,:", cursor_), text_.size());
    // A byte order mark is allowed before the first token.
    if (text_.substr(cursor_).starts_with("\xef\xbb\xbf"))
      cursor_ = text_.find_first_not_of(" \t\r\n", cursor_ + 3);
    const std::size_t begin = cursor_;
    if (begin >= text_.size()) return {begin, begin};
    const char first = text_[begin];
    if (first == '"') {
      for (++cursor_; cursor_ < text_.size() && text_[cursor_] != '"'; ++cursor_) {
        if (text_[cursor_] == '\\') ++cursor_;
      }
      ++cursor_;
    } else if (std::string_view("[]{}").find(first) != std::string_view::npos) {
      ++cursor_;
    } else {
      cursor_ = std::min(text_.find_first_of(" \t\r\n,:]}", cursor_), text_.size());
    }
    last_ = {begin, std::min(cursor_, text_.size())};
    return last_;
  }

  template <class T>
  bool scalar(T data) {
    const Span at = next_token();
    place({std::move(data), at});
    return true;
  }

  template <class T>
  bool open(T data) {
    const Span at = next_token();
    if (stack_.size() >= depth_limit) {
      diagnostics_.error(at, fmt::format("nested deeper than {} levels", depth_limit));
      return false;
    }
    stack_.push_back({std::move(data), at});
    return true;
  }

  bool close() {
    const Span at = next_token();
    Value value = std::move(stack_.back());
    stack_.pop_back();
    value.at.end = at.end;
    place(std::move(value));
    return true;
  }

  void place(Value value) {
    if (stack_.empty()) {
      root_ = std::move(value);
    } else if (auto* array = std::get_if<Value::Array>(&stack_.back().data)) {
      array->push_back(std::move(value));
    } else {
      std::get<Value::Object>(stack_.back().data).back().value = std::move(value);
    }
  }

  Diagnostics& diagnostics_;
  std::string_view text_;
  std::size_t cursor_ = 0;
  Span last_;  // the last token
  bool last_is_key_ = false;
  std::vector<Value> stack_;  // the objects and arrays that are still open
  std::optional<Value> root_;
};

}  // namespace

std::string_view Value::kind() const {
  struct Name {
    std::string_view operator()(const Null&) const { return "null"; }
    std::string_view operator()(const Unknown&) const { return "a parameter without a value"; }
    std::string_view operator()(bool) const { return "true or false"; }
    std::string_view operator()(std::int64_t) const { return "a number"; }
    std::string_view operator()(std::uint64_t) const { return "a number"; }
    std::string_view operator()(double) const { return "a number with a fraction"; }
    std::string_view operator()(const BigNumber&) const { return "a number beyond 64 bits"; }
    std::string_view operator()(const std::string&) const { return "a string"; }
    std::string_view operator()(const Array&) const { return "a list"; }
    std::string_view operator()(const Object&) const { return "an object"; }
  };
  return std::visit(Name{}, data);
}

std::optional<Value> read_json(Diagnostics& diagnostics) {
  if (diagnostics.source().text().find_first_not_of(" \t\r\n\xef\xbb\xbf") == std::string_view::npos) {
    diagnostics.error({}, "the file is empty", "write a spec as one JSON object; see docs/spec.md");
    return std::nullopt;
  }
  if (auto mistake = not_text(diagnostics.source().text())) {
    diagnostics.error_without_place(
        fmt::format("{}: {}", escape_for_terminal(diagnostics.source().file()), mistake->what),
        std::move(mistake->hint));
    return std::nullopt;
  }
  // nlohmann treats a NUL as the end of the text.
  if (const std::size_t nul = diagnostics.source().text().find('\0'); nul != std::string_view::npos) {
    diagnostics.error({nul, nul + 1}, "not valid JSON: a NUL byte");
    return std::nullopt;
  }
  Builder builder(diagnostics);
  const std::string_view text = diagnostics.source().text();
  const bool complete = json::sax_parse(text.begin(), text.end(), &builder);
  if (!complete || diagnostics.failed()) return std::nullopt;
  return std::move(builder).result();
}

}  // namespace probe_run
