#include "engine/chosen_ways.h"

#include <fmt/format.h>

#include <algorithm>

#include "attach/attach.h"
#include "spec/program_spec.h"
#include "spec/spec.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

using State = PointReport::State;

// The reason on the first line, the hint below it.
std::string numbered(std::size_t number, const Diagnostic& refusal) {
  std::string text = fmt::format("{}. {}", number, refusal.what);
  std::string_view rest = refusal.hint;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    text += fmt::format("\n   {}", rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  return text;
}

}  // namespace

std::string_view name_of(PointReport::State state) {
  switch (state) {
    case State::attached:
      return "attached";
    case State::refused:
      return "refused";
    case State::not_chosen:
      break;
  }
  return "not_chosen";
}

ChosenWays::ChosenWays(const Spec& spec) : spec_(spec), current_(spec.programs.size()) {
  for (std::size_t choice = 0; choice < spec.programs.size(); ++choice) {
    const std::vector<ProgramGroup>& ways = spec.programs[choice].ways;
    for (std::size_t way = 0; way < ways.size(); ++way) {
      for (const ProgramSpec& program : ways[way].items) {
        for (const Located<AttachPoint>& point : program.attach.items)
          points_.push_back({choice, way, &program, &point, describe(*point), {}, State::not_chosen, {}});
        // It is loaded to be called by other programs.
        if (program.attach.items.empty())
          points_.push_back({choice, way, &program, nullptr, "no point", {}, State::not_chosen, {}});
      }
    }
  }
}

void ChosenWays::begin_try() {
  for (Point& point : points_) {
    if (is_current(point) && !point.not_loaded) point.state = State::not_chosen;
  }
}

std::vector<const ProgramSpec*> ChosenWays::programs() const {
  std::vector<const ProgramSpec*> programs;
  for (const Point& point : points_) {
    if (!is_current(point) || point.not_loaded) continue;
    if (programs.empty() || programs.back() != point.program) programs.push_back(point.program);
  }
  return programs;
}

ChosenWays::Point& ChosenWays::find(const Located<AttachPoint>& point) {
  return *std::find_if(points_.begin(), points_.end(), [&](const Point& p) { return p.point == &point; });
}

bool ChosenWays::refuse(const Located<AttachPoint>& point, const Error& error) {
  Point& refused = find(point);
  refused.state = State::refused;
  refused.refusal = error.diagnostics().front();
  refused.refusal.where = spec_.source->excerpt(point.at);
  if (refused.program->optional) return true;
  pass_over(refused.choice);
  return false;
}

void ChosenWays::refuse_load(const LoadError& error) {
  std::vector<const Point*> refused;
  for (Point& point : points_) {
    if (!is_current(point) || point.not_loaded || *point.program->name != error.program()) continue;
    point.state = State::refused;
    point.not_loaded = true;
    point.refusal = error.diagnostics().front();
    point.refusal.where = spec_.source->excerpt(point.program->name.at);
    refused.push_back(&point);
  }
  if (refused.empty()) throw LoadError(error);
  for (const Point* point : refused) {
    if (point->program->optional || !is_current(*point)) continue;
    const ProgramChoice& choice = spec_.programs[point->choice];
    if (choice.ways.size() == 1 && !choice.optional) throw LoadError(error);
    pass_over(point->choice);
  }
}

void ChosenWays::attached(const Located<AttachPoint>& point, const std::string& words) {
  Point& found = find(point);
  found.state = State::attached;
  found.words = words;
}

void ChosenWays::pass_over(std::size_t choice) {
  for (Point& point : points_) {
    if (point.choice == choice && is_current(point) && point.state == State::attached)
      point.state = State::not_chosen;
  }
  const ProgramChoice& spec = spec_.programs[choice];
  if (++current_[choice] < spec.ways.size() || spec.optional) return;
  throw Error({all_refused(choice)});
}

// The refusal of the program for which the alternative was skipped.
const Diagnostic& ChosenWays::refusal_of(std::size_t choice, std::size_t way) const {
  return std::find_if(points_.begin(), points_.end(),
                      [&](const Point& point) {
                        return point.choice == choice && point.way == way && point.state == State::refused &&
                               !point.program->optional;
                      })
      ->refusal;
}

Diagnostic ChosenWays::all_refused(std::size_t choice) const {
  const std::size_t ways = spec_.programs[choice].ways.size();
  if (ways == 1) return refusal_of(choice, 0);
  std::string reasons;
  for (std::size_t way = 0; way < ways; ++way) {
    if (way > 0) reasons += '\n';
    reasons += numbered(way + 1, refusal_of(choice, way));
  }
  return {Diagnostic::Severity::error,
          fmt::format("none of these {} alternatives works on this machine", ways), std::move(reasons),
          spec_.source->excerpt(spec_.programs[choice].at)};
}

std::vector<Diagnostic> ChosenWays::warnings() const {
  std::vector<Diagnostic> warnings;
  const auto add = [&](Diagnostic refusal) {
    refusal.severity = Diagnostic::Severity::warning;
    warnings.push_back(std::move(refusal));
  };
  for (const Point& point : points_) {
    if (is_current(point) && point.state == State::refused) add(point.refusal);
  }
  for (std::size_t choice = 0; choice < current_.size(); ++choice) {
    if (current_[choice] == spec_.programs[choice].ways.size()) add(all_refused(choice));
  }
  return warnings;
}

std::vector<std::string> ChosenWays::passed_over() const {
  std::vector<std::string> reasons;
  for (std::size_t choice = 0; choice < current_.size(); ++choice) {
    if (current_[choice] == spec_.programs[choice].ways.size()) continue;  // already reported as a warning
    for (std::size_t way = 0; way < current_[choice]; ++way) reasons.push_back(refusal_of(choice, way).what);
  }
  return reasons;
}

std::vector<PointReport> ChosenWays::report() const {
  std::vector<PointReport> report;
  for (const Point& point : points_) {
    if (point.point == nullptr && point.state != State::refused) continue;
    report.push_back({*point.program->name, point.state == State::attached ? point.words : point.described,
                      point.state, point.state == State::refused ? point.refusal.what : std::string()});
  }
  return report;
}

}  // namespace probe_run
