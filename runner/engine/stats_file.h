// --stats: the counts of the summary for programs.
#pragma once

#include <deque>
#include <string>

#include "engine/spec_report.h"

namespace probe_run {

// {"seconds":3.014,"specs":[{"name":"openat","figures":{"events":12,...},"programs":[{"name":"trace_openat",
// "attach":"kprobe:do_sys_openat2","state":"attached"}]}]}, with a newline; "failure" is set for a spec that failed.
// Throws Error naming the file.
void write_stats(const std::string& file, const std::deque<SpecReport>& specs, Duration elapsed);

}  // namespace probe_run
