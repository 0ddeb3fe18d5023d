// The programs of a spec in the kernel: loaded and attached, using the first alternative that works for each choice.
#pragma once

#include <vector>

#include "attach/attach.h"
#include "engine/chosen_ways.h"
#include "engine/compile.h"
#include "object/pins.h"

namespace probe_run {

class AttachedPrograms {
 public:
  // Loads nothing yet. `compiled` must outlive this.
  explicit AttachedPrograms(CompiledSpec& compiled) : compiled_(compiled), ways_(compiled.spec) {}
  ~AttachedPrograms() { detach(); }
  AttachedPrograms(const AttachedPrograms&) = delete;
  AttachedPrograms& operator=(const AttachedPrograms&) = delete;

  // An attempt: load(), then opening what must be open before the first program runs, then attach(). Both return
  // false if the attempt failed and another should follow after undo(); they throw Error if none is left.
  bool load(unsigned verifier_log);
  bool attach();
  // Undoes everything, including pins, but keeps what was learnt about the alternatives. The object is open again.
  void undo();

  // The start succeeded: pins stay when the run ends, and pinned links stay attached.
  void keep_pins() noexcept;
  void detach() noexcept;
  // Whether a program is to be attached again to a file that is replaced.
  bool follows_files() const;

  std::vector<Attachment>& attachments() { return attachments_; }
  const std::vector<Attachment>& attachments() const { return attachments_; }
  const ChosenWays& ways() const { return ways_; }
  std::vector<Diagnostic> warnings() const;

 private:
  bool prepare_programs();
  bool load_object(unsigned verifier_log);
  bool take_pinned_link(const ProgramSpec& program);
  void warn_of_unseen_maps();
  void attach_at(const ProgramSpec& program, const Located<AttachPoint>& point);

  CompiledSpec& compiled_;
  ChosenWays ways_;
  std::vector<Fd> held_;  // until the load
  Pins pins_;
  std::vector<Attachment> attachments_;
  std::vector<Diagnostic> warnings_;  // of this attempt
};

}  // namespace probe_run
