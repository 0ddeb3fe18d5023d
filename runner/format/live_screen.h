// Draws lines over those of the last draw.
//
// Does not use the alternate screen: earlier output stays above, and the last draw stays after the run, unlike with
// `watch -t`. Every line is cut to the terminal's width, so that it does not wrap.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/screen.h"
#include "support/text_buffer.h"

namespace probe_run {

class LiveScreen {
 public:
  // Shows the cursor again: written last to the terminal.
  static constexpr std::string_view restore = "\x1b[?25h";

  enum class Style { plain, header, changed };

  // The lines of the next draw.
  void begin(const Screen& screen);
  // Appends escaped text; text beyond the screen's width is cut with an ellipsis.
  void append(std::string_view text, Style style = Style::plain);
  // The same, padded with spaces or cut to `width` columns.
  void append_cell(std::string_view text, std::size_t width, bool right, Style style = Style::plain);
  void end_line();
  // Writes the lines over the last ones.
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
  std::vector<std::size_t> drawn_;  // columns of each line on the terminal
  bool begun_ = false;
};

}  // namespace probe_run
