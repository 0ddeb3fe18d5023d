// What /proc/kallsyms knows of a kernel function that a probe did not find.
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
      variants;           // the same function under the name that the compiler or the kernel gave it
  std::string cold_part;  // "foo.cold", the seldom used part of the function; "" for none
  std::string nearest;    // else the name nearest to it; "" for none
};

// Reads the whole of kallsyms (some 100,000 lines): for a failed attach only. A "module:" in front is not
// compared.
KernelSymbolSearch search_kernel_symbols(std::string_view symbol, const std::string& path = kallsyms_path);

// What to try instead of a function that is not there.
std::string missing_function_hint(const KernelSymbolSearch& search);

// The functions that the kernel says must not be probed; nullopt where its list cannot be read.
std::optional<std::unordered_set<std::string>> forbidden_functions();

// Whether the function is among them. False where the list cannot be read.
bool is_probe_forbidden(std::string_view symbol);

}  // namespace probe_run
