// The live format: a table that is drawn in place on a terminal, like top.
//
// sink/ queries the terminal; this only turns rows and a Screen into text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "decode/time_format.h"
#include "format/format.h"
#include "format/live_history.h"
#include "format/live_screen.h"

namespace probe_run {

class LiveFormat final : public Format, public Drawing {
 public:
  LiveFormat(const OutputSpec& output, const Plan& plan, Diagnostics& diagnostics);

  void row(Bytes record, const RenderContext& context, TextBuffer& out) noexcept override;
  void end_batch(TextBuffer& out) noexcept override;
  Drawing* drawing() noexcept override { return this; }

  void set_title(const std::string& name, std::string interval) override;
  void prepare(const Screen& screen, std::int64_t wall_ns) noexcept override;
  std::string_view farewell() const noexcept override { return LiveScreen::restore; }

 private:
  struct Layout {
    const Field* field = nullptr;
    std::string header;
    bool right = false;                 // numbers
    std::optional<std::size_t> number;  // its index among the numbers
    bool moves = false;                 // it has changed at least once
    std::size_t width = 0;
    std::size_t spark = 0;  // columns of its sparkline, 0 for none
  };
  struct Row {
    std::string key;
    std::vector<std::string> cells;
    std::vector<double> numbers;
    LiveHistory::Row* history = nullptr;
  };

  void sort_rows();
  void measure(std::size_t shown);
  void draw_title(std::size_t shown);
  void draw_header();
  void draw_row(const Row& row, double largest);

  std::vector<Layout> layouts_;
  std::vector<const Field*> identity_;  // identify a row from one draw to the next
  std::optional<std::size_t> sorted_;   // the column
  bool keep_order_ = false;             // the spec sorts the rows
  std::size_t numbers_ = 0;
  std::size_t bar_ = 0;  // columns

  std::string name_, interval_;
  TimeFormat clock_;
  Screen screen_;
  std::int64_t wall_ns_ = 0;
  std::vector<Row> rows_;
  LiveHistory history_;
  LiveScreen lines_;
  TextBuffer scratch_;
};

}  // namespace probe_run
