// Bytes and text.
#include <algorithm>

#include "decode/renderer.h"
#include "support/integer.h"

namespace probe_run {
namespace {

void print_bytes(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  const Bytes bytes = bytes_of(field, record);
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

// NULs at the end fill the field, unless a length says that they count. There, the last text may have its NUL or not.
void print_strings(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  const Bytes bytes = bytes_of(field, record);
  const void* const begin = bytes.data();
  std::string_view rest(static_cast<const char*>(begin), bytes.size());
  if (!field.length) rest = rest.substr(0, rest.find_last_not_of('\0') + 1);
  while (!rest.empty()) {
    const std::string_view text = rest.substr(0, rest.find('\0'));
    out.append(text);
    out.append('\0');
    rest.remove_prefix(std::min(text.size() + 1, rest.size()));
  }
}

// In the order of the bytes, as in RFC 9562 and the kernel's uuid_t.
void print_uuid(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.append('-');
    append_hex(out, record[field.offset() + i]);
  }
}

using Compared = Renderer::Compared;
using enum Renderer::Takes;
using Form = Renderer::Form;
constexpr Renderer table[] = {
    {.name = "char",
     .doc = "One character.",
     .takes = byte,
     .form = Form::text,
     .print = print_char,
     .compared = Compared::text},
    {.name = "string",
     .doc = "Text, up to its NUL or to the end of the bytes: the default for char arrays.",
     .takes = any_bytes,
     .form = Form::text,
     .print = print_string,
     .compared = Compared::text,
     .shape = Shape::text},
    {.name = "strings",
     .doc =
         "Texts with NULs between them, such as the arguments of a program: a list, elsewhere joined by blanks.",
     .takes = any_bytes,
     .form = Form::strings,
     .print = print_strings,
     .compared = Compared::text},
    {.name = "bytes",
     .doc = "All bytes in hexadecimal.",
     .takes = any_bytes,
     .form = Form::string,
     .print = print_bytes,
     .compared = Compared::text},
    {.name = "uuid",
     .doc = "A UUID, in lower case: 6361e5a0-57d1-4b8e-9c3f-0242ac110002.",
     .takes = bytes_16,
     .form = Form::string,
     .print = print_uuid,
     .compared = Compared::text,
     .width = 36},
};

}  // namespace

std::span<const Renderer> text_renderers() {
  return table;
}

}  // namespace probe_run
