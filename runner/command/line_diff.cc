#include "command/line_diff.h"

#include <algorithm>
#include <cstdint>

namespace probe_run {
namespace {

using Lines = std::vector<std::string_view>;

// The part of both texts between what they begin and end with alike.
struct Middle {
  const Lines& before;
  const Lines& after;
  std::size_t begin = 0;  // in both
  std::size_t old_size = 0, new_size = 0;

  bool same(std::size_t x, std::size_t y) const { return before[begin + x] == after[begin + y]; }
};

Middle middle_of(const Lines& before, const Lines& after) {
  const std::size_t shorter = std::min(before.size(), after.size());
  std::size_t begin = 0;
  while (begin < shorter && before[begin] == after[begin]) ++begin;
  std::size_t end = 0;
  while (end < shorter - begin && before[before.size() - 1 - end] == after[after.size() - 1 - end]) ++end;
  return {before, after, begin, before.size() - begin - end, after.size() - begin - end};
}

// Joins what touches, or begins another edit.
void add(std::vector<LineEdit>& edits, const LineEdit& edit) {
  if (!edits.empty() && edits.back().old_end == edit.old_begin && edits.back().new_end == edit.new_begin) {
    edits.back().old_end = edit.old_end;
    edits.back().new_end = edit.new_end;
  } else {
    edits.push_back(edit);
  }
}

// Diagonals are numbered x - y. furthest[d] holds, for the diagonals -d to d, how far along x one gets with d
// edits.
using Furthest = std::vector<std::int64_t>;
constexpr std::int64_t unreachable = -2;  // also one step further along x

std::int64_t at(const Furthest& furthest, std::int64_t diagonal) {
  const std::int64_t middle = static_cast<std::int64_t>(furthest.size()) / 2;
  const std::int64_t index = middle + diagonal;
  return index < 0 || index >= static_cast<std::int64_t>(furthest.size())
             ? unreachable
             : furthest[static_cast<std::size_t>(index)];
}

// Where `edits` edits come to on the diagonal, before the lines that are alike there. Down puts a line in,
// right takes one out.
bool comes_from_above(const Furthest& previous, std::int64_t diagonal) {
  return at(previous, diagonal - 1) < at(previous, diagonal + 1);
}
std::int64_t first_x(const Furthest& previous, std::int64_t diagonal) {
  return comes_from_above(previous, diagonal) ? at(previous, diagonal + 1) : at(previous, diagonal - 1) + 1;
}

// Back along the way that reached the end.
std::vector<LineEdit> trace_back(const Middle& middle, const std::vector<Furthest>& rounds) {
  std::vector<LineEdit> reversed;
  auto x = static_cast<std::int64_t>(middle.old_size);
  auto y = static_cast<std::int64_t>(middle.new_size);
  for (std::size_t round = rounds.size() - 1; round > 0; --round) {
    const Furthest& previous = rounds[round - 1];
    const std::int64_t diagonal = x - y;
    const bool down = comes_from_above(previous, diagonal);
    const std::int64_t old_x = first_x(previous, diagonal) - (down ? 0 : 1);
    const std::int64_t old_y = old_x - (diagonal + (down ? 1 : -1));
    const auto place = [&](std::int64_t value) { return middle.begin + static_cast<std::size_t>(value); };
    reversed.push_back(
        {place(old_x), place(old_x + (down ? 0 : 1)), place(old_y), place(old_y + (down ? 1 : 0))});
    x = old_x;
    y = old_y;
  }
  std::vector<LineEdit> edits;
  for (auto edit = reversed.rbegin(); edit != reversed.rend(); ++edit) add(edits, *edit);
  return edits;
}

}  // namespace

std::vector<std::string_view> split_lines(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::vector<LineEdit> line_diff(const Lines& before, const Lines& after, std::size_t most) {
  const Middle middle = middle_of(before, after);
  const auto old_size = static_cast<std::int64_t>(middle.old_size);
  const auto new_size = static_cast<std::int64_t>(middle.new_size);
  if (old_size == 0 && new_size == 0) return {};
  std::vector<Furthest> rounds;
  for (std::int64_t edits = 0; edits <= static_cast<std::int64_t>(most); ++edits) {
    Furthest furthest(static_cast<std::size_t>(2 * edits + 1), unreachable);
    for (std::int64_t diagonal = -edits; diagonal <= edits; diagonal += 2) {
      std::int64_t x = edits == 0 ? 0 : first_x(rounds.back(), diagonal);
      std::int64_t y = x - diagonal;
      if (x < 0 || x > old_size || y < 0 || y > new_size) continue;
      while (x < old_size && y < new_size &&
             middle.same(static_cast<std::size_t>(x), static_cast<std::size_t>(y))) {
        ++x;
        ++y;
      }
      furthest[static_cast<std::size_t>(edits + diagonal)] = x;
      if (x == old_size && y == new_size) {
        rounds.push_back(std::move(furthest));
        return trace_back(middle, rounds);
      }
    }
    rounds.push_back(std::move(furthest));
  }
  return {{middle.begin, middle.begin + middle.old_size, middle.begin, middle.begin + middle.new_size}};
}

}  // namespace probe_run
