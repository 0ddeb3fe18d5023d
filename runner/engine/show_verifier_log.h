// --verifier-log: what the verifier says of each program, on standard error.
#pragma once

#include "object/bpf_object.h"

namespace probe_run {

// Loads the object. Shows the log whether the kernel takes the programs or not; level 0 asks for none.
void load_showing_log(BpfObject& object, unsigned level);

}  // namespace probe_run
