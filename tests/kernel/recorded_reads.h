// The entries that a run read from maps, taken from its recording.
#pragma once

#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace test {

struct RecordedEntry {
  std::vector<std::byte> key, value;
  bool taken = false;  // removed by the read
};

struct RecordedRead {
  std::string map;
  std::vector<RecordedEntry> entries;
  bool incomplete = false;
};

// Throws when the recording is damaged.
std::vector<RecordedRead> recorded_reads(const std::string& recording);

template <class T>
T as(const std::vector<std::byte>& bytes, std::size_t at = 0) {
  if (bytes.size() < at + sizeof(T)) throw std::runtime_error("an entry is too short");
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

}  // namespace test
