// Which function of the kernel, of a module or of a BPF program an address is in.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/fd.h"

namespace probe_run {

// The lines of /proc/kallsyms.
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

// Calls `visit` for each line; the views are valid within the call. Other lines are skipped.
// False when the file cannot be read.
bool read_kallsyms(const std::string& path, const std::function<void(const KallsymsLine&)>& visit);

// The same in two parts: the kernel decides when the file is opened whether its reader sees addresses.
Fd open_kallsyms(const std::string& path);
bool read_kallsyms(const Fd& file, const std::function<void(const KallsymsLine&)>& visit);

struct KernelSymbol {
  std::string_view name;
  std::uint64_t offset = 0;  // in the function
  std::string_view module;   // "" for the kernel itself
};

// One sorted table of the functions in /proc/kallsyms, read at the first look-up and, because modules and BPF
// programs come later, again at most once a second when an address is in none of them.
class KernelSymbols {
 public:
  using Clock = std::chrono::steady_clock;

  explicit KernelSymbols(std::string path = kallsyms_path) : path_(std::move(path)) {}

  // Whether kallsyms has addresses for this process (CAP_SYSLOG, kernel.kptr_restrict). Reads it if need be.
  bool readable(Clock::time_point now = Clock::now());

  // nullopt for an address before, between or after the functions. The views are valid until the next call.
  std::optional<KernelSymbol> find(std::uint64_t address, Clock::time_point now = Clock::now());

  // A BPF program that was loaded after the table was read. It takes precedence over what the table has there,
  // which was another program.
  void add_program(std::uint64_t address, std::uint64_t size, std::string name);

  std::size_t size() const { return entries_.size(); }

 private:
  // 16 bytes each; there are some 60,000.
  struct Entry {
    std::uint64_t address = 0;
    std::uint32_t name = 0;    // place in names_; no_name ends the functions before it
    std::uint16_t module = 0;  // index into modules_
    std::uint8_t rank = 0;     // among symbols of one address the lowest is taken
  };

  void load(Clock::time_point now);
  void add(const KallsymsLine& line);
  std::uint16_t module_index(std::string_view name);
  std::optional<KernelSymbol> look_up(std::uint64_t address) const;

  std::string path_;
  Fd file_;  // kept open: the right to see addresses may be given up before it is read again
  std::vector<Entry> entries_;
  std::string names_;  // each ended by NUL
  std::vector<std::string> modules_;
  std::optional<Clock::time_point> loaded_;

  struct Program {
    std::uint64_t size = 0;
    std::string name;
  };
  std::map<std::uint64_t, Program> programs_;  // by address; they do not overlap
};

}  // namespace probe_run
