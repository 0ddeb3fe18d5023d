// Finds the file that "binary" of a uprobe names.
#pragma once

#include <string>
#include <string_view>

#include "object/libbpf.h"

namespace probe_run {

// A path with a slash is used as it is; a bare name is looked up as a program in PATH, then as a library in
// LD_LIBRARY_PATH and the system's library directories. Returns the path with symbolic links resolved, except
// below /proc: the link to a container's root cannot be followed by its text. Throws Error that lists where it
// looked.
std::string find_binary(const std::string& name);

// The same without following symbolic links: what the name leads to may change.
std::string locate_binary(const std::string& name);

// The same, but throws as refuse() does for attaching `program` to `target`.
std::string require_binary(const bpf_program* program, std::string_view target, const std::string& name);

}  // namespace probe_run
