// Stack ids by the addresses that the object's maps of type stack_trace hold.
#pragma once

#include <cstdint>
#include <vector>

#include "object/bpf_object.h"
#include "support/names.h"

namespace probe_run {

class StackNames final : public Names {
 public:
  // `object` must be loaded; it and `next`, which answers everything else, outlive this.
  StackNames(const BpfObject& object, Names& next);

  std::string_view find(NameKind kind, std::span<const std::byte> key) noexcept override;

 private:
  struct Stacks {
    int fd = -1;  // -1: not a map of stacks
    std::uint32_t value_size = 0;
  };

  std::vector<Stacks> maps_;  // as in ObjectDescription::maps
  Names& next_;
  std::vector<std::byte> addresses_;
};

}  // namespace probe_run
