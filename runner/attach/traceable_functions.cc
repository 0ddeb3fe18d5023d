#include "attach/traceable_functions.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "attach/name_pattern.h"
#include "attach/refusal.h"
#include "attach/symbol_search.h"
#include "attach/tracefs.h"
#include "host/kallsyms.h"
#include "support/error.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// "" where it cannot be read, as by somebody who may not mount tracefs.
std::string list_path() {
  try {
    std::string path = tracefs_path() + "/available_filter_functions";
    if (::access(path.c_str(), R_OK) == 0) return path;
  } catch (const Error&) {
    // The kernel's symbols do as well for names; the kernel says itself what it cannot trace.
  }
  return {};
}

// "ext4_sync_file [ext4]"
bool is_of_module(const std::string& list, const std::string& name) {
  std::ifstream file(list);
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with(name) && (line[name.size()] == ' ' || line[name.size()] == '\t')) return true;
  }
  return false;
}

// Sorted; without those of modules.
std::vector<std::string> all_functions(const std::string& list) {
  std::vector<std::string> names;
  std::ifstream file(list);
  std::string line;
  while (std::getline(file, line)) {
    if (line.find(' ') == std::string::npos && line.find('\t') == std::string::npos) names.push_back(line);
  }
  if (names.empty()) {  // an ftrace without its list: what cannot be traced is the kernel's to say
    read_kallsyms(kallsyms_path, [&](const KallsymsLine& symbol) {
      if (symbol.is_function()) names.emplace_back(symbol.name);
    });
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

std::vector<std::string> chosen_functions(const bpf_program* program, const std::string& target,
                                          const std::optional<Located<std::string>>& pattern,
                                          const std::optional<OneOrMany<Located<std::string>>>& symbols) {
  const std::string list = list_path();
  std::vector<std::string> all = all_functions(list);
  std::vector<std::string> chosen;
  if (pattern) {
    const Glob glob = name_pattern(program, target, **pattern);
    std::copy_if(std::make_move_iterator(all.begin()), std::make_move_iterator(all.end()),
                 std::back_inserter(chosen), [&](const std::string& name) { return glob.matches(name); });
    if (chosen.empty()) {
      refuse(
          program, target, "the pattern matches none of this kernel's functions that can be traced",
          "/sys/kernel/tracing/available_filter_functions lists them; functions of modules are not matched");
    }
    return chosen;
  }
  for (const Located<std::string>& symbol : symbols->items) {
    chosen.push_back(*symbol);
    if (std::binary_search(all.begin(), all.end(), *symbol)) continue;
    const KernelSymbolSearch search = search_kernel_symbols(*symbol);
    if (search.functions == 0 && (search.readable || !list.empty())) {
      refuse(program, target, fmt::format("this kernel has no function \"{}\"", escape_for_terminal(*symbol)),
             missing_function_hint(search));
    }
    if (!list.empty() && !is_of_module(list, *symbol)) {
      refuse(program, target,
             fmt::format("the function \"{}\" cannot be traced", escape_for_terminal(*symbol)),
             "the kernel's own tracing and its entry code are left out; "
             "/sys/kernel/tracing/available_filter_functions lists what can be, such as one that calls it");
    }
  }
  return chosen;
}

}  // namespace probe_run
