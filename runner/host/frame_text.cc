#include "host/frame_text.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace probe_run {
namespace {

bool is_separator(char c) {
  return c == '\t' || c == '\n';
}

void append_field(std::string& out, std::string_view text) {
  std::replace_copy_if(text.begin(), text.end(), std::back_inserter(out), is_separator, '?');
}

}  // namespace

std::string one_field(std::string text) {
  std::replace_if(text.begin(), text.end(), is_separator, '?');
  return text;
}

void append_frame(std::string& out, std::string_view name, std::uint64_t offset, std::string_view module,
                  bool inlined) {
  char digits[20];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof digits, offset);
  append_field(out, name);
  out += '\t';
  out.append(digits, static_cast<std::size_t>(end.ptr - digits));
  out += '\t';
  append_field(out, module);
  out += '\t';
  if (inlined) out += "inlined";
  out += '\n';
}

}  // namespace probe_run
