#include "attach/user_function_search.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "attach/perf_probe.h"
#include "attach/refusal.h"
#include "attach/traceable_functions.h"
#include "support/error.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::size_t mangled_shown = 4;
constexpr std::size_t most_choices = 20;  // shown

// Of a symbol whose version is not found.
std::string versions_hint(const ElfFunctions& functions, std::string_view symbol) {
  const std::vector<std::string> versions = functions.versions(symbol.substr(0, symbol.find('@')));
  if (versions.empty()) return {};
  return fmt::format("its versions are {}", escape_for_terminal(join(views(versions))));
}

[[noreturn]] void refuse_missing(const bpf_program* program, const std::string& target,
                                 const std::string& binary, const std::string& symbol,
                                 const ElfFunctions& functions) {
  const std::string shown = escape_for_terminal(binary);
  const std::vector<std::string_view> mangled = functions.mangled(symbol, mangled_shown);
  std::string hint = versions_hint(functions, symbol);
  const bool is_version = !hint.empty();
  if (hint.empty() && !mangled.empty()) {
    hint = fmt::format("use the mangled names of C++ and Rust functions: {}",
                       escape_for_terminal(join(mangled)));
  } else if (hint.empty()) {
    hint = suggestion(symbol, functions.names(), {});
  }
  if (functions.stripped() && !is_version) {
    hint += fmt::format(
        "{}the file is stripped, so it has the names of exported functions only; use the \"offset\" in the file for "
        "other functions",
        hint.empty() ? "" : "\n");
  } else if (hint.empty()) {
    hint = fmt::format("`nm {}` lists its functions; this one may be inlined, or in a library", shown);
  }
  refuse(program, target, fmt::format("{} has no function \"{}\"", shown, escape_for_terminal(symbol)), hint);
}

std::string choices_among(const std::vector<ElfFunction>& functions) {
  std::string text = "choose one by its number, with \"ordinal\":";
  for (std::size_t i = 0; i < functions.size(); ++i) {
    if (i == most_choices) return text + fmt::format("\n  and {} more", functions.size() - i);
    text +=
        fmt::format("\n  {}: at {:#x} in the file, {} bytes", i + 1, functions[i].offset, functions[i].size);
  }
  return text;
}

}  // namespace

ElfFunctions read_functions(const bpf_program* program, const std::string& target,
                            const std::string& binary) {
  std::optional<ElfFunctions> functions = ElfFunctions::read(binary);
  if (functions) return std::move(*functions);
  const std::string shown = escape_for_terminal(binary);
  const int error = ::access(binary.c_str(), R_OK) == 0 ? 0 : errno;
  if (error != 0)
    refuse(program, target, fmt::format("cannot read {}: {}", shown, errno_text(error)), "run it as root");
  refuse(program, target, fmt::format("{} is not an ELF file for this machine", shown),
         "for a script, name its interpreter; or give the \"offset\" in the file instead of a symbol");
}

FoundFunction find_function(const bpf_program* program, const std::string& target, const std::string& binary,
                            const ElfFunctions& functions, const std::string& symbol, std::uint64_t ordinal) {
  const std::string shown = escape_for_terminal(binary);
  std::vector<ElfFunction> found = functions.find(symbol);
  if (found.empty()) refuse_missing(program, target, binary, symbol, functions);
  std::sort(found.begin(), found.end(),
            [](const ElfFunction& a, const ElfFunction& b) { return a.offset < b.offset; });
  if (ordinal > found.size()) {
    refuse(program, target,
           fmt::format("{} has only {} named \"{}\"", shown, function_count(found.size()),
                       escape_for_terminal(symbol)),
           found.size() == 1 ? "remove \"ordinal\"" : choices_among(found));
  }
  if (ordinal == 0 && found.size() > 1) {
    refuse(
        program, target,
        fmt::format("{} has {} functions named \"{}\"", shown, found.size(), escape_for_terminal(symbol)),
        choices_among(found) + "\nto probe all of them, give the name as \"pattern\" instead of \"symbol\"");
  }
  const ElfFunction& chosen = found[ordinal == 0 ? 0 : ordinal - 1];
  if (chosen.indirect) {
    refuse(program, target,
           fmt::format("\"{}\" is an IFUNC: one of several functions is selected when a program starts",
                       escape_for_terminal(symbol)),
           "probe the variant for this machine; the file's debug symbols name the variants");
  }
  return {chosen, found.size()};
}

std::vector<std::uint64_t> matching_offsets(const bpf_program* program, const std::string& target,
                                            const std::string& binary, const std::string& pattern) {
  const Glob glob = name_pattern(program, target, pattern);
  const ElfFunctions functions = read_functions(program, target, binary);
  std::set<std::uint64_t> offsets;
  for (const ElfFunction& function : functions.matching(glob)) {
    if (!function.indirect) offsets.insert(function.offset);
  }
  if (offsets.empty()) {
    std::string hint = versions_hint(functions, pattern);
    if (hint.empty()) {
      hint = functions.stripped() ? "the file is stripped, so it has the names of exported functions only"
                                  : fmt::format("`nm {}` lists its functions", escape_for_terminal(binary));
    }
    refuse(program, target,
           fmt::format("the pattern does not match any function of {}", escape_for_terminal(binary)),
           std::move(hint));
  }
  return {offsets.begin(), offsets.end()};
}

}  // namespace probe_run
