// Which file the "binary" of a uprobe is.
#pragma once

#include <string>

namespace probe_run {

// A path with a slash is taken as it is; a bare name is that of a program in PATH, else of a library in
// LD_LIBRARY_PATH or the system's library folders. Returns the path without symbolic links. Throws Error that
// lists where it looked.
std::string find_binary(const std::string& name);

}  // namespace probe_run
