// A failed load in words: what the kernel or the verifier said last, and what to do about it.
#pragma once

#include <string>
#include <string_view>

namespace probe_run {

// `log` is what libbpf printed during the load, the verifier's log included; `network`: a program of the
// object needs CAP_NET_ADMIN; `known_cause`, a hint, is shown before what the log tells; `verdict`: what the
// verifier said, where that is shown elsewhere.
[[noreturn]] void throw_load_error(const std::string& object, int error, std::string_view log, bool network,
                                   const std::string& known_cause = {}, std::string_view verdict = {});

// The capabilities that this process lacks of those BPF programs need, as a hint; "" when it has them.
std::string missing_capabilities(bool network);

// Each line escaped for a terminal, the lines kept.
std::string escape_lines(std::string_view text);

}  // namespace probe_run
