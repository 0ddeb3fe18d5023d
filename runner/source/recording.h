// The recording format, version 1: what a run saw, to be rendered again anywhere. docs/recording-format.md
// describes the bytes.
//
// A file is a magic number and a version, then chunks. Each chunk has a kind, a length and a CRC-32 of both
// and its payload, so that a file cut by a crash is good up to its last whole chunk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "object/description.h"

namespace probe_run {

struct RecordingInfo {
  std::string program;  // "probe-run 0.1.0"
  std::string kernel;   // release of the kernel that was recorded
  std::string machine;  // "x86_64"
  std::uint32_t possible_cpus = 1;
  std::string spec_file;  // its name when it was recorded
  std::string spec_text;
  std::map<std::string, std::string, std::less<>> parameters;  // what --set gave
};

namespace recording {

inline constexpr std::string_view magic = "PROBEREC";
inline constexpr std::uint32_t version = 1;
inline constexpr std::uint32_t chunk_limit = 1u << 30;  // a chunk holds at least one item, whatever its size

enum class Chunk : std::uint32_t { info = 1, object = 2, events = 3, end = 4 };

enum class Item : std::uint8_t {
  time = 1,
  record = 2,
  begin_read = 3,
  entry = 4,
  end_read = 5,
  printk = 6,
  lost = 7,
  dropped = 8,
  stopping = 9,
  taken_entry = 10,
  name = 11,  // in place of a map: the kind
  missed = 12,
  slept = 13
};

// Flags of end_read.
inline constexpr std::uint8_t read_incomplete = 1;
inline constexpr std::uint8_t read_restarted = 2;

// CRC-32 of a chunk: its kind and length, then its payload.
std::uint32_t checksum(std::span<const std::byte> head, std::span<const std::byte> payload) noexcept;

// Little-endian numbers and length-prefixed strings, appended.
class Packer {
 public:
  void u8(std::uint8_t value) { bytes_.push_back(static_cast<std::byte>(value)); }
  void u32(std::uint32_t value) { number(value); }
  void u64(std::uint64_t value) { number(value); }
  void i64(std::int64_t value) { number(static_cast<std::uint64_t>(value)); }
  void bytes(std::span<const std::byte> value) {
    u32(static_cast<std::uint32_t>(value.size()));
    raw(value);
  }
  // Without the length.
  void raw(std::span<const std::byte> value) { bytes_.insert(bytes_.end(), value.begin(), value.end()); }
  void string(std::string_view value) { bytes(std::as_bytes(std::span(value))); }

  std::span<const std::byte> view() const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }
  void clear() { bytes_.clear(); }

 private:
  template <class T>
  void number(T value) {
    for (std::size_t i = 0; i < sizeof value; ++i) u8(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  std::vector<std::byte> bytes_;
};

// Unpacks what Packer has packed. A read past the end gives zero and sets failed().
class Unpacker {
 public:
  explicit Unpacker(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  std::int64_t i64() { return static_cast<std::int64_t>(number(8)); }
  std::span<const std::byte> bytes() { return take(u32()); }
  std::string string() {
    const std::span<const std::byte> text = bytes();
    std::string result(text.size(), '\0');
    if (!text.empty()) std::memcpy(result.data(), text.data(), text.size());
    return result;
  }

  bool done() const { return bytes_.empty() || failed_; }
  bool failed() const { return failed_; }

 private:
  std::span<const std::byte> take(std::size_t size) {
    if (size > bytes_.size()) {
      failed_ = true;
      return {};
    }
    const auto taken = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return taken;
  }
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    const auto taken = take(size);
    for (std::size_t i = 0; i < taken.size(); ++i)
      value |= std::to_integer<std::uint64_t>(taken[i]) << (8 * i);
    return value;
  }

  std::span<const std::byte> bytes_;
  bool failed_ = false;
};

}  // namespace recording
}  // namespace probe_run
