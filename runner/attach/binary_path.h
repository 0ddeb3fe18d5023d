// Which file the "binary" of a uprobe is.
#pragma once

#include <string>
#include <string_view>

#include "object/libbpf.h"

namespace probe_run {

// A path with a slash is taken as it is; a bare name is that of a program in PATH, else of a library in
// LD_LIBRARY_PATH or the system's library folders. Returns the path without symbolic links, but
// for one below /proc: a container's root is no link that can be followed by its text. Throws Error that
// lists where it looked.
std::string find_binary(const std::string& name);

// The same; refuses to attach `program` to `target` where it throws.
std::string require_binary(const bpf_program* program, std::string_view target, const std::string& name);

}  // namespace probe_run
