// Parsers of libbpf crash on some damaged files: libbpf before 1.3 does not check the BTF of an object at all. What
// they are given is therefore parsed in a child process first.
#pragma once

#include <functional>

namespace probe_run {

// Whether the action returns in a child process, in which nothing that it does matters. False if it crashes or takes
// more than ten seconds of CPU time. True, untried, if there can be no child process.
bool survives_trial(const std::function<void()>& action);

}  // namespace probe_run
