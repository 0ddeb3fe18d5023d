#include "support/source_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::size_t excerpt_width = 100;  // characters of a line that are shown

// Appends one character a terminal can show, so that the caret stays below its target.
void append_displayed(std::string& out, std::string_view bytes, const Utf8Character& character) {
  if (character.code_point == '\t') {
    out += ' ';
  } else if (!character.valid || must_escape(character.code_point)) {
    out += '?';
  } else {
    out += bytes;
  }
}

// Characters of the text, counted up to a limit.
std::size_t length_of(std::string_view text, std::size_t limit = std::string_view::npos) {
  std::size_t count = 0;
  for (; !text.empty() && count < limit; ++count) text.remove_prefix(next_utf8(text).length);
  return count;
}

void remove_characters(std::string_view& text, std::size_t count) {
  for (; count > 0 && !text.empty(); --count) text.remove_prefix(next_utf8(text).length);
}

}  // namespace

SourceText::SourceText(std::string file, std::string text) : file_(std::move(file)), text_(std::move(text)) {
  line_begins_.push_back(mark());
  for (std::size_t at = text_.find('\n'); at != std::string::npos; at = text_.find('\n', at + 1))
    line_begins_.push_back(at + 1);
}

std::size_t SourceText::mark() const {
  return text_.starts_with("\xef\xbb\xbf") ? 3 : 0;
}

std::size_t SourceText::line(std::size_t offset) const {
  const auto after = std::upper_bound(line_begins_.begin() + 1, line_begins_.end(), offset);
  return static_cast<std::size_t>(after - line_begins_.begin());
}

Excerpt SourceText::excerpt(Span span) const {
  const std::string_view text = text_;
  const std::size_t begin = std::clamp(span.begin, mark(), text.size());
  Excerpt excerpt;
  excerpt.file = escape_for_terminal(file_);
  excerpt.line = line(begin);
  const std::size_t line_begin = line_begins_[excerpt.line - 1];
  std::size_t line_end = excerpt.line < line_begins_.size() ? line_begins_[excerpt.line] - 1 : text.size();
  if (line_end > line_begin && text[line_end - 1] == '\r') --line_end;

  const std::size_t column = length_of(text.substr(line_begin, begin - line_begin));
  const std::size_t span_end = std::clamp(span.end, begin, std::max(begin, line_end));
  const std::size_t length =
      std::max<std::size_t>(1, length_of(text.substr(begin, span_end - begin), excerpt_width));
  excerpt.column = column + 1;

  // A long line is cut around the column.
  std::string_view line = text.substr(line_begin, line_end - line_begin);
  const bool is_long = length_of(line, excerpt_width + 1) > excerpt_width;
  const std::size_t first = is_long && column > excerpt_width / 2 ? column - excerpt_width / 2 : 0;
  remove_characters(line, first);
  if (first > 0) excerpt.text = "...";
  excerpt.caret_column = excerpt.text.size() + column - first + 1;
  std::size_t last = first;
  for (; last < first + excerpt_width && !line.empty(); ++last) {
    const Utf8Character character = next_utf8(line);
    append_displayed(excerpt.text, line.substr(0, character.length), character);
    line.remove_prefix(character.length);
  }
  if (!line.empty()) excerpt.text += "...";
  excerpt.caret_length = std::min(length, std::max<std::size_t>(1, last > column ? last - column : 1));
  return excerpt;
}

std::shared_ptr<const SourceText> read_source(const std::string& path, Wait wait) {
  std::string text = read_file(path, source_limit, wait);
  return std::make_shared<SourceText>(path, std::move(text));
}

void Diagnostics::error(Span at, std::string what, std::string hint) {
  const auto given = std::find_if(settings_.begin(), settings_.end(), [&](const auto& setting) {
    return setting.first.begin <= at.begin && at.end <= setting.first.end;
  });
  if (given == settings_.end())
    return add({Diagnostic::Severity::error, std::move(what), std::move(hint), at});
  const std::string setting = fmt::format("--set {}={}", escape_for_terminal(given->second.name),
                                          escape_for_terminal(given->second.value));
  // The hint shows the value as a spec has it.
  constexpr std::string_view write = "write ";
  if (hint.starts_with(write)) {
    std::string_view meant = std::string_view(hint).substr(write.size());
    if (meant.starts_with('"') && meant.ends_with('"')) meant = meant.substr(1, meant.size() - 2);
    hint = fmt::format("use --set {}={}", escape_for_terminal(given->second.name), meant);
  }
  error_without_place(fmt::format("{}: {}", setting, what), std::move(hint));
}

void Diagnostics::attribute(Span at, Setting setting) {
  settings_.emplace_back(at, std::move(setting));
}

void Diagnostics::warning(Span at, std::string what, std::string hint) {
  add({Diagnostic::Severity::warning, std::move(what), std::move(hint), at});
}

void Diagnostics::error_without_place(std::string what, std::string hint) {
  add({Diagnostic::Severity::error, std::move(what), std::move(hint), std::nullopt});
}

void Diagnostics::add(Entry entry) {
  if (entry.severity == Diagnostic::Severity::error) failed_ = true;
  entries_.push_back(std::move(entry));
  if (entries_.size() >= limit) throw_if_failed();
}

std::vector<Diagnostic> Diagnostics::all() const {
  std::vector<const Entry*> sorted;
  for (const Entry& entry : entries_) sorted.push_back(&entry);
  const auto place = [](const Entry* entry) { return entry->at ? entry->at->begin + 1 : 0; };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Entry* a, const Entry* b) { return place(a) < place(b); });
  // What two rooms find wrong at one place is reported once.
  const auto same = [&](const Entry* a, const Entry* b) {
    return a->at && b->at && place(a) == place(b) && a->what == b->what && a->hint == b->hint;
  };
  sorted.erase(std::unique(sorted.begin(), sorted.end(), same), sorted.end());
  // A name that is not known is reported where it is used first: its other uses are the same mistake.
  std::set<std::string_view> unknown;
  std::erase_if(sorted, [&](const Entry* entry) {
    return entry->what.starts_with("unknown field ") && !unknown.insert(entry->what).second;
  });

  std::vector<Diagnostic> result;
  for (const Entry* entry : sorted) {
    if (result.size() == shown) break;
    result.push_back({entry->severity, entry->what, entry->hint, std::nullopt});
    if (entry->at) result.back().where = source_->excerpt(*entry->at);
  }
  if (const std::size_t more = sorted.size() - result.size(); more > 0) {
    result.push_back(
        {Diagnostic::Severity::error,
         fmt::format("{}: {}{} more mistakes are not shown", escape_for_terminal(source_->file()),
                     entries_.size() >= limit ? "at least " : "", more),
         {},
         std::nullopt});
  }
  return result;
}

void Diagnostics::throw_if_failed() const {
  if (failed_) throw SpecError(all());
}

}  // namespace probe_run
