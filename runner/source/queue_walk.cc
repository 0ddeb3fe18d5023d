#include "source/queue_walk.h"

#include <cerrno>

#include "object/libbpf.h"

namespace probe_run {

int QueueWalk::walk(EntryVisitor& out) noexcept {
  for (std::uint32_t taken = 0; taken < map_.max_entries; ++taken) {
    const int result = bpf_map_lookup_and_delete_elem(map_.fd, nullptr, value_.data());
    if (result == -ENOENT) return 0;
    if (result != 0) return -result;
    out.taken(nullptr, value_.data());
  }
  return 0;
}

}  // namespace probe_run
