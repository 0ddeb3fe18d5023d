// The attach point that a program's SEC() names, for the type "auto".
#pragma once

#include <optional>
#include <string_view>

#include "object/description.h"
#include "spec/attach_point.h"
#include "support/source_text.h"

namespace probe_run {

struct Spec;

// "kprobe/vfs_read", "tp/sched/sched_switch", "uprobe/libc.so.6:malloc"; nullopt if the section names no target. `at`:
// the position in the spec of what the point stands for.
std::optional<AttachPoint> section_target(std::string_view section, Span at);

// Replaces the points of type "auto" by those that the sections name: from there on nothing treats them differently.
// Those of sections without a target stay.
void resolve_section_targets(Spec& spec, const ObjectDescription& object);

}  // namespace probe_run
