#include "listing/event_format.h"

#include <algorithm>
#include <charconv>

namespace probe_run {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_name_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The number after "offset:" in "\toffset:8;\tsize:16;".
std::optional<std::uint32_t> number_of(std::string_view line, std::string_view key) {
  const std::size_t at = line.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  std::uint32_t value = 0;
  const char* const begin = line.data() + at + key.size();
  const auto [end, error] = std::from_chars(begin, line.data() + line.size(), value);
  if (error != std::errc() || end == begin) return std::nullopt;
  return value;
}

// "const char * filename" as C writes it: "const char *filename".
std::string joined(std::string_view type, std::string_view name) {
  std::string text(type);
  std::size_t stars = 0;
  while (text.ends_with('*') || text.ends_with(' ')) {
    if (text.back() == '*') ++stars;
    text.pop_back();
  }
  if (stars > 0 || !name.empty()) text += ' ';
  return text.append(stars, '*').append(name);
}

// "char prev_comm[16]", "__data_loc char[] name", "void (*function)(int)"
CVariable field_of(std::string_view text) {
  CVariable field;
  std::string_view rest = trimmed(text);
  std::string_view count;
  if (rest.ends_with(']')) {
    const std::size_t open = rest.find('[');
    // A "[]" before the name belongs to the type.
    count = rest.substr(open == std::string_view::npos ? rest.size() : open);
    rest = trimmed(rest.substr(0, rest.size() - count.size()));
  }
  std::size_t begin = rest.size();
  while (begin > 0 && is_name_letter(rest[begin - 1])) --begin;
  const std::string_view name = rest.substr(begin);
  const std::string_view type = trimmed(rest.substr(0, begin));
  if (name.empty() || type.empty()) {  // unknown syntax: keep the text
    field.type = field.declaration = std::string(trimmed(text));
    return field;
  }
  field.name = name;
  field.type = joined(type, {}).append(count);
  field.declaration = joined(type, name).append(count);
  return field;
}

}  // namespace

std::vector<CVariable> event_fields(std::string_view format) {
  std::vector<CVariable> fields;
  constexpr std::string_view begin = "field:";
  while (!format.empty()) {
    const std::string_view whole = format.substr(0, format.find('\n'));
    format.remove_prefix(std::min(format.size(), whole.size() + 1));
    std::string_view line = trimmed(whole);
    if (!line.starts_with(begin)) continue;
    line.remove_prefix(begin.size());
    const std::size_t end = line.find(';');
    if (end == std::string_view::npos) continue;
    CVariable field = field_of(line.substr(0, end));
    if (field.declaration.empty() || field.name.starts_with("common_")) continue;
    field.offset = number_of(line.substr(end), "offset:");
    field.size = number_of(line.substr(end), "size:");
    fields.push_back(std::move(field));
  }
  return fields;
}

}  // namespace probe_run
