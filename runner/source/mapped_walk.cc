#include "source/mapped_walk.h"

#include <linux/bpf.h>
#include <sys/mman.h>

#include <array>
#include <bit>

namespace probe_run {
namespace {

// Entries lie behind one another, each padded to a multiple of 8 bytes.
std::size_t stride_of(const OpenMap& map) {
  return padded(map.value_bytes);
}

}  // namespace

std::unique_ptr<MappedWalk> MappedWalk::map(const OpenMap& map) {
  if ((map.flags & BPF_F_MMAPABLE) == 0) return nullptr;
  const std::size_t size = stride_of(map) * map.max_entries;
  void* const memory = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, map.fd, 0);
  if (memory == MAP_FAILED) return nullptr;
  return std::unique_ptr<MappedWalk>(new MappedWalk(map, static_cast<const std::byte*>(memory), size));
}

MappedWalk::~MappedWalk() {
  ::munmap(const_cast<std::byte*>(memory_), size_);  // NOLINT(*-const-cast)
}

int MappedWalk::walk(EntryVisitor& out) noexcept {
  const std::size_t stride = stride_of(map_);
  for (std::uint32_t place = 0; place < map_.max_entries; ++place) {
    const auto key = std::bit_cast<std::array<std::byte, sizeof place>>(place);
    out.entry(key.data(), memory_ + place * stride);
  }
  return 0;
}

}  // namespace probe_run
