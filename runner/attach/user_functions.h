// What is to be listed of a program or library.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "listing/search.h"
#include "support/glob.h"

namespace probe_run {

// The file that the pattern names, and what it asks for there.
struct FilePattern {
  std::string path;
  std::string places;
  std::optional<Glob> glob;

  bool wants(std::string_view name) const {
    return glob ? glob->matches(name) : places.empty() || places == name;
  }
};

// Throws as find_binary() does, or PatternError.
FilePattern file_pattern(const Search& search);

// Throws Error: the file cannot be read, or is no ELF file.
[[noreturn]] void refuse_file(const std::string& path);

// False, which is noted, on a kernel without uprobes.
bool uprobes_are_here(Search& search);

// Lists the functions that the pattern asks for. `key` is what the attach point calls a function.
void list_functions(Search& search, std::string_view key);

}  // namespace probe_run
