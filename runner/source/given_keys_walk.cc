#include "source/given_keys_walk.h"

#include <algorithm>
#include <cerrno>

#include "object/libbpf.h"

namespace probe_run {

int GivenKeysWalk::walk(EntryVisitor& out) noexcept {
  for (std::size_t at = 0; at < keys_.size(); at += map_.key_size) {
    const int found = bpf_map_lookup_elem(map_.fd, keys_.data() + at, value_.data());
    if (found == 0) {
      out.entry(keys_.data() + at, value_.data());
    } else if (found != -ENOENT) {
      return -found;
    }
  }
  return 0;
}

int BloomFilterWalk::walk(EntryVisitor& out) noexcept {
  for (std::size_t at = 0; at < values_.size(); at += map_.value_bytes) {
    std::copy_n(values_.data() + at, map_.value_bytes, asked_.data());
    const int found = bpf_map_lookup_elem(map_.fd, nullptr, asked_.data());
    if (found != 0 && found != -ENOENT) return -found;
    const std::byte present{static_cast<unsigned char>(found == 0 ? 1 : 0)};
    out.entry(values_.data() + at, &present);
  }
  return 0;
}

}  // namespace probe_run
