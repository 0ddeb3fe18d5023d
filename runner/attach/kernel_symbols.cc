#include "attach/kernel_symbols.h"

#include <algorithm>
#include <array>
#include <fstream>

#include "support/suggest.h"

namespace probe_run {
namespace {

constexpr std::array<std::string_view, 4> system_call_prefixes{"__x64_sys_", "__arm64_sys_", "__s390x_sys_",
                                                               "__riscv_sys_"};
constexpr std::size_t most_variants = 6;

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

bool is_variant(std::string_view candidate, std::string_view symbol, std::string_view system_call) {
  // foo.isra.0, foo.constprop.0, foo.llvm.123; a .cold part is no entry of the function.
  if (candidate.size() > symbol.size() && candidate.starts_with(symbol) && candidate[symbol.size()] == '.') {
    return candidate.find(".cold", symbol.size()) == std::string_view::npos;
  }
  return std::any_of(system_call_prefixes.begin(), system_call_prefixes.end(), [&](std::string_view prefix) {
    return candidate.size() == prefix.size() + system_call.size() && candidate.starts_with(prefix) &&
           candidate.ends_with(system_call);
  });
}

// Could `candidate` be nearest() to `symbol`? Only a filter, so that 100,000 names need not be kept and
// compared.
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

// The name in "ffffffff81000000 T _text" or "ffffffffc0000000 t f\t[module]"; "" for data.
std::string_view function_name(std::string_view line) {
  const std::size_t kind = line.find(' ') + 1;
  if (kind == 0 || kind + 2 > line.size() ||
      std::string_view("tTwW").find(line[kind]) == std::string_view::npos)
    return {};
  const std::string_view name = line.substr(kind + 2);
  return name.substr(0, name.find('\t'));
}

}  // namespace

KernelSymbolSearch search_kernel_symbols(std::string_view symbol) {
  if (const std::size_t colon = symbol.find(':'); colon != std::string_view::npos)
    symbol.remove_prefix(colon + 1);
  const std::string_view system_call = system_call_of(symbol);
  KernelSymbolSearch search;
  std::vector<std::string> near;
  std::ifstream file("/proc/kallsyms");
  std::string line;
  while (std::getline(file, line)) {
    const std::string_view name = function_name(line);
    if (name.empty() || name.starts_with("__pfx_")) continue;  // padding in front of a function, no function
    search.readable = true;
    if (name == symbol) {
      ++search.functions;
    } else if (is_variant(name, symbol, system_call)) {
      if (search.variants.size() < most_variants) search.variants.emplace_back(name);
    } else if (is_near(name, symbol)) {
      near.emplace_back(name);
    }
  }
  search.nearest = nearest(symbol, views(near));
  return search;
}

bool is_probe_forbidden(std::string_view symbol) {
  std::ifstream file("/sys/kernel/debug/kprobes/blacklist");
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t tab = line.find('\t');
    if (tab != std::string::npos && std::string_view(line).substr(tab + 1) == symbol) return true;
  }
  return false;
}

}  // namespace probe_run
