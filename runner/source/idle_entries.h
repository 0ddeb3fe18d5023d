// Which entries of a map have rested since the last read, so that they may be removed.
//
// Programs add to values in place, through pointers: a key that is deleted while one of them holds its value
// loses what is added then. So an entry is removed only after a whole interval in which nobody changed it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "source/key_table.h"
#include "source/map_walk.h"

namespace probe_run {

class IdleEntries {
 public:
  // Throws Error where the kernel cannot remove an entry and return its last value in one step.
  IdleEntries(const OpenMap& map, const std::string& name);

  void begin_read();
  // Whether the entry is as the last read found it. Then it is kept for take(), and is not to be handed over.
  bool rests(const std::byte* key, const std::byte* value);
  // For an entry that is handed over and stays.
  void stays(const std::byte* key, const std::byte* value);
  // Removes those that rest; hands them over with the value that they were removed with. 0 or an errno.
  int take(EntryVisitor& out) noexcept;

 private:
  int remove(const std::byte* key) noexcept;

  struct Read {
    explicit Read(std::uint32_t key_size) : keys(key_size) {}
    KeyTable keys;
    std::vector<std::size_t> hashes;  // of the values, by the keys' places
  };

  OpenMap map_;
  Read last_, now_;
  KeyTable resting_;
  std::vector<std::byte> value_;
};

}  // namespace probe_run
