// Places that a program can be attached to, as text and as JSON.
#pragma once

#include "listing/search.h"
#include "support/text_buffer.h"

namespace probe_run {

// "fentry:do_sys_openat2", followed by the signature if it is known: of a function on the same line, the fields of a
// struct on the lines below. Complete lines.
void append_text(const Place& place, TextBuffer& out);

// One object without a newline: {"type":"fentry","target":"do_sys_openat2","attach":{...},
// "arguments":[{"name":"dfd","type":"int"},...],"returns":"long"}; "fields" for the arguments of a struct.
void append_json(const Place& place, TextBuffer& out);

}  // namespace probe_run
