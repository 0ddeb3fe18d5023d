#include "attach/traceable_functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <optional>
#include <unordered_map>

#include "support/rights.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::size_t most_choices = 20;  // shown

// What the list has in place of functions whose code was discarded.
constexpr std::string_view invalid_name = "__ftrace_invalid_address__";

// Padding before functions and parts that the compiler moved out of them are not functions.
bool is_entry(std::string_view name) {
  return !name.starts_with("__pfx_") && !name.starts_with("__cfi_") &&
         name.find(".cold") == std::string_view::npos;
}

// kallsyms lists BPF programs and functions generated for tracing as if they were in modules.
bool is_code_of_kernel(const KallsymsLine& line) {
  return line.is_function() && is_entry(line.name) && line.module != "bpf" &&
         !line.module.starts_with("__builtin__");
}

// "ext4_sync_file [ext4]", after an address where the list has them.
std::optional<FunctionPlace> parse_line(std::string_view line, bool with_address) {
  FunctionPlace place;
  if (with_address) {
    const auto [end, bad] = std::from_chars(line.data(), line.data() + line.size(), place.address, 16);
    if (bad != std::errc() || end == line.data() + line.size() || *end != ' ') return std::nullopt;
    line.remove_prefix(static_cast<std::size_t>(end - line.data()) + 1);
  }
  const std::string_view name = line.substr(0, line.find_first_of(" \t"));
  if (name.empty() || name.starts_with(invalid_name)) return std::nullopt;
  place.name = name;
  const std::size_t open = line.find('[', name.size());
  const std::size_t close = line.find(']', std::min(open, line.size()));
  if (close != std::string_view::npos) place.module = line.substr(open + 1, close - open - 1);
  return place;
}

std::vector<FunctionPlace> read_list(const std::string& path, bool with_address) {
  std::vector<FunctionPlace> functions;
  const InForce raised = raise_rights(kernel_file_rights);
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (std::optional<FunctionPlace> place = parse_line(line, with_address))
      functions.push_back(std::move(*place));
  }
  return functions;
}

std::string key_of(std::string_view name, std::string_view module) {
  return fmt::format("{} {}", name, module);
}

std::string key_of(const FunctionPlace& place) {
  return key_of(place.name, place.module);
}

// Finds the addresses of a list without them. Where kallsyms has more functions of a name than the list, the list's
// order tells which ones are meant: a module's functions are in the order of their addresses.
class Addresses {
 public:
  Addresses(std::vector<FunctionPlace>& functions, const std::string& kallsyms) : functions_(functions) {
    for (const FunctionPlace& place : functions_) ++of_name_[key_of(place)].listed;
    read_kallsyms(kallsyms, [&](const KallsymsLine& line) {
      if (!line.is_function() || line.address == 0) return;
      const auto found = of_name_.find(key_of(line.name, line.module));
      if (found == of_name_.end()) return;
      std::vector<std::uint64_t>& addresses = found->second.addresses;
      if (std::find(addresses.begin(), addresses.end(), line.address) == addresses.end())
        addresses.push_back(line.address);
    });
    for (auto& [name, known] : of_name_) std::sort(known.addresses.begin(), known.addresses.end());
  }

  void find() {
    for (FunctionPlace& place : functions_) {
      OfName& known = of_name_[key_of(place)];
      if (known.addresses.size() == known.listed) place.address = known.addresses[known.taken++];
    }
    for (std::size_t i = 0; i < functions_.size(); ++i) {
      if (functions_[i].address == 0) functions_[i].address = between_neighbours(i);
    }
  }

 private:
  struct OfName {
    std::size_t listed = 0, taken = 0;
    std::vector<std::uint64_t> addresses;  // in kallsyms
  };

  // 0 if that does not decide.
  std::uint64_t between_neighbours(std::size_t i) {
    const FunctionPlace& place = functions_[i];
    std::uint64_t from = 0, to = std::numeric_limits<std::uint64_t>::max();
    for (std::size_t before = i; before > 0 && functions_[before - 1].module == place.module; --before) {
      if ((from = functions_[before - 1].address) != 0) break;
    }
    for (std::size_t after = i + 1; after < functions_.size(); ++after) {
      if (functions_[after].module != place.module) break;
      if (functions_[after].address == 0) continue;
      to = functions_[after].address;
      break;
    }
    std::uint64_t found = 0;
    for (const std::uint64_t address : of_name_[key_of(place)].addresses) {
      if (address <= from || address >= to) continue;
      if (found != 0) return 0;
      found = address;
    }
    return found;
  }

  std::vector<FunctionPlace>& functions_;
  std::unordered_map<std::string, OfName> of_name_;
};

}  // namespace

TraceableFunctions TraceableFunctions::read(const std::string& tracefs, const std::string& kallsyms) {
  TraceableFunctions list;
  if (!tracefs.empty()) {
    list.functions = read_list(tracefs + "/available_filter_functions_addrs", true);
    if (list.functions.empty()) {
      list.functions = read_list(tracefs + "/available_filter_functions", false);
      Addresses(list.functions, kallsyms).find();
    }
  }
  list.is_listed = !list.functions.empty();
  if (list.is_listed) return list;
  read_kallsyms(kallsyms, [&](const KallsymsLine& line) {
    if (is_code_of_kernel(line))
      list.functions.push_back({std::string(line.name), std::string(line.module), line.address});
  });
  return list;
}

std::vector<NamedFunction> functions_named(std::string_view name, std::string_view module,
                                           const std::string& kallsyms) {
  std::vector<NamedFunction> found;
  std::string before, before_module;
  read_kallsyms(kallsyms, [&](const KallsymsLine& line) {
    if (!is_code_of_kernel(line)) return;
    if (line.name == name && (module.empty() || line.module == module)) {
      found.push_back({{std::string(line.name), std::string(line.module), line.address},
                       before_module == line.module ? before : std::string()});
    }
    before = line.name;
    before_module = line.module;
  });
  return found;
}

std::string choices_among(const std::vector<NamedFunction>& functions) {
  std::string text = "choose one by its number, with \"ordinal\":";
  for (std::size_t i = 0; i < functions.size(); ++i) {
    if (i == most_choices) return text + fmt::format("\n  and {} more", functions.size() - i);
    const auto& [place, before] = functions[i];
    text +=
        fmt::format("\n  {}: in {}", i + 1,
                    place.module.empty() ? "the kernel" : "the module " + escape_for_terminal(place.module));
    if (place.address != 0) text += fmt::format(" at {:#x}", place.address);
    if (!before.empty()) text += fmt::format(", after {}", escape_for_terminal(before));
  }
  return text;
}

std::string function_count(std::size_t count) {
  return fmt::format("{} function{}", count, count == 1 ? "" : "s");
}

}  // namespace probe_run
