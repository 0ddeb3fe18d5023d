#include "format/text_template.h"

#include <fmt/format.h>

#include <charconv>

#include "decode/renderer.h"
#include "decode/unknown_field.h"
#include "format/plain_value.h"
#include "support/error.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::size_t width_limit = 4096;
constexpr std::size_t total_width_limit = 65536;  // of a line

class TemplateCompiler {
 public:
  TemplateCompiler(std::string_view text, const Plan& plan, std::vector<TemplateError>& errors)
      : text_(text), plan_(plan), errors_(errors) {}

  std::vector<Segment> compile() {
    check_characters();
    Segment segment;
    std::size_t i = 0;
    while (i < text_.size()) {
      const char c = text_[i];
      if ((c == '{' || c == '}') && i + 1 < text_.size() && text_[i + 1] == c) {
        segment.literal += c;
        i += 2;
      } else if (c == '}') {
        error(i, 1, "\"}\" without \"{\"", "for a literal brace write \"}}\"");
        ++i;
      } else if (c != '{') {
        segment.literal += c;
        ++i;
      } else {
        const std::size_t close = text_.find('}', i);
        if (close == std::string_view::npos) {
          error(i, text_.size() - i, "\"{\" without \"}\"", "for a literal brace write \"{{\"");
          break;
        }
        placeholder(i + 1, close, segment);
        segments_.push_back(std::move(segment));
        segment = {};
        i = close + 1;
      }
    }
    segments_.push_back(std::move(segment));
    return std::move(segments_);
  }

 private:
  void error(std::size_t offset, std::size_t length, std::string what, std::string hint) {
    errors_.push_back({offset, length, std::move(what), std::move(hint)});
  }

  // The spec of a recording is untrusted, like its records.
  void check_characters() {
    for (std::size_t i = 0; i < text_.size();) {
      const Utf8Character character = next_utf8(text_.substr(i));
      if (!character.valid || (must_escape(character.code_point) && text_[i] != '\t')) {
        error(i, character.length,
              fmt::format("a template cannot contain \"{}\"",
                          escape_for_terminal(text_.substr(i, character.length))),
              "use one line of visible characters, spaces and tabs");
      }
      i += character.length;
    }
  }

  void placeholder(std::size_t begin, std::size_t end, Segment& segment) {
    const std::string_view inside = text_.substr(begin, end - begin);
    const std::size_t colon = inside.find(':');
    const std::string_view path = inside.substr(0, colon);
    segment.field = plan_.find(path);
    if (segment.field == nullptr) {
      auto unknown = unknown_field(plan_, path);
      if (!unknown) return;
      if (path.empty()) unknown->what = "a placeholder without a field";
      return error(begin, std::max<std::size_t>(path.size(), 1), std::move(unknown->what),
                   std::move(unknown->hint));
    }
    if (colon == std::string_view::npos) return;
    const std::string_view spec = inside.substr(colon + 1);
    const std::size_t spec_begin = begin + colon + 1;
    if (spec.starts_with('%')) {
      time_format(spec, spec_begin, segment);
    } else {
      field_format(spec, spec_begin, segment);
    }
  }

  void time_format(std::string_view spec, std::size_t begin, Segment& segment) {
    if (segment.field->mistaken) return;
    if (!segment.field->scalar || segment.field->size != 8) {
      if (const std::string own = from_printf(spec); !own.empty()) {
        return error(begin, spec.size(),
                     fmt::format("\"{}\" is a format of printf", escape_for_terminal(spec)),
                     fmt::format("write {{{}:{}}}", segment.field->path, own));
      }
      return error(
          begin, spec.size(), fmt::format("the field \"{}\" is not a time", segment.field->path),
          "use a 64-bit number of nanoseconds, since boot or (rendered as timestamp) since the Unix epoch");
    }
    segment.clock = clock_of(*segment.field);
    try {
      segment.time.emplace(spec);
    } catch (const Error& failure) {
      error(begin, spec.size(), failure.diagnostics().front().what, failure.diagnostics().front().hint);
    }
  }

