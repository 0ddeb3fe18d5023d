#include "attach/traceable_functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "attach/name_pattern.h"
#include "attach/refusal.h"
#include "attach/symbol_search.h"
#include "attach/tracefs.h"
#include "host/kallsyms.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// Sorted. "vfs_read" or, of a module, "ext4_sync_file [ext4]".
std::vector<std::string> all_functions() {
  std::vector<std::string> names;
  std::ifstream file(tracefs_path() + "/available_filter_functions");
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
  std::vector<std::string> all = all_functions();
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
    if (search.functions > 0) continue;  // of a module, or one that the kernel will say cannot be traced
    std::string hint = "/sys/kernel/tracing/available_filter_functions lists those that there are";
    if (!search.variants.empty()) {
      hint = fmt::format("here it is called \"{}\"",
                         escape_for_terminal(join(views(search.variants), "\" or \"")));
    } else if (!search.nearest.empty()) {
      hint = fmt::format("did you mean \"{}\"?", escape_for_terminal(search.nearest));
    }
    refuse(program, target, fmt::format("this kernel has no function \"{}\"", escape_for_terminal(*symbol)),
           hint);
  }
  return chosen;
}

}  // namespace probe_run
