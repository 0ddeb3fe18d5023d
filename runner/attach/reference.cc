// The list of attach types in docs/reference/programs.md, made from the rows.
#include <fmt/format.h>

#include <algorithm>

#include "attach/attach_type.h"
#include "object/libbpf.h"

namespace probe_run {
namespace {

constexpr std::size_t columns = 120;

// Without "(Linux 6.4; libbpf 1.3)", which the row says: a longer note stays.
std::string without_versions(std::string_view doc) {
  const std::size_t begin = doc.find(" (Linux ");
  const std::size_t end = doc.find(')', std::min(begin, doc.size()));
  if (end == std::string_view::npos) return std::string(doc);
  const std::string_view note = doc.substr(begin, end - begin).substr(std::string_view(" (Linux ").size());
  if (note.find_first_not_of("0123456789.; libpf") != std::string_view::npos) return std::string(doc);
  return std::string(doc.substr(0, begin)) + std::string(doc.substr(end + 1));
}

std::string in_code(const std::vector<std::string_view>& names) {
  std::string text;
  for (const std::string_view name : names) text += fmt::format("{}`{}`", text.empty() ? "" : ", ", name);
  return text;
}

std::string program_type_name(const Section& section, std::uint32_t type) {
  const char* const name = libbpf_bpf_prog_type_str(static_cast<bpf_prog_type>(type));
  return std::string(name != nullptr ? name : section.name);  // newer than this libbpf
}

std::string facts(const AttachType& type) {
  std::string text = without_versions(type.doc);
  if (!type.keys.empty()) text += fmt::format(" Keys: {}.", in_code(type.keys));
  if (!type.section.name.empty()) {
    std::vector<std::string_view> sections{type.section.name};
    sections.insert(sections.end(), type.section.also.begin(), type.section.also.end());
    text += fmt::format(" `SEC()`: {}.", in_code(sections));
  }
  std::vector<std::string> types;
  for (const std::uint32_t program : type.section.program_types)
    types.push_back(program_type_name(type.section, program));
  if (!types.empty()) {
    text += fmt::format(" Program type{}: {}.", types.size() > 1 ? "s" : "",
                        in_code({types.begin(), types.end()}));
  }
  if (type.kernel != KernelVersion{})
    text += fmt::format(" Linux {}.{}.", type.kernel.major, type.kernel.minor);
  if (type.libbpf != LibbpfVersion{})
    text += fmt::format(" libbpf {}.{}.", type.libbpf.major, type.libbpf.minor);
  return text;
}

// Appends a list item; its lines break at blanks that are not in code.
void append_item(std::string& text, std::string_view words) {
  std::string line = "-";
  while (!words.empty()) {
    std::size_t end = 0;
    for (bool code = false; end < words.size() && (code || words[end] != ' '); ++end)
      if (words[end] == '`') code = !code;
    if (line.size() + 1 + end > columns) {
      text += line + "\n";
      line = " ";
    }
    line += fmt::format(" {}", words.substr(0, end));
    words.remove_prefix(std::min(words.size(), end + 1));
  }
  text += line + "\n";
}

}  // namespace

std::string attach_types_reference() {
  std::string text;
  for (const AttachType& type : attach_types()) {
    append_item(text, fmt::format("[`{}`](keys.md#attach-{}): {}", type.name, type.name, facts(type)));
    const std::string keys = type.example.empty() ? "" : fmt::format(", {}", type.example);
    text += fmt::format("\n  `\"attach\": {{\"type\": \"{}\"{}}}`\n\n", type.name, keys);
  }
  text.pop_back();
  return text;
}

}  // namespace probe_run
