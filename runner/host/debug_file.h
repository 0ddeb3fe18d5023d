// Where symbols and DWARF are that were stripped off a file. Only this machine's own folders are looked at:
// nothing is ever fetched (DEBUGINFOD_URLS is of no effect).
#pragma once

#include <memory>
#include <string>

#include "host/elf_file.h"

namespace probe_run {

inline constexpr const char* debug_root = "/usr/lib/debug";

// ROOT/.build-id/xx/yyyy with `suffix` (".debug", or "" for the file itself), if it does have that build id.
std::unique_ptr<ElfFile> find_by_build_id(const std::string& build_id, const std::string& root,
                                          const char* suffix);

// By build id, else by the name and checksum in .gnu_debuglink, beside `path` or below `root`.
std::unique_ptr<ElfFile> find_debug_file(const ElfFile& file, const std::string& path,
                                         const std::string& root);

}  // namespace probe_run
