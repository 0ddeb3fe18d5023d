// Bytes, and bytes that are text.
#include "decode/renderer.h"

namespace probe_run {
namespace {

void print_bytes(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  const Bytes bytes =
      field.flexible ? record.subspan(field.offset()) : record.subspan(field.offset(), field.size);
  char* p = out.room(bytes.size() * 2);
  for (const std::byte byte : bytes) {
    *p++ = "0123456789abcdef"[std::to_integer<unsigned>(byte) >> 4];
    *p++ = "0123456789abcdef"[std::to_integer<unsigned>(byte) & 0xf];
  }
  out.commit_to(p);
}

void print_char(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  out.append(static_cast<char>(record[field.offset()]));
}

void print_string(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  out.append(text_of(field, record));
}

using enum Renderer::Takes;
using Form = Renderer::Form;
constexpr Renderer table[] = {
    {"char", "One character.", byte, Form::text, print_char},
    {"string", "Text, up to its NUL or to the end of the bytes: what char arrays have without asking.",
     any_bytes, Form::text, print_string},
    {"bytes", "Every byte, hexadecimal.", any_bytes, Form::string, print_bytes},
};

}  // namespace

std::span<const Renderer> text_renderers() {
  return table;
}

}  // namespace probe_run
