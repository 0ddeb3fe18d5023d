// Lines that are drawn over those of the last draw.
//
// No alternate screen: what was there before stays above, and the last draw stays when the run has ended, as
// after `watch -t` it would not. Every line is cut to the terminal's width, so that it takes one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/screen.h"
#include "support/text_buffer.h"

namespace probe_run {

class LiveScreen {
 public:
  // Gives the cursor back: the last that is to be written to the terminal.
  static constexpr std::string_view restore = "\x1b[?25h";

  enum class Style { plain, header, changed };

  // The lines of the next draw.
  void begin(const Screen& screen);
  // Text for a terminal (escaped), measured; what goes beyond the screen's width is cut with an ellipsis.
  void append(std::string_view text, Style style = Style::plain);
  // The same filled up with spaces to `width` columns, and cut to it.
  void append_cell(std::string_view text, std::size_t width, bool right, Style style = Style::plain);
  void end_line();
  // Writes them over the last ones.
  void draw(TextBuffer& out);

 private:
  struct Line {
    std::string text;
    std::size_t columns = 0;
    bool full = false;  // was cut
  };

  void append_cut(std::string_view text, std::size_t most, std::size_t width);

  Screen screen_;
  std::vector<Line> lines_;
  Line line_;
  std::vector<std::size_t> drawn_;  // columns of each line that is on the terminal
  bool begun_ = false;
};

}  // namespace probe_run
