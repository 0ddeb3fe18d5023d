#include "source/idle_entries.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "object/libbpf.h"
#include "support/error.h"
#include "support/key_index.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// An LPM trie has no such operation: its entries are looked up and then deleted.
bool in_two_steps(const OpenMap& map) {
  return map.type->map_class == MapClass::lpm_trie;
}

}  // namespace

IdleEntries::IdleEntries(const OpenMap& map, const std::string& name)
    : map_(map), last_(map.key_size), now_(map.key_size), resting_(map.key_size), value_(map.value_bytes) {
  if (in_two_steps(map)) return;
  // Asked with a key that the map does not have, the kernel tells whether it knows how.
  std::vector<std::byte> key(map.key_size);
  for (unsigned fill = 0; fill < 256; ++fill) {
    std::fill(key.begin(), key.end(), static_cast<std::byte>(fill));
    if (bpf_map_lookup_elem(map.fd, key.data(), value_.data()) == -ENOENT) break;
    if (fill == 255) return;  // the first removal will tell
  }
  const int result = bpf_map_lookup_and_delete_elem(map.fd, key.data(), value_.data());
  if (result == 0 || result == -ENOENT) return;
  throw Error(
      fmt::format("the map \"{}\" cannot be drained: {}", escape_for_terminal(name), errno_text(-result)),
      "draining a hash needs Linux 5.14; \"read\": \"delta\" gives the same numbers and removes nothing");
}

void IdleEntries::begin_read(Clock::time_point now) {
  read_at_ = now;
  std::swap(last_, now_);
  now_.keys.clear();
  now_.states.clear();
  resting_.clear();
}

bool IdleEntries::rests(const std::byte* key, const std::byte* value, bool keep) {
  Read::State state{hash_of(value, map_.value_bytes), read_at_};
  const std::optional<std::uint32_t> before = last_.keys.find(key);
  if (before && last_.states[*before].hash == state.hash) {
    state.since = last_.states[*before].since;
    if (!keep && read_at_ - state.since >= least_rest) {
      resting_.insert(key);
      return true;
    }
  }
  if (now_.keys.insert(key).added) now_.states.push_back(state);
  return false;
}

int IdleEntries::remove(const std::byte* key) noexcept {
  if (!in_two_steps(map_)) return bpf_map_lookup_and_delete_elem(map_.fd, key, value_.data());
  const int found = bpf_map_lookup_elem(map_.fd, key, value_.data());
  return found != 0 ? found : bpf_map_delete_elem(map_.fd, key);
}

int IdleEntries::take(EntryVisitor& out) noexcept {
  for (std::uint32_t i = 0; i < resting_.size(); ++i) {
    const int result = remove(resting_.key(i));
    if (result == 0) {
      out.taken(resting_.key(i), value_.data());
    } else if (result == -ENOENT) {
      out.vanished();  // somebody else deleted it
    } else {
      return -result;
    }
  }
  return 0;
}

}  // namespace probe_run
