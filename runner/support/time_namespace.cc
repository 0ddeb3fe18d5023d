#include "support/time_namespace.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "support/clock.h"
#include "support/error.h"
#include "support/fd.h"

namespace probe_run {
namespace {

constexpr std::int64_t second = 1'000'000'000;

// The next word; removes it from `line`.
std::string_view word(std::string_view& line) noexcept {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  const std::string_view found = line.substr(0, line.find_first_of(" \t"));
  line.remove_prefix(found.size());
  return found;
}

bool number(std::string_view text, std::int64_t& value) noexcept {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

}  // namespace

ClockOffsets parse_clock_offsets(std::string_view text) noexcept {
  ClockOffsets offsets;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    // The clock's name; seconds, which may be negative; nanoseconds.
    const std::string_view clock = word(line);
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;
    std::int64_t offset = 0;
    if (!number(word(line), seconds) || !number(word(line), nanoseconds) ||
        __builtin_mul_overflow(seconds, second, &offset) ||
        __builtin_add_overflow(offset, nanoseconds, &offset)) {
      continue;
    }
    if (clock == "monotonic") offsets.monotonic = offset;
    if (clock == "boottime") offsets.boottime = offset;
  }
  return offsets;
}

std::int64_t slept_ns(const ClockOffsets& offsets) noexcept {
  constexpr std::int64_t exact = 20'000;
  std::int64_t best = INT64_MAX;
  std::int64_t slept = 0;
  // The clocks cannot be read at once, and the process may be interrupted in between.
  for (int attempt = 0; attempt < 5 && best > exact; ++attempt) {
    const std::int64_t before = clock_ns(CLOCK_MONOTONIC);
    const std::int64_t boot = clock_ns(CLOCK_BOOTTIME);
    const std::int64_t took = clock_ns(CLOCK_MONOTONIC) - before;
    if (took >= best) continue;
    best = took;
    slept = boot - offsets.boottime - (before + took / 2 - offsets.monotonic);
  }
  return slept;
}

ClockOffsets clock_offsets() {
  // The file has the offsets of the namespace of children, which is this process's own unless it has just made one.
  std::error_code ignored;
  const auto own = std::filesystem::read_symlink("/proc/self/ns/time", ignored);
  const auto of_children = std::filesystem::read_symlink("/proc/self/ns/time_for_children", ignored);
  if (ignored || own != of_children) return {};
  try {
    return parse_clock_offsets(read_file("/proc/self/timens_offsets", 4096));
  } catch (const Error&) {
    return {};  // a kernel without time namespaces
  }
}

}  // namespace probe_run
