// Regular expressions of RE2, which take time linear in the text whatever the expression is.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace probe_run {

// Text that is UTF-8 is matched by characters; any other text by bytes, so that a stray byte hides nothing.
class Regex {
 public:
  static constexpr std::int64_t memory_limit = 1 << 20;  // bytes, of each of the two forms

  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();

  struct Mistake {
    std::size_t offset = 0, length = 0;  // within the expression; no length: there is none
    std::string what;
  };
  // REQUIRES for matches(): there was no mistake
  static Regex compile(std::string_view expression, Mistake& mistake);

  // Anywhere in the text; "^" and "$" hold it to its ends.
  bool matches(std::string_view text) const noexcept;

 private:
  Regex();

  std::unique_ptr<re2::RE2> characters_;
  std::unique_ptr<re2::RE2> bytes_;
};

}  // namespace probe_run
