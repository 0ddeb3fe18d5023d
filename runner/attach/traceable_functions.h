// Kernel functions by name and address: those that ftrace can trace, and all of one name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/kernel_symbols.h"

namespace probe_run {

struct FunctionPlace {
  std::string name;
  std::string module;         // "" for the kernel itself
  std::uint64_t address = 0;  // 0 if unknown
};

// The functions that ftrace can trace. Several can have one name, and kallsyms can have more of that name, which
// cannot be traced; so each is known by its address.
struct TraceableFunctions {
  std::vector<FunctionPlace> functions;
  bool is_listed = false;  // by ftrace; otherwise from kallsyms, and some of them cannot be traced

  // `tracefs`: its path, "" if there is none. Linux before 6.5 lists names only: their addresses come from kallsyms.
  static TraceableFunctions read(const std::string& tracefs, const std::string& kallsyms = kallsyms_path);
};

// A function of a name that several have.
struct NamedFunction {
  FunctionPlace place;
  std::string before;  // the name of the function before it: it tells functions of one name apart
};

// All functions of that name in the order of kallsyms, which is that of addresses within the kernel and within a
// module. In that module if it is not "".
std::vector<NamedFunction> functions_named(std::string_view name, std::string_view module,
                                           const std::string& kallsyms = kallsyms_path);

// A line for each function, with the number by which "ordinal" of a spec chooses it.
std::string choices_among(const std::vector<NamedFunction>& functions);

// "1 function", "7 functions"
std::string function_count(std::size_t count);

}  // namespace probe_run
