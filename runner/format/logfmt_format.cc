// The logfmt format: a line of key=value pairs, as Heroku and Go's log packages write them and Loki reads them.
//
// A value is quoted if a reader would not accept it unquoted. Escapes in quotes are those of JSON, which all readers
// know.
#include <algorithm>

#include "format/column.h"
#include "format/format.h"
#include "format/json_value.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

bool is_space(char32_t c) noexcept {
  return c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f ||
         c == 0x3000;
}

// Characters that end an unquoted word or are not allowed in it.
bool breaks_word(const Utf8Character& character) noexcept {
  const char32_t c = character.code_point;
  return !character.valid || c <= ' ' || c == '=' || c == '"' || must_escape(c) || is_space(c);
}

bool is_word(std::string_view text) noexcept {
  if (text.empty()) return false;
  while (!text.empty()) {
    const Utf8Character character = next_utf8(text);
    if (breaks_word(character)) return false;
    text.remove_prefix(character.length);
  }
  return true;
}

// A key cannot be quoted.
std::string as_key(std::string_view name) {
  std::string key;
  while (!name.empty()) {
    const Utf8Character character = next_utf8(name);
    if (breaks_word(character)) {
      key += '_';
    } else {
      key += name.substr(0, character.length);
    }
    name.remove_prefix(character.length);
  }
  return key.empty() ? "_" : key;
}

class LogfmtFormat final : public Format {
 public:
  explicit LogfmtFormat(const std::vector<Column>& columns) {
    for (const Column& column : columns) pairs_.push_back({as_key(column.name) + "=", column});
  }

  // Absent fields are omitted.
  void row(Bytes record, const RenderContext& context, TextBuffer& out) noexcept override {
    bool first = true;
    for (const Pair& pair : pairs_) {
      const Field& field = *pair.column.field;
      const bool other = pair.column.other.in(record);
      if (other ? pair.column.other.text.empty() : !present(field, record)) continue;
      if (!first) out.append(' ');
      first = false;
      out.append(pair.key);
      if (other) {
        out.append(pair.column.other.text);
      } else {
        append_value(field, record, context, out);
      }
    }
    if (!interval_.empty()) {
      if (!first) out.append(' ');
      out.append(interval_);
    }
    out.append('\n');
  }
  Partial partial(Duration lasted, TextBuffer&) noexcept override {
    interval_ = "$interval=" + partial_seconds(lasted);
    return Partial::marked;
  }

 private:
  struct Pair {
    std::string key;  // with the "="
    Column column;
  };

  void append_value(const Field& field, Bytes record, const RenderContext& context,
                    TextBuffer& out) noexcept {
    if (is_number(field)) return append_plain(field, record, context, Reader::program, out);
    value_.clear();
    if (is_list(field)) {
      append_json(field, record, context, value_);
    } else {
      append_plain(field, record, context, Reader::program, value_);
    }
    if (is_word(value_.view())) return out.append(value_.view());
    append_json_string(out, value_.view());
  }

  // Lists are written as JSON, so that their elements can be distinguished.
  static bool is_list(const Field& field) noexcept {
    if (field.histogram || field.shape == Shape::array) return true;
    return field.shape == Shape::rendered && is_several(form_of(field));
  }

  std::vector<Pair> pairs_;
  TextBuffer value_;
  std::string interval_;  // $interval=0.2 or nothing
};

}  // namespace

std::unique_ptr<Format> compile_logfmt(const FormatRequest& request, Diagnostics& diagnostics) {
  return std::make_unique<LogfmtFormat>(compile_columns(request.output, request.plan, true, diagnostics));
}

}  // namespace probe_run
