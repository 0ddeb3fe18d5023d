#include "source/printk_match.h"

#include <algorithm>

namespace probe_run {
namespace {

// The kernel cuts a line to fewer than 1024 bytes; what is missing cannot be compared.
constexpr std::size_t cut_length = 1023;

// bpf_printk's variables: "____fmt" with up to three arguments, "___fmt" with more; in BTF
// "function.____fmt.2".
bool is_format(std::string_view variable) {
  return variable.find("___fmt") != std::string_view::npos;
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The length of the conversion at the beginning of `text`, its % included.
std::size_t conversion_length(std::string_view text) {
  std::size_t at = text.find_first_not_of("-+ #0123456789.*", 1);
  at = std::min(text.find_first_not_of("hlzjtLqZ", at), text.size());
  if (at == text.size()) return at;
  if (text[at++] != 'p') return at;
  while (at < text.size() && is_alphanumeric(text[at])) ++at;  // %pI4, %pks, ...: the kernel skips these all
  return at;
}

}  // namespace

std::vector<std::string> printk_formats(const ObjectDescription& description,
                                        std::span<const std::byte> rodata) {
  std::vector<std::string> formats;
  for (const Type& section : description.types.all()) {
    if (section.kind != Type::Kind::section || section.name != ".rodata") continue;
    for (const TypeMember& variable : section.members) {
      if (variable.type->kind != Type::Kind::variable || !is_format(variable.type->name)) continue;
      const Type& type = strip(*variable.type->target);
      const std::size_t offset = variable.bit_offset / 8;
      if (type.kind != Type::Kind::array || offset > rodata.size()) continue;
      const std::span<const std::byte> bytes =
          rodata.subspan(offset, std::min<std::size_t>(type.size, rodata.size() - offset));
      const auto end = std::find(bytes.begin(), bytes.end(), std::byte{0});
      std::string format(reinterpret_cast<const char*>(bytes.data()),
                         static_cast<std::size_t>(end - bytes.begin()));
      if (std::find(formats.begin(), formats.end(), format) == formats.end())
        formats.push_back(std::move(format));
    }
  }
  return formats;
}

PrintkMatch::PrintkMatch(const std::vector<std::string>& formats) {
  for (const std::string& format : formats) patterns_.push_back(compile(format));
}

PrintkMatch::Pattern PrintkMatch::compile(std::string_view format) {
  if (format.ends_with('\n')) format.remove_suffix(1);
  Pattern pattern(1);
  while (!format.empty()) {
    const std::size_t percent = std::min(format.find('%'), format.size());
    pattern.back() += format.substr(0, percent);
    format.remove_prefix(percent);
    if (format.starts_with("%%")) {
      pattern.back() += '%';
      format.remove_prefix(2);
    } else if (!format.empty()) {
      format.remove_prefix(conversion_length(format));
      pattern.emplace_back();
    }
  }
  return pattern;
}

bool PrintkMatch::matches(std::string_view line) const noexcept {
  if (patterns_.empty()) return true;
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const Pattern& pattern) { return matches(pattern, line); });
}

bool PrintkMatch::matches(const Pattern& pattern, std::string_view line) noexcept {
  const bool is_cut = line.size() >= cut_length;
  if (pattern.size() == 1) return line == pattern.front() || (is_cut && pattern.front().starts_with(line));
  if (!line.starts_with(pattern.front())) return is_cut && pattern.front().starts_with(line);
  line.remove_prefix(pattern.front().size());
  // The earliest place of each piece leaves the most for those after it, so nothing need ever be tried again.
  for (std::size_t i = 1; i + 1 < pattern.size(); ++i) {
    const std::size_t at = line.find(pattern[i]);
    if (at == std::string_view::npos) return is_cut;
    line.remove_prefix(at + pattern[i].size());
  }
  return line.ends_with(pattern.back()) || is_cut;
}

}  // namespace probe_run
