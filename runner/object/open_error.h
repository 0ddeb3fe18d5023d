// The error for an object that libbpf does not open: what kind of file it is, and how to build it.
#pragma once

#include <string>
#include <string_view>

#include "support/error.h"

namespace probe_run {

// `elf`: the file's bytes; `error`: what libbpf returned; `log`: its messages.
Error open_error(const std::string& path, std::string_view elf, int error, std::string_view log);

}  // namespace probe_run