  // "%-16s" of printf is "<16s"; "" for a format of a time.
  static std::string from_printf(std::string_view spec) {
    spec.remove_prefix(1);
    const bool left = spec.starts_with('-');
    if (left) spec.remove_prefix(1);
    const std::size_t end = spec.find_first_not_of("#0123456789.");
    std::string_view letter = spec.substr(std::min(end, spec.size()));
    while (letter.size() > 1 && (letter[0] == 'l' || letter[0] == 'h')) letter.remove_prefix(1);
    if (letter.size() != 1 || std::string_view("diuxXosfp").find(letter[0]) == std::string_view::npos)
      return {};
    const std::string_view width = spec.substr(0, end);
    const char type = letter[0] == 'i' || letter[0] == 'u' ? 'd' : letter[0] == 'p' ? 'x' : letter[0];
    const std::string_view shown = type == 'f' ? std::string_view() : std::string_view(&type, 1);
    return fmt::format("{}{}{}", left ? "<" : "", width, shown);
  }

  void field_format(std::string_view spec, std::size_t begin, Segment& segment) {
    FieldFormat& format = segment.format;
    std::string_view rest = spec;
    const auto is_align = [](char c) { return c == '<' || c == '>' || c == '^'; };
    if (rest.size() > 1 && is_align(rest[1])) {
      format.fill = rest[0];
      format.align = rest[1];
      rest.remove_prefix(2);
    } else if (!rest.empty() && is_align(rest[0])) {
      format.align = rest[0];
      rest.remove_prefix(1);
    }
    if (rest.starts_with('#')) {
      format.prefix = true;
      rest.remove_prefix(1);
    }
    if (rest.starts_with('0')) {
      const bool is_any_number = is_number(*segment.field) || segment.field->scalar;
      if (is_any_number && (format.align == '<' || format.align == '^')) {
        return error(begin, spec.size(),
                     fmt::format("\"{}\" would append zeros to a number", escape_for_terminal(spec)),
                     "remove the 0 before the width, or the alignment");
      }
      if (format.align != '<' && format.align != '^') {
        format.zero = is_any_number;
        format.align = '>';
      }
      format.fill = '0';
      rest.remove_prefix(1);
    }
    if (const auto width = number(rest)) format.width = *width;
    if (rest.starts_with('.')) {
      rest.remove_prefix(1);
      format.precision = number(rest);
      if (!format.precision) return error(begin, spec.size(), "a \".\" without a precision", "");
    }
    if (!rest.empty() && std::string_view("dxXobs").find(rest[0]) != std::string_view::npos) {
      format.type = rest[0];
      rest.remove_prefix(1);
    }
    if (format.width > width_limit) {
      return error(begin, spec.size(), fmt::format("the width is too large: {} columns", format.width),
                   fmt::format("use at most {}", width_limit));
    }
    if (format.precision && *format.precision > width_limit) {
      return error(begin, spec.size(), fmt::format("the precision is too large: {}", *format.precision),
                   fmt::format("use at most {}", width_limit));
    }
    width_ += format.width;
    if (width_ > total_width_limit && width_ - format.width <= total_width_limit) {
      return error(begin, spec.size(), fmt::format("the line is too wide: {} columns up to here", width_),
                   fmt::format("use at most {} in all", total_width_limit));
    }
    const bool printable =
        static_cast<unsigned char>(format.fill) >= 0x20 && static_cast<unsigned char>(format.fill) < 0x7f;
    if (!rest.empty() || !printable) {
      return error(
          begin, std::max<std::size_t>(spec.size(), 1),
          fmt::format("invalid format \"{}\"", escape_for_terminal(spec)),
          "use [[fill]align][#][0][width][.precision][type], such as <16, >7 or #x; or a time such as "
          "%H:%M:%S");
    }
    if (segment.field->mistaken) return;  // its renderer decides
    if (format.precision && segment.field->scalar && segment.field->shape != Shape::rendered) {
      return error(begin, spec.size(),
                   fmt::format("a precision does not apply to the whole number \"{}\"", segment.field->path),
                   "use a precision only to cut text or to set the digits of a fraction");
    }
    if (format.type != 0 && format.type != 's' && !segment.field->scalar) {
      error(begin, spec.size(),
            fmt::format("the format \"{}\" needs an integer, but \"{}\" is not one", format.type,
                        segment.field->path),
            "");
    }
  }

  static std::optional<std::size_t> number(std::string_view& rest) {
    std::size_t value = 0;
    const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (failure != std::errc()) return std::nullopt;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    return value;
  }

  std::string_view text_;
  const Plan& plan_;
  std::vector<TemplateError>& errors_;
  std::vector<Segment> segments_;
  std::size_t width_ = 0;  // of the placeholders so far
};

}  // namespace

std::vector<Segment> compile_template(std::string_view text, const Plan& plan,
                                      std::vector<TemplateError>& errors) {
  return TemplateCompiler(text, plan, errors).compile();
}

}  // namespace probe_run
