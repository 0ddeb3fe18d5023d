// An object that libbpf does not open, in words: what kind of file it is, and how it should have been made.
#pragma once

#include <string>
#include <string_view>

#include "support/error.h"

namespace probe_run {

// `elf`: the file's bytes; `error`: what libbpf returned; `log`: what it said.
Error open_error(const std::string& path, std::string_view elf, int error, std::string_view log);

}  // namespace probe_run
