// Points in time as text.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "support/text_buffer.h"

namespace probe_run {

// "2026-11-21T06:59:00.123456789Z" for nanoseconds since 1970.
void append_utc(TextBuffer& out, std::int64_t wall_ns) noexcept;

// A strftime pattern in local time, extended by %L (milliseconds), %f (microseconds) and %N (nanoseconds). The parts
// that are constant within a second are formatted once for that second.
class TimeFormat {
 public:
  // Throws Error for an invalid pattern.
  explicit TimeFormat(std::string_view pattern);

  void append(TextBuffer& out, std::int64_t wall_ns) noexcept;

 private:
  struct Piece {
    std::string pattern;  // for strftime; empty for a fraction
    unsigned digits = 0;  // of the fraction
    char text[64] = {};   // the pattern's text in `second_`
    std::size_t length = 0;
  };

  void format_pieces(std::time_t second) noexcept;

  std::vector<Piece> pieces_;
  std::time_t second_ = 0;
  bool formatted_ = false;
};

}  // namespace probe_run
