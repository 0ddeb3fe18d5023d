#include "engine/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace probe_run {
namespace {

struct Named {
  std::string_view name;
  std::uint64_t Figures::*figure;
  bool is_loss;
  bool in_summary = true;
  bool (Figures::*is_known)() const = nullptr;  // nullptr: always
};
constexpr Named all_figures[] = {{"events", &Figures::events, false},
                                 {"reads", &Figures::reads, false},
                                 {"lost", &Figures::lost, true, true, &Figures::lost_is_known},
                                 {"uncounted_streams", &Figures::uncounted_streams, true},
                                 {"missed", &Figures::missed, true, true, &Figures::missed_is_known},
                                 {"uncounted_programs", &Figures::uncounted_programs, false},
                                 {"undecodable", &Figures::undecodable, true},
                                 {"longer", &Figures::longer, true},
                                 {"incomplete", &Figures::incomplete, true},
                                 {"restarted", &Figures::restarted, true},
                                 {"vanished", &Figures::vanished, true},
                                 {"ungrouped", &Figures::ungrouped, false},
                                 {"unremembered", &Figures::unremembered, true},
                                 {"sampled_out", &Figures::sampled_out, false},
                                 {"rate_limited", &Figures::rate_limited, false},
                                 {"not_written", &Figures::not_written, true},
                                 {"counted_streams", &Figures::counted_streams, false, false},
                                 {"counted_programs", &Figures::counted_programs, false, false},
                                 {"left_out", &Figures::left_out, false, false},
                                 {"series_merged", &Figures::series_merged, false, false},
                                 {"series_replaced", &Figures::series_replaced, false, false},
                                 {"series_beyond_limit", &Figures::series_beyond_limit, false, false},
                                 {"series_refused", &Figures::series_refused, false, false}};

}  // namespace

Figures& Figures::operator+=(const Figures& other) {
  for (const Named& named : all_figures) this->*named.figure += other.*named.figure;
  return *this;
}

bool Figures::has_losses() const {
  return std::any_of(std::begin(all_figures), std::end(all_figures),
                     [this](const Named& named) { return named.is_loss && this->*named.figure != 0; });
}

std::string to_json(const Figures& figures) {
  std::string text;
  for (const Named& named : all_figures) {
    if (!named.in_summary) continue;
    text += fmt::format("{}\"{}\":", text.empty() ? "{" : ",", named.name);
    const bool is_known = named.is_known == nullptr || (figures.*named.is_known)();
    text += is_known ? fmt::format("{}", figures.*named.figure) : "null";
  }
  return text + "}";
}

namespace {

std::string counted(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// Some streams or programs may be counted and others not.
std::string lost_text(const Figures& figures) {
  if (!figures.lost_is_known()) return "loss not counted";
  if (figures.uncounted_streams == 0) return fmt::format("{} lost", figures.lost);
  return fmt::format("{} lost, loss of {} not counted", figures.lost,
                     counted(figures.uncounted_streams, "stream"));
}

std::string missed_text(const Figures& figures) {
  std::string text;
  if (figures.missed > 0) text = fmt::format(", {} missed", figures.missed);
  if (figures.uncounted_programs > 0) {
    text += fmt::format(", missed calls of {} not counted", counted(figures.uncounted_programs, "program"));
  }
  return text;
}

}  // namespace

std::string to_text(const Figures& figures, Duration elapsed) {
  std::string text;
  if (figures.reads > 0) text = counted(figures.reads, "map read");
  if (figures.events > 0 || figures.reads == 0)
    text += (text.empty() ? "" : ", ") + counted(figures.events, "event");
  text +=
      fmt::format(", {}{}, {} undecodable", lost_text(figures), missed_text(figures), figures.undecodable);
  if (figures.longer > 0) text += fmt::format(", {} longer than the type", figures.longer);
  if (figures.incomplete > 0) text += fmt::format(", {} incomplete", counted(figures.incomplete, "read"));
  if (figures.restarted > 0) text += fmt::format(", {} restarted", counted(figures.restarted, "read"));
  if (figures.vanished > 0) text += fmt::format(", {} vanished", counted(figures.vanished, "key"));
  if (figures.ungrouped > 0)
    text += fmt::format(", {} grouped as \"(other)\": too many groups", figures.ungrouped);
  if (figures.unremembered > 0) {
    text += fmt::format(", {} of new keys dropped: the map is full", counted(figures.unremembered, "value"));
  }
  if (figures.sampled_out > 0)
    text += fmt::format(", {} skipped by \"sample\"", counted(figures.sampled_out, "row"));
  if (figures.rate_limited > 0)
    text += fmt::format(", {} dropped by \"rate_limit\"", counted(figures.rate_limited, "row"));
  if (figures.left_out > 0)
    text += fmt::format(", {} of the last, partial interval left out", counted(figures.left_out, "row"));
  if (figures.series_replaced > 0)
    text += fmt::format(", {} replaced by others with equal labels", counted(figures.series_replaced, "row"));
  if (figures.series_beyond_limit > 0)
    text += fmt::format(", {} dropped: too many series", counted(figures.series_beyond_limit, "row"));
  if (figures.not_written > 0) text += fmt::format(", {} not written", counted(figures.not_written, "line"));
  return text + fmt::format(" in {:.1f} s", std::chrono::duration<double>(elapsed).count());
}

}  // namespace probe_run
