// Shell patterns: "nginx*", "log-?.[0-9]", "[!a-c]*".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace probe_run {

// "*" stands for any text, "/" and none included, "?" for one character, "[a-z]" for one of them, "[!a-z]" or
// "[^a-z]" for any other; a backslash escapes the character after it. Characters are
// those of UTF-8; an invalid byte counts as one. The whole text must match.
class Glob {
 public:
  static constexpr std::size_t longest = 1024;  // bytes of a pattern

  struct Mistake {
    std::size_t offset = 0, length = 0;  // within the pattern; length 0: there is no mistake
    std::string what;
  };
  // A pattern with a mistake matches nothing.
  static Glob compile(std::string_view pattern, Mistake& mistake);

  // In time of at most the product of both lengths.
  bool matches(std::string_view text) const noexcept;

 private:
  struct Part {
    enum class Kind : std::uint8_t { character, any_character, any_text, one_of, none_of };
    Kind kind = Kind::character;
    char32_t character = 0;
    bool is_byte = false;  // the character is a byte that is not UTF-8
    std::vector<std::pair<char32_t, char32_t>> ranges;
  };
  static bool accepts(const Part& part, char32_t character, bool is_byte) noexcept;

  std::vector<Part> parts_;
  bool never_ = false;
};

}  // namespace probe_run
