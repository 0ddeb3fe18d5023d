// Which of the lines that BPF programs print are this object's.
//
// The kernel does not say who printed a line, so it is compared with the format strings in the object.
// Another program that prints the same texts cannot be told apart.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "object/description.h"

namespace probe_run {

// The format strings that bpf_printk left in .rodata, whose initial bytes are `rodata`.
std::vector<std::string> printk_formats(const ObjectDescription& description,
                                        std::span<const std::byte> rodata);

class PrintkMatch {
 public:
  // Without formats every line matches: an object may have been built so that it keeps them elsewhere.
  explicit PrintkMatch(const std::vector<std::string>& formats);

  bool matches(std::string_view line) const noexcept;

 private:
  // The literal pieces of a format. Between two of them anything may stand; the first begins the line and the
  // last ends it.
  using Pattern = std::vector<std::string>;

  static Pattern compile(std::string_view format);
  static bool matches(const Pattern& pattern, std::string_view line) noexcept;

  std::vector<Pattern> patterns_;
};

}  // namespace probe_run
