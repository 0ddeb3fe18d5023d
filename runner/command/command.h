// The commands. Those that answer a question print the answer to `out`. Each returns an exit code, and throws Error if
// it cannot continue.
#pragma once

#include "engine/options.h"
#include "sink/sink.h"

namespace probe_run {

int run(const Options& options);
int check(const Options& options, Sink& out);
int describe(const Options& options, Sink& out);
int replay(const Options& options);
int test(const Options& options, Sink& out);
int list(const Options& options);

}  // namespace probe_run
