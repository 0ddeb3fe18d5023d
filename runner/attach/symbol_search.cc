#include "attach/symbol_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "support/rights.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::array<std::string_view, 2> system_call_prefixes{"__x64_sys_", "__arm64_sys_"};
constexpr std::size_t most_variants = 6;
constexpr std::string_view cold = ".cold";

// "foo" of "foo.isra.0": another build of the kernel may have the whole function, or another suffix.
std::string_view base_of(std::string_view symbol) {
  return symbol.substr(0, std::max<std::size_t>(symbol.find('.'), 1));
}

// "execve" of "execve", "sys_execve" and "__x64_sys_execve".
std::string_view system_call_of(std::string_view symbol) {
  for (const std::string_view prefix : {std::string_view("sys_"), std::string_view("SyS_")}) {
    if (symbol.starts_with(prefix)) return symbol.substr(prefix.size());
  }
  for (const std::string_view prefix : system_call_prefixes) {
    if (symbol.starts_with(prefix)) return symbol.substr(prefix.size());
  }
  return symbol;
}

// foo.isra.0, foo.constprop.0, foo.part.0, foo.llvm.123
bool is_part_of(std::string_view candidate, std::string_view base) {
  return candidate.size() > base.size() && candidate.starts_with(base) && candidate[base.size()] == '.';
}

bool is_variant(std::string_view candidate, std::string_view symbol, std::string_view system_call) {
  const std::string_view base = base_of(symbol);
  if (is_part_of(candidate, base) || (candidate == base && base != symbol)) return true;
  return std::any_of(system_call_prefixes.begin(), system_call_prefixes.end(), [&](std::string_view prefix) {
    return candidate.size() == prefix.size() + system_call.size() && candidate.starts_with(prefix) &&
           candidate.ends_with(system_call);
  });
}

// Whether `candidate` can be nearest() to `symbol`: a filter, so that 100,000 names need not be kept and compared.
bool is_near(std::string_view candidate, std::string_view symbol) {
  const std::size_t edits = std::max<std::size_t>(symbol.size(), 3) / 3;
  if (candidate.size() > symbol.size() + edits || symbol.size() > candidate.size() + edits) return false;
  std::array<int, 128> letters{};
  for (const char c : symbol) ++letters[static_cast<unsigned char>(c) & 127u];
  std::size_t foreign = 0;
  for (const char c : candidate) {
    if (--letters[static_cast<unsigned char>(c) & 127u] < 0) ++foreign;
  }
  return foreign <= edits;
}

}  // namespace

KernelSymbolSearch search_kernel_symbols(std::string_view symbol, const std::string& path) {
  if (const std::size_t colon = symbol.find(':'); colon != std::string_view::npos)
    symbol.remove_prefix(colon + 1);
  const std::string_view system_call = system_call_of(symbol);
  KernelSymbolSearch search;
  std::vector<std::string> near;
  read_kallsyms(path, [&](const KallsymsLine& line) {
    const std::string_view name = line.name;
    // "__pfx_" is padding before a function.
    if (!line.is_function() || name.starts_with("__pfx_")) return;
    search.readable = true;
    if (name == symbol) {
      ++search.functions;
    } else if (is_part_of(name, base_of(symbol)) && name.find(cold) != std::string_view::npos) {
      search.cold_part = name;  // not an entry point of the function
    } else if (is_variant(name, symbol, system_call)) {
      if (search.variants.size() < most_variants) search.variants.emplace_back(name);
    } else if (is_near(name, symbol)) {
      near.emplace_back(name);
    }
  });
  search.nearest = nearest(symbol, views(near));
  return search;
}

std::string missing_function_hint(const KernelSymbolSearch& search) {
  if (!search.variants.empty()) {
    return fmt::format("on this kernel it is named \"{}\"",
                       escape_for_terminal(join(views(search.variants), "\" or \"")));
  }
  if (!search.cold_part.empty()) {
    return fmt::format("the compiler inlined it into its callers; only its cold part is left, \"{}\"",
                       escape_for_terminal(search.cold_part));
  }
  if (!search.nearest.empty())
    return fmt::format("did you mean \"{}\"?", escape_for_terminal(search.nearest));
  return search.readable ? "the compiler may have inlined it into its callers; /proc/kallsyms lists all "
                           "functions"
                         : "/proc/kallsyms, which lists the kernel's functions, cannot be read";
}

std::optional<std::unordered_set<std::string>> forbidden_functions() {
  const InForce raised = raise_rights(kernel_file_rights);
  std::ifstream file("/sys/kernel/debug/kprobes/blacklist");
  if (!file) return std::nullopt;
  std::unordered_set<std::string> names;
  std::string line;
  while (std::getline(file, line)) {
    if (const std::size_t tab = line.find('\t'); tab != std::string::npos) names.insert(line.substr(tab + 1));
  }
  return names;
}

bool is_probe_forbidden(std::string_view symbol) {
  const std::optional<std::unordered_set<std::string>> forbidden = forbidden_functions();
  return forbidden && forbidden->contains(std::string(symbol));
}

}  // namespace probe_run
