// Functions of programs and libraries, and the probes that they bring along.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "attach/binary_path.h"
#include "attach/elf_functions.h"
#include "attach/perf_probe.h"
#include "attach/usdt_probes.h"
#include "host/demangle.h"
#include "listing/families.h"
#include "support/error.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// The file that the pattern names, and what it asks for there.
struct FilePattern {
  std::string path;
  std::string places;
  std::optional<Glob> glob;

  bool wants(std::string_view name) const {
    return glob ? glob->matches(name) : places.empty() || places == name;
  }
};

FilePattern file_pattern(const Search& search) {
  const PlacePattern::FileTarget target = PlacePattern::split_file(search.pattern().target());
  FilePattern pattern{find_binary(std::string(target.file)), std::string(target.place), {}};
  if (has_wildcards(pattern.places)) pattern.glob = compile_glob(pattern.places, search.pattern().text());
  return pattern;
}

[[noreturn]] void refuse_file(const std::string& path) {
  const std::string shown = escape_for_terminal(path);
  if (::access(path.c_str(), R_OK) != 0)
    throw Error(fmt::format("cannot read {}: {}", shown, errno_text(errno)), "run it as root");
  throw Error(fmt::format("{} is no ELF file of this machine", shown),
              "a script has no functions to probe: name its interpreter");
}

bool uprobes_are_here(Search& search) {
  if (has_uprobes()) return true;
  search.note("this kernel has no uprobes (CONFIG_UPROBE_EVENTS)");
  return false;
}

// "pattern" is what a uprobe_multi calls the function.
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
    search.note(fmt::format("{} is stripped: only the functions that it exports have names in it",
                            escape_for_terminal(pattern.path)));
  }
  if (indirect) {
    search.note(
        fmt::format("{}: functions that are a choice among several, made when a program starts "
                    "(IFUNC), are left out",
                    escape_for_terminal(pattern.path)));
  }
}

// "-4" of "-4@-20(%rbp)": a signed number of 4 bytes.
std::string argument_type(std::string_view argument) {
  const std::string_view size = argument.substr(0, argument.find('@'));
  for (const auto& [text, type] :
       {std::pair("1", "u8"), std::pair("-1", "s8"), std::pair("2", "u16"), std::pair("-2", "s16"),
        std::pair("4", "u32"), std::pair("-4", "s32"), std::pair("8", "u64"), std::pair("-8", "s64"),
        std::pair("4f", "float"), std::pair("8f", "double")}) {
    if (size == text) return type;
  }
  return "?";
}

Signature signature_of_probe(const UsdtProbe& probe) {
  Signature signature;
  signature.name = probe.name;
  signature.is_function = true;
  std::string_view rest = probe.arguments;
  // An operand has no blanks in it.
  while (!rest.empty()) {
    const std::string_view argument = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), argument.size() + 1));
    if (argument.empty()) continue;
    const std::string type = argument_type(argument);
    const std::string name = fmt::format("arg{}", signature.variables.size());
    signature.variables.push_back({name, type, fmt::format("{} {}", type, name), {}, {}});
  }
  return signature;
}

}  // namespace

void list_user_functions(Search& search) {
  list_functions(search, "symbol");
}

void list_user_functions_at_once(Search& search) {
  list_functions(search, "pattern");
}

void list_user_probes(Search& search) {
  if (!uprobes_are_here(search)) return;
  const FilePattern pattern = file_pattern(search);
  const std::optional<std::vector<UsdtProbe>> probes = read_usdt_probes(pattern.path);
  if (!probes) refuse_file(pattern.path);
  if (probes->empty())
    search.note(fmt::format("{} has no USDT probes", escape_for_terminal(pattern.path)),
                "it may have been built without them; `readelf -n` shows them as notes of stapsdt");
  for (const UsdtProbe& probe : *probes) {
    const std::string full = fmt::format("{}:{}", probe.provider, probe.name);
    if (!pattern.wants(full) && !pattern.wants(probe.name)) continue;
    Place& place = search.add(fmt::format("{}:{}", pattern.path, full));
    if (!search.details()) continue;
    place.attach = {{"binary", pattern.path}, {"provider", probe.provider}, {"probe", probe.name}};
    place.signature = signature_of_probe(probe);
  }
}

}  // namespace probe_run
