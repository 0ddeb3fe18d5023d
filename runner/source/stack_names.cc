#include "source/stack_names.h"

#include <algorithm>
#include <cstring>

#include "object/libbpf.h"

namespace probe_run {

StackNames::StackNames(const BpfObject& object, Names& next) : next_(next) {
  std::uint32_t largest = 0;
  for (const MapInfo& map : object.description().maps) {
    Stacks& stacks = maps_.emplace_back();
    if (map.map_class() != MapClass::stack_trace) continue;
    stacks = {object.map_fd(map.name), map.value_size};
    largest = std::max(largest, map.value_size);
  }
  addresses_.resize(largest);
}

std::string_view StackNames::find(NameKind kind, std::span<const std::byte> key) noexcept {
  if (kind != NameKind::stack) return next_.find(kind, key);
  std::uint32_t map = 0;
  std::uint32_t id = 0;
  if (key.size() != sizeof map + sizeof id) return {};
  std::memcpy(&map, key.data(), sizeof map);
  std::memcpy(&id, key.data() + sizeof map, sizeof id);
  if (map >= maps_.size() || maps_[map].fd < 0) return {};
  if (bpf_map_lookup_elem(maps_[map].fd, &id, addresses_.data()) != 0) return {};
  // A stack ends at its first zero.
  std::size_t size = 0;
  for (std::uint64_t address = 0; size + sizeof address <= maps_[map].value_size; size += sizeof address) {
    std::memcpy(&address, addresses_.data() + size, sizeof address);
    if (address == 0) break;
  }
  const void* const begin = addresses_.data();
  return {static_cast<const char*>(begin), size};
}

}  // namespace probe_run
