// The bytes of a record, put together field by field.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

namespace test {

class RecordBytes {
 public:
  RecordBytes() = default;
  RecordBytes(std::initializer_list<unsigned> bytes) {
    for (const unsigned byte : bytes) bytes_.push_back(static_cast<std::byte>(byte));
  }

  template <class T>
  RecordBytes& add(T value) {
    const std::size_t before = bytes_.size();
    bytes_.resize(before + sizeof value);
    std::memcpy(bytes_.data() + before, &value, sizeof value);
    return *this;
  }
  RecordBytes& u8(std::uint8_t value) { return add(value); }
  RecordBytes& u16(std::uint16_t value) { return add(value); }
  RecordBytes& u32(std::uint32_t value) { return add(value); }
  RecordBytes& u64(std::uint64_t value) { return add(value); }
  RecordBytes& i32(std::int32_t value) { return add(value); }
  // The text in a field of `size` bytes, with `rest` after its NUL.
  RecordBytes& text(std::string_view text, std::size_t size, char rest = '\0') {
    for (std::size_t i = 0; i < size; ++i) add(i < text.size() ? text[i] : rest);
    return *this;
  }
  RecordBytes& zeros(std::size_t count) { return text({}, count); }

  std::span<const std::byte> view() const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace test
