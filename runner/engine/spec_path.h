// Finds the file that a SPEC argument names, and says what an argument is that names none.
#pragma once

#include <memory>
#include <string>

#include "support/source_text.h"

namespace probe_run {

// Whether the file is a recording: false for what cannot be read, and for a pipe, which is not read.
bool is_recording(const std::string& path);

// The text of the spec. Throws SpecError for what cannot be one: a directory, a recording, an object, a mode without
// its dashes.
std::shared_ptr<const SourceText> read_spec(const std::string& spec);

}  // namespace probe_run
