// The type of a map's keys or values, for encoding what a spec writes.
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

// As the spec lays it out, else as BTF says, else a number of that size.
class EntryType {
 public:
  // `type_id`: in the object's BTF; `layout`: of the spec, may be empty. Reports a layout that does not fit.
  EntryType(std::uint32_t size, std::uint32_t type_id, const std::vector<LayoutMember>& layout,
            std::string_view part, const MapInfo& map, const ObjectDescription& object,
            Diagnostics& diagnostics);
  EntryType(const EntryType&) = delete;
  EntryType& operator=(const EntryType&) = delete;

  // nullptr where nothing says what the bytes mean.
  const Type* type() const { return type_; }
  bool has_layout() const { return has_layout_; }

 private:
  const Type* type_ = nullptr;
  std::shared_ptr<const std::deque<Type>> declared_;
  Type number_;
  bool has_layout_;
};

}  // namespace probe_run
