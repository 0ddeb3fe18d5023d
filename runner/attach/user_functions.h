// Lists functions of a program or library.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "listing/search.h"
#include "support/glob.h"

namespace probe_run {

// The file that the pattern names, and the pattern for its functions.
struct FilePattern {
  std::string path;
  std::string places;
  std::optional<Glob> glob;

  bool wants(std::string_view name) const {
    return glob ? glob->matches(name) : places.empty() || places == name;
  }
};

// Throws as find_binary() does, or throws PatternError.
FilePattern file_pattern(const Search& search);

// Throws Error if the file cannot be read or is not an ELF file.
[[noreturn]] void refuse_file(const std::string& path);

// False on a kernel without uprobes, which is added to the notes.
bool uprobes_are_here(Search& search);

// Lists the functions that the pattern matches. `key` is the attach point's key for a function.
void list_functions(Search& search, std::string_view key);

}  // namespace probe_run
