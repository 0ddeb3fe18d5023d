#include "format/live_screen.h"

#include <fmt/format.h>

#include <algorithm>

#include "support/utf8.h"

namespace probe_run {
namespace {

std::string_view begin_of(LiveScreen::Style style) {
  switch (style) {
    case LiveScreen::Style::plain:
      return {};
    case LiveScreen::Style::header:
      return "\x1b[7m";
    case LiveScreen::Style::changed:
      return "\x1b[1m";
  }
  return {};
}

}  // namespace

void LiveScreen::begin(const Screen& screen) {
  screen_ = screen;
  lines_.clear();
  line_ = {};
}

// At most `most` columns of the text, whose width is known.
void LiveScreen::append_cut(std::string_view text, std::size_t most, std::size_t width) {
  const bool cut = width > most;
  std::size_t room = cut ? most - std::min<std::size_t>(most, 1) : most;
  while (!text.empty()) {
    const Utf8Character character = next_utf8(text);
    const std::size_t columns = display_width(character.code_point);
    if (columns > room) break;
    // A terminal without UTF-8 would interpret the bytes one by one.
    if (screen_.utf8 || character.code_point < 0x80) {
      line_.text += text.substr(0, character.length);
    } else {
      line_.text.append(columns, '?');
    }
    room -= columns;
    line_.columns += columns;
    text.remove_prefix(character.length);
  }
  if (!cut || most == 0) return;
  line_.text += screen_.utf8 ? "\u2026" : "~";
  ++line_.columns;
}

void LiveScreen::append(std::string_view text, Style style) {
  append_cell(text, screen_width(text), false, style);
}

void LiveScreen::append_cell(std::string_view text, std::size_t width, bool right, Style style) {
  if (line_.full) return;
  const std::size_t room = screen_.columns - std::min(screen_.columns, line_.columns);
  const std::size_t natural = screen_width(text);
  const std::size_t shown = std::min(natural, width);
  const std::size_t padding = width - shown;
  const bool styled = screen_.colour && !begin_of(style).empty() && !text.empty();
  const std::size_t before = right ? std::min(padding, room) : 0;
  line_.text.append(before, ' ');
  line_.columns += before;
  if (styled) line_.text += begin_of(style);
  append_cut(text, std::min(width, room - before), natural);
  if (styled) line_.text += "\x1b[0m";
  if (!right) {
    const std::size_t behind = std::min(padding, screen_.columns - std::min(screen_.columns, line_.columns));
    line_.text.append(behind, ' ');
    line_.columns += behind;
  }
  line_.full = line_.columns >= screen_.columns;
}

void LiveScreen::end_line() {
  lines_.push_back(std::move(line_));
  line_ = {};
}

void LiveScreen::draw(TextBuffer& out) {
  if (!begun_) out.append("\x1b[?25l");
  begun_ = true;
  // A terminal that became narrower has wrapped the drawn lines.
  std::size_t up = 0;
  const std::size_t columns = std::max<std::size_t>(screen_.columns, 1);
  for (const std::size_t width : drawn_) up += width == 0 ? 1 : (width + columns - 1) / columns;
  // Lines that scrolled off the screen cannot be overwritten.
  up = std::min(up, screen_.lines - std::min<std::size_t>(screen_.lines, 1));
  out.append('\r');
  if (up > 0) out.append(fmt::format("\x1b[{}A", up));
  drawn_.clear();
  for (const Line& line : lines_) {
    out.append("\x1b[2K");
    out.append(line.text);
    out.append('\n');
    drawn_.push_back(line.columns);
  }
  out.append("\x1b[J");
}

}  // namespace probe_run
