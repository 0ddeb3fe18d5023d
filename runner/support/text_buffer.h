// The growing byte buffer every renderer and format writes into. It keeps its memory when cleared, so a warm
// buffer does not allocate.
#pragma once

#include <charconv>
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
  // REQUIRES: there are that many bytes
  void remove_prefix(std::size_t count) noexcept {
    size_ -= count;
    if (count > 0 && size_ > 0) std::memmove(data_.get(), data_.get() + count, size_);
  }

  // Room for `count` more bytes; write there, then commit() what was used.
  char* room(std::size_t count) {
    if (capacity_ - size_ < count) grow(count);
    return data_.get() + size_;
  }
  void commit(std::size_t count) noexcept { size_ += count; }
  void commit_to(const char* end) noexcept { size_ = static_cast<std::size_t>(end - data_.get()); }

  void append(std::string_view text) {
    copy(room(text.size()), text.data(), text.size());
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

  // Most of what is appended is a few bytes, for which a call of memcpy costs more than the copy.
  static void copy(char* to, const char* from, std::size_t size) {
    if (size >= 8) {
      if (size > 16) {
        std::memcpy(to, from, size);
        return;
      }
      std::memcpy(to, from, 8);
      std::memcpy(to + size - 8, from + size - 8, 8);
    } else if (size >= 4) {
      std::memcpy(to, from, 4);
      std::memcpy(to + size - 4, from + size - 4, 4);
    } else {
      for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
    }
  }

  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// Decimal digits.
inline void append_number(TextBuffer& out, std::uint64_t value) {
  constexpr std::size_t most = 20;
  char* const begin = out.room(most);
  out.commit_to(std::to_chars(begin, begin + most, value).ptr);
}
inline void append_number(TextBuffer& out, std::int64_t value) {
  constexpr std::size_t most = 20;
  char* const begin = out.room(most);
  out.commit_to(std::to_chars(begin, begin + most, value).ptr);
}

// Text for a terminal: one line, nothing that a terminal would act upon (see support/utf8.h). Returns
// the columns that the text takes on the screen.
std::size_t append_escaped(TextBuffer& out, std::string_view text);

}  // namespace probe_run
