#include "sink/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string>
#include <string_view>

#include "support/status.h"

namespace probe_run {
namespace {

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? std::string_view(value) : std::string_view();
}

// As the C library chooses the locale: the first variable that is not empty.
bool is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string locale(variable(name));
    if (locale.empty()) continue;
    std::transform(locale.begin(), locale.end(), locale.begin(),
                   [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
    return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  }
  return false;
}

}  // namespace

std::optional<Screen> screen_of(int fd) {
  const std::string_view term = variable("TERM");
  if (::isatty(fd) != 1 || term.empty() || term == "dumb") return std::nullopt;
  Screen screen;
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0) {
    if (size.ws_col > 0) screen.columns = size.ws_col;
    if (size.ws_row > 0) screen.lines = size.ws_row;
  }
  screen.utf8 = is_utf8();
  screen.colour = variable("NO_COLOR").empty();
  return screen;
}

void report(const std::vector<Diagnostic>& diagnostics, Patience patience) {
  for (const Diagnostic& diagnostic : diagnostics) write_status(to_text(diagnostic), patience);
}

}  // namespace probe_run
