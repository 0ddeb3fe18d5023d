// The probes that an ELF file brings along: notes of the owner "stapsdt".
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace probe_run {

struct UsdtProbe {
  std::string provider;
  std::string name;
  std::string arguments;  // size and place of each: "8@%rdi -4@-20(%rbp)"
};

// nullopt when the file cannot be read or is no ELF file. What is broken in it is passed over.
std::optional<std::vector<UsdtProbe>> read_usdt_probes(const std::string& path);

}  // namespace probe_run
