#include "support/source_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <set>
#include <utility>

#include "support/fd.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::size_t excerpt_width = 100;  // characters of a line that are shown

// One character a terminal can show for each character of the line, so that the caret stays below its target.
std::vector<std::string> displayed(std::string_view line) {
  std::vector<std::string> characters;
  while (!line.empty()) {
    const Utf8Character character = next_utf8(line);
    const std::string_view bytes = line.substr(0, character.length);
    if (character.code_point == '\t') {
      characters.emplace_back(" ");
    } else if (!character.valid || must_escape(character.code_point)) {
      characters.emplace_back("?");
    } else {
      characters.emplace_back(bytes);
    }
    line.remove_prefix(character.length);
  }
  return characters;
}

}  // namespace

SourceText::SourceText(std::string file, std::string text) : file_(std::move(file)), text_(std::move(text)) {}

Excerpt SourceText::excerpt(Span span) const {
  const std::string_view text = text_;
  // A byte order mark does not count as a character of the line.
  const std::size_t mark = text.starts_with("\xef\xbb\xbf") ? 3 : 0;
  const std::size_t begin = std::clamp(span.begin, mark, text.size());
  const std::size_t newline = begin == 0 ? std::string_view::npos : text.rfind('\n', begin - 1);
  const std::size_t line_begin = newline == std::string_view::npos ? mark : newline + 1;
  std::size_t line_end = std::min(text.find('\n', begin), text.size());
  if (line_end > line_begin && text[line_end - 1] == '\r') --line_end;

  const auto line_number =
      std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(line_begin), '\n') + 1;
  const std::vector<std::string> characters = displayed(text.substr(line_begin, line_end - line_begin));
  const std::size_t column = displayed(text.substr(line_begin, begin - line_begin)).size();
  const std::size_t span_end = std::clamp(span.end, begin, std::max(begin, line_end));
  const std::size_t length = std::max<std::size_t>(1, displayed(text.substr(begin, span_end - begin)).size());

  // A long line is cut around the column.
  std::size_t first = 0;
  if (characters.size() > excerpt_width && column > excerpt_width / 2) first = column - excerpt_width / 2;
  const std::size_t last = std::min(characters.size(), first + excerpt_width);

  Excerpt excerpt;
  excerpt.file = escape_for_terminal(file_);
  excerpt.line = static_cast<std::size_t>(line_number);
  excerpt.column = column + 1;
  if (first > 0) excerpt.text = "...";
  excerpt.caret_column = excerpt.text.size() + column - first + 1;
  for (std::size_t i = first; i < last; ++i) excerpt.text += characters[i];
  if (last < characters.size()) excerpt.text += "...";
  excerpt.caret_length = std::min(length, std::max<std::size_t>(1, last > column ? last - column : 1));
  return excerpt;
}

std::shared_ptr<const SourceText> read_source(const std::string& path, std::size_t limit) {
  std::string text = read_file(path, limit);
  return std::make_shared<SourceText>(path, std::move(text));
}

void Diagnostics::error(Span at, std::string what, std::string hint) {
  const auto given = std::find_if(settings_.begin(), settings_.end(), [&](const auto& setting) {
    return setting.first.begin <= at.begin && at.end <= setting.first.end;
  });
  if (given == settings_.end())
    return add({Diagnostic::Severity::error, std::move(what), std::move(hint), source_->excerpt(at)});
  const std::string setting = fmt::format("--set {}={}", escape_for_terminal(given->second.name),
                                          escape_for_terminal(given->second.value));
  // The hint shows the value as a spec has it.
  constexpr std::string_view write = "write ";
  if (hint.starts_with(write)) {
    std::string_view meant = std::string_view(hint).substr(write.size());
    if (meant.starts_with('"') && meant.ends_with('"')) meant = meant.substr(1, meant.size() - 2);
    hint = fmt::format("use --set {}={}", escape_for_terminal(given->second.name), meant);
  }
  add({Diagnostic::Severity::error, fmt::format("{}: {}", setting, what), std::move(hint), std::nullopt});
}

void Diagnostics::attribute(Span at, Setting setting) {
  settings_.emplace_back(at, std::move(setting));
}

void Diagnostics::add(Diagnostic diagnostic) {
  if (diagnostic.severity == Diagnostic::Severity::error) failed_ = true;
  all_.push_back(std::move(diagnostic));
}

std::vector<Diagnostic> Diagnostics::all() const {
  std::vector<Diagnostic> sorted = all_;
  const auto place = [](const Diagnostic& d) {
    return d.where ? std::pair(d.where->line, d.where->column) : std::pair<std::size_t, std::size_t>(0, 0);
  };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return place(a) < place(b); });
  // What two rooms find wrong at one place is reported once.
  const auto same = [&](const Diagnostic& a, const Diagnostic& b) {
    return a.where && b.where && place(a) == place(b) && a.what == b.what && a.hint == b.hint;
  };
  sorted.erase(std::unique(sorted.begin(), sorted.end(), same), sorted.end());
  // A name that is not known is reported where it is used first: its other uses are the same mistake.
  std::set<std::string_view> unknown;
  std::vector<Diagnostic> once;
  for (const Diagnostic& diagnostic : sorted) {
    if (diagnostic.what.starts_with("unknown field ") && !unknown.insert(diagnostic.what).second) continue;
    once.push_back(diagnostic);
  }
  return once;
}

void Diagnostics::throw_if_failed() const {
  if (failed_) throw SpecError(all());
}

}  // namespace probe_run
