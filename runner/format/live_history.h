// The history of the rows of a live table at its last draws.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace probe_run {

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

}  // namespace probe_run
