// Places that a program can be attached to, as text for a person and as JSON for programs.
#pragma once

#include "listing/search.h"
#include "support/text_buffer.h"

namespace probe_run {

// "fentry:do_sys_openat2", and where the signature is known that of a function on the same line, and the
// fields of a struct on lines below. Whole lines.
void append_text(const Place& place, TextBuffer& out);

// One object without a line's end: {"type":"fentry","target":"do_sys_openat2","attach":{...},
// "arguments":[{"name":"dfd","type":"int"},...],"returns":"long"}; "fields" for the arguments of a struct.
void append_json(const Place& place, TextBuffer& out);

}  // namespace probe_run
