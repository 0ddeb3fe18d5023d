#include "support/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr unsigned step = 4;  // the cost of one edit; a change of case costs half

char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

// Optimal string alignment distance, in quarters of an edit.
unsigned distance(std::string_view a, std::string_view b) {
  const std::size_t width = b.size() + 1;
  std::vector<unsigned> table((a.size() + 1) * width);
  const auto at = [&](std::size_t i, std::size_t j) -> unsigned& { return table[i * width + j]; };
  for (std::size_t i = 0; i <= a.size(); ++i) at(i, 0) = static_cast<unsigned>(i) * step;
  for (std::size_t j = 0; j <= b.size(); ++j) at(0, j) = static_cast<unsigned>(j) * step;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      unsigned change = step;
      if (a[i - 1] == b[j - 1]) {
        change = 0;
      } else if (lower(a[i - 1]) == lower(b[j - 1])) {
        change = step / 2;
      }
      at(i, j) = std::min({at(i - 1, j) + step, at(i, j - 1) + step, at(i - 1, j - 1) + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + step);
      }
    }
  }
  return at(a.size(), b.size());
}

}  // namespace

std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates) {
  if (name.size() > 256) return {};  // nobody mistypes that; and the table below is quadratic
  // A third of the name may be wrong, and at least one edit, but not the whole of a name of one letter.
  const auto wrong = static_cast<unsigned>(std::max<std::size_t>(name.size(), 3) * 2 / 3);
  unsigned best = name.size() == 1 ? step : wrong * step / 2 + 2;
  std::string_view found;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > name.size() + best || name.size() > candidate.size() + best) continue;
    if (candidate != name && std::equal(name.begin(), name.end(), candidate.begin(), candidate.end(),
                                        [](char a, char b) { return lower(a) == lower(b); })) {
      return candidate;
    }
    unsigned cost = distance(name, candidate);
    if (cost == 0) continue;
    // Of two that are as near, the one that begins alike: nobody mistypes the first letter.
    if (!candidate.empty() && !name.empty() && lower(candidate[0]) != lower(name[0])) ++cost;
    if (cost < best) {
      best = cost;
      found = candidate;
    }
  }
  return found;
}

std::string suggestion(std::string_view name, std::span<const std::string_view> candidates,
                       std::string_view known) {
  const std::string_view near = nearest(name, candidates);
  if (!near.empty()) return fmt::format("did you mean \"{}\"?", escape_for_terminal(near));
  if (candidates.empty() || known.empty()) return {};
  constexpr std::size_t most = 12;
  const std::string list = escape_for_terminal(
      fmt::format("{}", fmt::join(candidates.first(std::min(candidates.size(), most)), ", ")));
  if (candidates.size() <= most) return fmt::format("{}: {}", known, list);
  return fmt::format("{}: {}, and {} more", known, list, candidates.size() - most);
}

std::vector<std::string_view> views(const std::vector<std::string>& strings) {
  return {strings.begin(), strings.end()};
}

std::string join(std::span<const std::string_view> words, std::string_view last) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? last : std::string_view(", ");
    text += words[i];
  }
  return text;
}

}  // namespace probe_run
