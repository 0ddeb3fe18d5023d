#include "decode/time_format.h"

#include <fmt/format.h>

#include "support/error.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

struct Split {
  std::time_t second;
  std::uint32_t nanosecond;
};

// Rounds towards the past, so that times before 1970 keep a positive fraction.
Split split(std::int64_t wall_ns) {
  std::int64_t second = wall_ns / second_ns;
  std::int64_t rest = wall_ns % second_ns;
  if (rest < 0) {
    rest += second_ns;
    --second;
  }
  return {second, static_cast<std::uint32_t>(rest)};
}

void append_padded(TextBuffer& out, std::uint32_t value, unsigned digits) {
  char* const p = out.room(digits);
  for (unsigned i = digits; i-- > 0; value /= 10) p[i] = static_cast<char>('0' + value % 10);
  out.commit(digits);
}

}  // namespace

void append_utc(TextBuffer& out, std::int64_t wall_ns) noexcept {
  const auto [second, nanosecond] = split(wall_ns);
  std::tm time{};
  gmtime_r(&second, &time);
  append_padded(out, static_cast<std::uint32_t>(time.tm_year + 1900), 4);
  out.append('-');
  append_padded(out, static_cast<std::uint32_t>(time.tm_mon + 1), 2);
  out.append('-');
  append_padded(out, static_cast<std::uint32_t>(time.tm_mday), 2);
  out.append('T');
  append_padded(out, static_cast<std::uint32_t>(time.tm_hour), 2);
  out.append(':');
  append_padded(out, static_cast<std::uint32_t>(time.tm_min), 2);
  out.append(':');
  append_padded(out, static_cast<std::uint32_t>(time.tm_sec), 2);
  out.append('.');
  append_padded(out, nanosecond, 9);
  out.append('Z');
}

TimeFormat::TimeFormat(std::string_view pattern) {
  // Without %n: a row is one line.
  constexpr std::string_view known = "aAbBcCdDeFgGhHIjklmMpPrRsStTuUVwWxXyYzZ%";
  Piece piece;
  while (!pattern.empty()) {
    if (pattern[0] != '%') {
      piece.pattern += pattern[0];
      pattern.remove_prefix(1);
      continue;
    }
    const char c = pattern.size() > 1 ? pattern[1] : '\0';
    const unsigned digits = c == 'L' ? 3 : c == 'f' ? 6 : c == 'N' ? 9 : 0;
    if (digits != 0) {
      if (!piece.pattern.empty()) pieces_.push_back(piece);
      piece = {};
      pieces_.push_back({{}, digits, {}, 0});
    } else if (c != '\0' && known.find(c) != std::string_view::npos) {
      piece.pattern += pattern.substr(0, 2);
    } else {
      throw Error(
          fmt::format("invalid time format \"{}\"", escape_for_terminal(pattern.substr(0, 2))),
          "use formats of strftime, such as %H:%M:%S, and %L, %f, %N for milli-, micro- and nanoseconds");
    }
    pattern.remove_prefix(2);
  }
  if (!piece.pattern.empty()) pieces_.push_back(piece);
  constexpr std::time_t long_names = 1790769600;  // a Wednesday in September
  format_pieces(long_names);
  for (const Piece& p : pieces_) {
    if (p.digits == 0 && p.length == 0) throw Error("the time format is too long or prints nothing");
  }
  formatted_ = false;
}

void TimeFormat::format_pieces(std::time_t second) noexcept {
  std::tm time{};
  localtime_r(&second, &time);
  for (Piece& piece : pieces_) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"  // the pattern was checked when it was compiled
    if (piece.digits == 0)
      piece.length = std::strftime(piece.text, sizeof piece.text, piece.pattern.c_str(), &time);
#pragma GCC diagnostic pop
  }
  second_ = second;
  formatted_ = true;
}

void TimeFormat::append(TextBuffer& out, std::int64_t wall_ns) noexcept {
  const auto [second, nanosecond] = split(wall_ns);
  if (!formatted_ || second != second_) format_pieces(second);
  for (const Piece& piece : pieces_) {
    if (piece.digits == 0) {
      out.append(std::string_view(piece.text, piece.length));
    } else {
      append_padded(out,
                    piece.digits == 3   ? nanosecond / 1'000'000
                    : piece.digits == 6 ? nanosecond / 1000
                                        : nanosecond,
                    piece.digits);
    }
  }
}

}  // namespace probe_run
