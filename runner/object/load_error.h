// A failed load in words: which program the kernel refused, what the verifier complains about, and what to do
// about it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "object/capabilities.h"
#include "support/error.h"

namespace probe_run {

// What a failed load is to be understood by, besides what was said.
struct LoadSurroundings {
  Capabilities have;               // of this process
  std::string executable;          // who should be given those that lack
  bool is_root = false;            // of the machine, perhaps in a container: neither sudo nor setcap helps
  bool in_user_namespace = false;  // that they count for
  bool has_token = false;          // BPF is delegated to it
  std::string not_delegated;       // what of it is not, as a hint; "" for nothing
  std::string lockdown;            // "none [integrity] confidentiality"; "" where unknown
  std::optional<std::uint64_t> lockable_memory;  // in bytes; where maps are such, with a limit
  const btf* kernel_types = nullptr;             // nullptr where they cannot be read
};

class LoadError final : public Error {
 public:
  LoadError(std::string what, std::string hint, std::string program)
      : Error(std::move(what), std::move(hint)), program_(std::move(program)) {}

  const std::string& program() const { return program_; }  // the one that was refused; "" where nobody says

 private:
  std::string program_;
};

// The error of a failed load. `log` is what libbpf printed during the load, the verifier's log included;
// `needed`: what loading the object's programs takes; `known_cause`, a hint, is shown before what the log
// tells.
LoadError load_error(const std::string& object, int error, std::string_view log, Capabilities needed,
                     const std::string& known_cause, const LoadSurroundings& surroundings);

// The same, thrown, on this machine. `not_delegated` as above; nothing where there is no token.
[[noreturn]] void throw_load_error(const std::string& object, int error, std::string_view log,
                                   Capabilities needed, const std::string& known_cause = {},
                                   const std::optional<std::string>& not_delegated = {});

// The name of the program that the load ended with, as libbpf's log tells; "" where it was none, such as a
// map.
std::string failed_program(std::string_view log);

// Each line escaped for a terminal, the lines kept.
std::string escape_lines(std::string_view text);

}  // namespace probe_run
