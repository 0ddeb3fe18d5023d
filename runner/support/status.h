// Text for people on standard error: status, warnings and errors. A run never ends or waits because of it: if it cannot
// be written (a full disk, a pipe without a reader, a terminal that was closed), it is lost, and nothing else.
#pragma once

#include <fmt/format.h>

#include <new>
#include <string_view>
#include <utility>

namespace probe_run {

enum class Patience {
  of_a_run,   // waits for a slow reader for at most 100 ms: events go on meanwhile
  unlimited,  // as long as the reader takes, where nothing else waits
};

// Opens what write_status() needs, so that a run that watches opens does not see its own.
void prepare_status() noexcept;

// Writes to standard error, and ignores that it cannot. REQUIRES: SIGPIPE is ignored
void write_status(std::string_view text, Patience patience) noexcept;

// A line after the name of the program.
template <typename... T>
void print_status(Patience patience, fmt::format_string<T...> format, T&&... values) noexcept {
  try {
    write_status(fmt::format("probe-run: {}\n", fmt::format(format, std::forward<T>(values)...)), patience);
  } catch (const std::bad_alloc&) {
    write_status("probe-run: out of memory\n", patience);
  }
}

}  // namespace probe_run
