// The records of lines that programs bpf_printk.
#pragma once

#include <string_view>

#include "decode/plan.h"

namespace probe_run {

// Fields time (CLOCK_MONOTONIC, ns), pid, tid, cpu and message: the layout of PrintkHeader in
// source/trace_printk.h.
Plan compile_printk_plan();

// The default template for lines.
inline constexpr std::string_view printk_template = "{time:%H:%M:%S} {pid:>7} {message}";

}  // namespace probe_run
