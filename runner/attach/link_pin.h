// "pin" of programs: a link that outlives the run.
#pragma once

#include <optional>

#include "attach/attach.h"
#include "object/pins.h"

namespace probe_run {

struct ProgramSpec;

// The link that an earlier run pinned at the program's "pin", if any. Throws Error if it must not be reused, or
// if something else is pinned there.
std::optional<Attachment> find_pinned_link(const ProgramSpec& program);

// Throws Error if the attachment is not exactly one kernel link.
void pin_link(const ProgramSpec& program, Attachment& attachment, Pins& pins);

// A pinned link stays attached when the Attachment is destroyed.
void leave_attached(Attachment& attachment);

}  // namespace probe_run
