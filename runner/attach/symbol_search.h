// What /proc/kallsyms has on a kernel function that a probe did not find.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "host/kernel_symbols.h"

namespace probe_run {

struct KernelSymbolSearch {
  bool readable = false;      // kallsyms has names for this process
  std::size_t functions = 0;  // functions of exactly that name
  std::vector<std::string>
      variants;           // the same function under other names, given by the compiler or the kernel
  std::string cold_part;  // "foo.cold", the rarely executed part of the function; "" for none
  std::string nearest;    // otherwise the most similar name; "" for none
};

// Reads all of kallsyms (about 100,000 lines): only for a failed attach. Ignores a prefix "module:".
KernelSymbolSearch search_kernel_symbols(std::string_view symbol, const std::string& path = kallsyms_path);

// What to try instead of a function that is not found.
std::string missing_function_hint(const KernelSymbolSearch& search);

// The functions on the kernel's blacklist for probes; nullopt if it cannot be read.
std::optional<std::unordered_set<std::string>> forbidden_functions();

// Whether the function is on the blacklist. False if it cannot be read.
bool is_probe_forbidden(std::string_view symbol);

}  // namespace probe_run
