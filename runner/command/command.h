// The commands. Each returns an exit code, and throws Error if it cannot continue.
#pragma once

#include "engine/options.h"

namespace probe_run {

int run(const Options& options);
int check(const Options& options);
int describe(const Options& options);
int replay(const Options& options);
int test(const Options& options);
int list(const Options& options);

}  // namespace probe_run
