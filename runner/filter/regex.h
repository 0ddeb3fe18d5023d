// Regular expressions of RE2, which run in linear time for every expression.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace probe_run {

// UTF-8 is matched by characters; any other text by bytes, so that an invalid byte does not prevent matches.
class Regex {
 public:
  static constexpr std::int64_t memory_limit = 1 << 20;  // bytes, of each of the two forms

  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();

  struct Mistake {
    std::size_t offset = 0, length = 0;  // in the expression; length 0: unknown
    std::string what;
  };
  // REQUIRES for matches(): there was no mistake
  static Regex compile(std::string_view expression, Mistake& mistake);

  // Matches anywhere in the text; use "^" and "$" to anchor.
  bool matches(std::string_view text) const noexcept;

 private:
  Regex();

  std::unique_ptr<re2::RE2> characters_;
  std::unique_ptr<re2::RE2> bytes_;
};

}  // namespace probe_run
