// The growing byte buffer every renderer and format writes into. It keeps its memory when cleared, so a warm buffer does not
// allocate.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace probe_run {

class TextBuffer {
 public:
  TextBuffer() = default;

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  std::string_view view() const noexcept { return {data_.get(), size_}; }
  void clear() noexcept { size_ = 0; }
  void truncate(std::size_t size) noexcept { size_ = size; }  // REQUIRES: size <= size()

  // Room for `count` more bytes; write there, then commit() what was used.
  char* room(std::size_t count) {
    if (capacity_ - size_ < count) grow(count);
    return data_.get() + size_;
  }
  void commit(std::size_t count) noexcept { size_ += count; }
  void commit_to(const char* end) noexcept { size_ = static_cast<std::size_t>(end - data_.get()); }

  void append(std::string_view text) {
    if (text.empty()) return;
    std::memcpy(room(text.size()), text.data(), text.size());
    size_ += text.size();
  }
  void append(char c) {
    *room(1) = c;
    ++size_;
  }
  void append(std::size_t count, char c) {
    if (count == 0) return;
    std::memset(room(count), c, count);
    size_ += count;
  }

 private:
  void grow(std::size_t count);

  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// Decimal digits.
void append_number(TextBuffer& out, std::uint64_t value);
void append_number(TextBuffer& out, std::int64_t value);

// Text for a person's screen: one line, nothing that a terminal would act upon (see support/utf8.h). Returns the columns that
// the text takes on the screen.
std::size_t append_escaped(TextBuffer& out, std::string_view text);

}  // namespace probe_run
