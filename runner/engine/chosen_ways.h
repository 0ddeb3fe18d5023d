// Which way of each choice of a spec's programs is tried, and why others were refused.
//
// A spec's programs come into force by tries: the object is loaded with one way of each choice, and its
// programs are attached. When one is refused, the next way of its choice is current, and everything is tried
// anew.
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

  // A try begins; what was refused of optional programs in the one before may be had in this one.
  void begin_try();
  // Those of the current ways, without what the kernel did not load.
  std::vector<const ProgramSpec*> programs() const;

  // A point of one of programs() cannot be attached. True: the try goes on without it. False: it has failed,
  // and there is another. Throws an Error that says why when no way is left.
  bool refuse(const Located<AttachPoint>& point, const Error& error);
  // The object cannot be loaded, so the try has failed. Throws as refuse() does; `error` itself where the
  // spec knows no other way.
  void refuse_load(const LoadError& error);
  // `words`: where, as the attachment says it.
  void attached(const Located<AttachPoint>& point, const std::string& words);

  // Why optional programs and choices are missing.
  std::vector<Diagnostic> warnings() const;
  // Why earlier ways were passed over, where a later one is taken.
  std::vector<std::string> passed_over() const;
  std::vector<PointReport> report() const;

 private:
  struct Point {
    std::size_t choice, way;
    const ProgramSpec* program;
    const Located<AttachPoint>* point;  // nullptr: a program that others call
    std::string described;              // as the spec has it
    std::string words;                  // as the attachment says it
    PointReport::State state = PointReport::State::not_chosen;
    Diagnostic refusal;       // where refused
    bool not_loaded = false;  // by the kernel; no try can change that
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
