// Record types that the spec lays out by hand ("layout"), where BTF has nothing.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "object/description.h"
#include "support/source_text.h"

namespace probe_run {

struct LayoutMember;

// A struct with these members; the last type of the result. Reports types that are not known and members that
// lie nowhere; the result is empty then. Types of the object are pointed to.
std::shared_ptr<const std::deque<Type>> declare_type(const std::vector<LayoutMember>& layout,
                                                     const ObjectDescription& object,
                                                     Diagnostics& diagnostics);

}  // namespace probe_run
