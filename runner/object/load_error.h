// A failed load in words: what the kernel or the verifier said last, and what to do about it.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "support/error.h"

namespace probe_run {

class LoadError final : public Error {
 public:
  LoadError(std::string what, std::string hint, int error, std::string program)
      : Error(std::move(what), std::move(hint)), error_(error), program_(std::move(program)) {}

  int error() const { return error_; }                     // an errno
  const std::string& program() const { return program_; }  // the one that was refused; "" where nobody says

 private:
  int error_;
  std::string program_;
};

// Which program the load ended at, as libbpf's log says; "" where it does not.
std::string refused_program(std::string_view log);

// Throws LoadError. `log` is what libbpf printed during the load, the verifier's log included; `network`: a
// program of the object needs CAP_NET_ADMIN; `known_cause`, a hint, is shown before what the log tells.
[[noreturn]] void throw_load_error(const std::string& object, int error, std::string_view log, bool network,
                                   const std::string& known_cause = {});

// The capabilities that this process lacks of those BPF programs need, as a hint; "" when it has them.
std::string missing_capabilities(bool network);

// Each line escaped for a terminal, the lines kept.
std::string escape_lines(std::string_view text);

}  // namespace probe_run
