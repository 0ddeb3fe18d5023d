// The programs of a spec in the kernel: loaded and attached, each choice in the first way that can be had.
#pragma once

#include <vector>

#include "attach/attach.h"
#include "engine/chosen_ways.h"
#include "engine/compile.h"
#include "object/pins.h"

namespace probe_run {

class AttachedPrograms {
 public:
  // Nothing is in the kernel yet. `compiled` must outlive this.
  explicit AttachedPrograms(CompiledSpec& compiled) : compiled_(compiled), ways_(compiled.spec) {}
  ~AttachedPrograms() { detach(); }
  AttachedPrograms(const AttachedPrograms&) = delete;
  AttachedPrograms& operator=(const AttachedPrograms&) = delete;

  // A try: load(), then what must be open before the first program runs, then attach(). Both return false
  // when the try has failed and another is to be made, after undo(); they throw Error when there is none to
  // make.
  bool load(unsigned verifier_log);
  bool attach();
  // Takes everything back, pins too, but for what was learnt of the ways. The object is open again.
  void undo();

  // The start has come to a good end: what was pinned stays when the run ends, and attached if it is a link.
  void keep_pins() noexcept;
  void detach() noexcept;

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
  std::vector<Diagnostic> warnings_;  // of this try
};

}  // namespace probe_run
