// Which alternative ("way") of each choice in "programs" is tried, and why others were refused.
//
// Programs are started by attempts: the object is loaded with one way of each choice, and its programs are
// attached. If one is refused, the next way of its choice becomes current, and everything is tried again.
#pragma once

#include <string>
#include <vector>

#include "engine/spec_report.h"
#include "object/load_error.h"
#include "spec/program_spec.h"
#include "spec/spec.h"
#include "support/source_text.h"

namespace probe_run {

class ChosenWays {
 public:
  explicit ChosenWays(const Spec& spec);

  // Begins an attempt; optional programs that were refused in the previous one are tried again.
  void begin_try();
  // The programs of the current ways, without those that the kernel did not load.
  std::vector<const ProgramSpec*> programs() const;

  // A point of one of programs() cannot be attached. True: the attempt continues without it. False: the attempt
  // failed, and another follows. Throws an Error with the reasons if no way is left.
  bool refuse(const Located<AttachPoint>& point, const Error& error);
  // The object cannot be loaded, so the attempt failed. Throws as refuse() does, or `error` itself if the spec has
  // no other way.
  void refuse_load(const LoadError& error);
  // `words`: the attachment's description of its target.
  void attached(const Located<AttachPoint>& point, const std::string& words);

  // Why optional programs and choices are missing.
  std::vector<Diagnostic> warnings() const;
  // Why earlier ways were skipped, if a later one is used.
  std::vector<std::string> passed_over() const;
  std::vector<PointReport> report() const;

 private:
  struct Point {
    std::size_t choice, way;
    const ProgramSpec* program;
    const Located<AttachPoint>* point;  // nullptr: a program that others call
    std::string described;              // from the spec
    std::string words;                  // from the attachment
    PointReport::State state = PointReport::State::not_chosen;
    Diagnostic refusal;       // if refused
    bool not_loaded = false;  // by the kernel; further attempts would not change that
  };
  bool is_current(const Point& point) const { return current_[point.choice] == point.way; }
  Point& find(const Located<AttachPoint>& point);
  void pass_over(std::size_t choice);
  const Diagnostic& refusal_of(std::size_t choice, std::size_t way) const;
  Diagnostic all_refused(std::size_t choice) const;

  const Spec& spec_;
  std::vector<Point> points_;         // of every way of every choice
  std::vector<std::size_t> current_;  // of each choice; the number of its ways: none is left
};

}  // namespace probe_run
