#include "command/stats_file.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>

#include "format/json_value.h"
#include "support/error.h"
#include "support/fd.h"
#include "support/utf8.h"

namespace probe_run {

void write_stats(const std::string& file, const std::vector<std::pair<std::string, Figures>>& specs,
                 Duration elapsed) {
  TextBuffer text;
  text.append(
      fmt::format("{{\"seconds\":{:.3f},\"specs\":[", std::chrono::duration<double>(elapsed).count()));
  bool first = true;
  for (const auto& [name, figures] : specs) {
    text.append(first ? "{\"name\":" : ",{\"name\":");
    first = false;
    append_json_string(text, name);
    text.append(fmt::format(",\"figures\":{}}}", to_json(figures)));
  }
  text.append("]}\n");
  const Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  const int error = fd ? write_all(fd.get(), text.view()) : errno;
  if (error != 0) {
    throw Error(
        fmt::format("cannot write the figures to {}: {}", escape_for_terminal(file), errno_text(error)));
  }
}

}  // namespace probe_run
