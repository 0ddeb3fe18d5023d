// Record types that the spec lays out by hand ("layout"), where BTF has nothing.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include "object/description.h"
#include "support/source_text.h"

namespace probe_run {

struct LayoutMember;

// A struct with these members; the last type of the result. Reports types that are not known and members that
// have no place; the result is empty then. Types of the object are pointed to.
std::shared_ptr<const std::deque<Type>> declare_type(const std::vector<LayoutMember>& layout,
                                                     const ObjectDescription& object,
                                                     Diagnostics& diagnostics);

// The type of a map's keys or values, for encoding what a spec writes.
struct LayoutMember;

// As the spec lays it out, else as BTF says, else a number of that size.
class EntryType {
 public:
  // `type_id`: in the object's BTF; `layout`: of the spec, may be empty. Reports a layout that does not fit.
  EntryType(std::uint32_t size, std::uint32_t type_id, const std::vector<LayoutMember>& layout,
            std::string_view part, const MapInfo& map, const ObjectDescription& object,
            Diagnostics& diagnostics);
  EntryType(const EntryType&) = delete;
  EntryType& operator=(const EntryType&) = delete;

  // nullptr where the meaning of the bytes is unknown.
  const Type* type() const { return type_; }
  bool has_layout() const { return has_layout_; }

 private:
  const Type* type_ = nullptr;
  std::shared_ptr<const std::deque<Type>> declared_;
  Type number_;
  bool has_layout_;
};

}  // namespace probe_run
