#include "command/figures.h"

#include <fmt/format.h>

namespace probe_run {

Figures& Figures::operator+=(const Figures& other) {
  events += other.events;
  reads += other.reads;
  lost += other.lost;
  undecodable += other.undecodable;
  incomplete += other.incomplete;
  ungrouped += other.ungrouped;
  return *this;
}

std::string to_text(const Figures& figures, Duration elapsed) {
  std::string text = fmt::format("{} event{}, {} lost, {} undecodable", figures.events, figures.events == 1 ? "" : "s",
                                 figures.lost, figures.undecodable);
  if (figures.reads > 0) text += fmt::format(", {} map read{}", figures.reads, figures.reads == 1 ? "" : "s");
  if (figures.incomplete > 0) text += fmt::format(", {} of them incomplete", figures.incomplete);
  if (figures.ungrouped > 0) text += fmt::format(", {} beyond the limit on groups and in none", figures.ungrouped);
  return text + fmt::format(" in {:.1f} s", std::chrono::duration<double>(elapsed).count());
}

}  // namespace probe_run
