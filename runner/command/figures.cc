#include "command/figures.h"

#include <fmt/format.h>

namespace probe_run {

Figures& Figures::operator+=(const Figures& other) {
  events += other.events;
  reads += other.reads;
  lost += other.lost;
  undecodable += other.undecodable;
  longer += other.longer;
  incomplete += other.incomplete;
  vanished += other.vanished;
  restarted += other.restarted;
  ungrouped += other.ungrouped;
  unremembered += other.unremembered;
  return *this;
}

std::string to_text(const Figures& figures, Duration elapsed) {
  const auto counted = [](std::uint64_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
  };
  std::string text;
  if (figures.reads > 0) text = counted(figures.reads, "map read");
  if (figures.events > 0 || figures.reads == 0)
    text += (text.empty() ? "" : ", ") + counted(figures.events, "event");
  text += fmt::format(", {} lost, {} undecodable", figures.lost, figures.undecodable);
  if (figures.longer > 0) text += fmt::format(", {} longer than their type", figures.longer);
  if (figures.incomplete > 0) text += fmt::format(", {} reads incomplete", figures.incomplete);
  if (figures.restarted > 0) text += fmt::format(", {} restarted", counted(figures.restarted, "read"));
  if (figures.vanished > 0) text += fmt::format(", {} vanished", counted(figures.vanished, "key"));
  if (figures.ungrouped > 0)
    text += fmt::format(", {} beyond the limit on groups and in none", figures.ungrouped);
  if (figures.unremembered > 0) {
    text += fmt::format(", {} of new keys beyond the map's size and not shown",
                        counted(figures.unremembered, "value"));
  }
  return text + fmt::format(" in {:.1f} s", std::chrono::duration<double>(elapsed).count());
}

}  // namespace probe_run
