#include "format/live_history.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace probe_run {
namespace {

constexpr std::array<std::string_view, 8> blocks{"\u2581", "\u2582", "\u2583", "\u2584",
                                                 "\u2585", "\u2586", "\u2587", "\u2588"};
constexpr std::string_view marks = "_.-:=+*#";
// Parts of a column, an eighth to seven of them.
constexpr std::array<std::string_view, 7> eighths{"\u258f", "\u258e", "\u258d", "\u258c",
                                                  "\u258b", "\u258a", "\u2589"};

}  // namespace

void Series::add(double value) noexcept {
  if (size_ == most) {
    std::move(values_.begin() + 1, values_.end(), values_.begin());
    --size_;
  }
  values_[size_++] = value;
}

bool Series::moves() const noexcept {
  for (std::size_t i = 1; i < size_; ++i) {
    if (values_[i] != values_[0]) return true;
  }
  return false;
}

bool Series::moved() const noexcept {
  return size_ > 1 && values_[size_ - 1] != values_[size_ - 2];
}

LiveHistory::Row& LiveHistory::find_or_add(const std::string& key, std::size_t numbers) {
  Row& row = rows_[key];
  row.series.resize(numbers);
  row.drawn = draw_;
  return row;
}

void LiveHistory::end_draw() {
  std::erase_if(rows_, [&](const auto& entry) { return entry.second.drawn + patience <= draw_; });
  ++draw_;
}

void append_sparkline(const Series& series, std::size_t width, bool utf8, std::string& out) {
  const std::size_t count = std::min(series.size(), width);
  out.append(width - count, ' ');
  const std::size_t begin = series.size() - count;
  // From 0, so that small changes look small; lower if there are negative numbers.
  double lowest = 0;
  double highest = 0;
  for (std::size_t i = begin; i < series.size(); ++i) {
    if (!std::isfinite(series[i])) continue;
    lowest = std::min(lowest, series[i]);
    highest = std::max(highest, series[i]);
  }
  for (std::size_t i = begin; i < series.size(); ++i) {
    const double part =
        std::isfinite(series[i]) && highest > lowest ? (series[i] - lowest) / (highest - lowest) : 0;
    const auto level = std::min<std::size_t>(7, static_cast<std::size_t>(part * 8));
    if (utf8) {
      out += blocks[level];
    } else {
      out += marks[level];
    }
  }
}

void append_bar(double value, double largest, std::size_t width, bool utf8, std::string& out) {
  const bool sensible = std::isfinite(value) && std::isfinite(largest) && largest > 0 && value > 0;
  const double part = sensible ? std::min(value / largest, 1.0) : 0;
  const auto parts = static_cast<std::size_t>(std::lround(part * static_cast<double>(width) * 8));
  std::size_t used = parts / 8;
  for (std::size_t i = 0; i < used; ++i) out += utf8 ? "\u2588" : "#";
  if (utf8 && parts % 8 != 0) {
    out += eighths[parts % 8 - 1];
    ++used;
  }
  out.append(width - used, ' ');
}

}  // namespace probe_run
