#include "decode/wide.h"

namespace probe_run {

void append_wide(TextBuffer& out, Wide value, bool is_signed) {
  const bool negative = is_signed && static_cast<SignedWide>(value) < 0;
  if (negative) value = 0 - value;
  char text[40];  // 39 digits and a sign
  char* const end = text + sizeof text;
  char* begin = end;
  do {
    *--begin = static_cast<char>('0' + static_cast<int>(value % 10));
    value /= 10;
  } while (value != 0);
  if (negative) *--begin = '-';
  out.append(std::string_view(begin, static_cast<std::size_t>(end - begin)));
}

}  // namespace probe_run
