// The records of lines that programs bpf_printk.
#pragma once

#include <string_view>

#include "decode/plan.h"

namespace probe_run {

// The fields of PrintkHeader (object/printk_header.h) but for the reserved one, and the message.
Plan compile_printk_plan();

// The default template for lines.
inline constexpr std::string_view printk_template = "{time:%H:%M:%S} {pid:>7} {message}";

}  // namespace probe_run
