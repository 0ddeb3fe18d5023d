// "pin" of the spec's programs: a link that stays when the run ends.
#pragma once

#include <optional>

#include "attach/attach.h"
#include "object/pins.h"

namespace probe_run {

struct ProgramSpec;

// The link that an earlier run pinned where the program's is to be; nothing where there is none. Throws Error
// where there is one and it must not be reused, or something else.
std::optional<Attachment> find_pinned_link(const ProgramSpec& program);

// Throws Error where the attachment is no single link of the kernel.
void pin_link(const ProgramSpec& program, Attachment& attachment, Pins& pins);

// What is pinned stays in force when the attachment goes.
void leave_attached(Attachment& attachment);

}  // namespace probe_run
