// The live format: a table that is drawn in place on a terminal, like top.
//
// sink/ queries the terminal; this only turns rows and a Screen into text.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "decode/time_format.h"
#include "format/format.h"
#include "format/live_screen.h"

namespace probe_run {

// The history of the rows of a live table at its last draws.

// One number of one row: its last values, the oldest first.
class Series {
 public:
  static constexpr std::size_t most = 16;

  void add(double value) noexcept;
  std::size_t size() const noexcept { return size_; }
  double operator[](std::size_t index) const noexcept { return values_[index]; }
  // Two of the values differ.
  bool moves() const noexcept;
  // The last value differs from the one before.
  bool moved() const noexcept;

 private:
  std::array<double, most> values_{};
  std::size_t size_ = 0;
};

// By the text that identifies a row. Only drawn rows are kept, for a few draws after the last one: memory is bounded
// by the screen.
class LiveHistory {
 public:
  static constexpr std::uint64_t patience = 16;  // draws

  struct Row {
    std::vector<Series> series;  // one for each number
    std::uint64_t drawn = 0;
  };

  // Valid until the next end_draw().
  Row& find_or_add(const std::string& key, std::size_t numbers);
  void end_draw();
  std::size_t size() const { return rows_.size(); }

 private:
  std::unordered_map<std::string, Row> rows_;
  std::uint64_t draw_ = 0;
};

// One character for each value, scaled from the lowest to the highest; `width` columns, the newest at the right.
void append_sparkline(const Series& series, std::size_t width, bool utf8, std::string& out);

// A bar of at most `width` columns, padded with spaces.
void append_bar(double value, double largest, std::size_t width, bool utf8, std::string& out);

class LiveFormat final : public Format, public Drawing {
 public:
  LiveFormat(const OutputSpec& output, const Plan& plan, Diagnostics& diagnostics);

  void row(Bytes record, const RenderContext& context, TextBuffer& out) noexcept override;
  // The last whole picture stays.
  Partial partial(Duration, TextBuffer&) noexcept override { return Partial::left_out; }
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
