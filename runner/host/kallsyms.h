// The lines of /proc/kallsyms.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace probe_run {

struct KallsymsLine {
  std::uint64_t address = 0;  // 0 for a reader without CAP_SYSLOG
  char type = '?';            // as of nm(1): a capital is a global symbol
  std::string_view name;
  std::string_view module;  // "bpf" for BPF programs; "" for the kernel itself

  bool is_function() const { return std::string_view("tTwW").find(type) != std::string_view::npos; }
};

inline constexpr const char* kallsyms_path = "/proc/kallsyms";

// "ffffffff81000000 T _text" or "ffffffffc0000000 t f\t[module]", without the line's end; nullopt for
// anything else.
std::optional<KallsymsLine> parse_kallsyms_line(std::string_view line);

// Calls `visit` for each line; the views are valid within the call. What is no such line is passed over.
// False when the file cannot be read.
bool read_kallsyms(const std::string& path, const std::function<void(const KallsymsLine&)>& visit);

}  // namespace probe_run
