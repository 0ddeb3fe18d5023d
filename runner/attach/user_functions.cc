#include "attach/user_functions.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "attach/binary_path.h"
#include "attach/elf_functions.h"
#include "attach/perf_probe.h"
#include "host/symbol_table.h"
#include "support/error.h"
#include "support/utf8.h"

namespace probe_run {

FilePattern file_pattern(const Search& search) {
  const PlacePattern::FileTarget target = PlacePattern::split_file(search.pattern().target());
  FilePattern pattern{find_binary(std::string(target.file)), std::string(target.place), {}};
  if (has_wildcards(pattern.places)) pattern.glob = compile_glob(pattern.places, search.pattern().text());
  return pattern;
}

void refuse_file(const std::string& path) {
  const std::string shown = escape_for_terminal(path);
  if (::access(path.c_str(), R_OK) != 0)
    throw Error(fmt::format("cannot read {}: {}", shown, errno_text(errno)), "run it as root");
  throw Error(fmt::format("{} is not an ELF file for this machine", shown),
              "for a script, name its interpreter");
}

bool uprobes_are_here(Search& search) {
  if (has_uprobes()) return true;
  search.note("this kernel has no uprobes (CONFIG_UPROBE_EVENTS)");
  return false;
}

void list_functions(Search& search, std::string_view key) {
  if (!uprobes_are_here(search)) return;
  const FilePattern pattern = file_pattern(search);
  const std::optional<ElfFunctions> functions = ElfFunctions::read(pattern.path);
  if (!functions) refuse_file(pattern.path);
  bool any = false;
  bool indirect = false;
  for (const ElfFunction& function : functions->all()) {
    if (!pattern.wants(function.name)) continue;
    indirect |= function.indirect;
    if (function.indirect) continue;
    any = true;
    Place& place = search.add(fmt::format("{}:{}", pattern.path, function.name));
    if (!search.details()) continue;
    place.attach = {{"binary", pattern.path}, {key, std::string(function.name)}};
    constexpr bool trusted = false;
    std::string readable = demangle(function.name, trusted);
    if (readable != function.name) place.readable_name = std::move(readable);
  }
  if (!any && functions->stripped()) {
    search.note(
        fmt::format("{} is stripped: only exported functions are listed", escape_for_terminal(pattern.path)));
  }
  if (indirect) {
    search.note(
        fmt::format("{}: IFUNCs, which select one of several functions when a program starts, are "
                    "not listed",
                    escape_for_terminal(pattern.path)));
  }
}

}  // namespace probe_run
