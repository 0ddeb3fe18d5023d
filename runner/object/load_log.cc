#include "object/load_log.h"

#include <algorithm>

namespace probe_run {
namespace {

constexpr std::string_view libbpf_name = "libbpf: ";
constexpr std::string_view program_begin = "prog '";

// "openat" of "prog 'openat': BPF program load failed: Invalid argument"; "" for other lines.
std::string_view program_of(std::string_view line) {
  if (!line.starts_with(program_begin)) return {};
  line.remove_prefix(program_begin.size());
  return line.substr(0, std::min(line.find('\''), line.size()));
}

bool contains(const std::vector<std::string_view>& lines, std::string_view words) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](std::string_view line) { return line.find(words) != std::string_view::npos; });
}

}  // namespace

std::vector<std::string_view> log_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end != 0) lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

bool LoadLog::says(std::string_view words) const {
  return contains(verifier, words) || contains(libbpf, words);
}

LoadLog read_load_log(std::string_view text) {
  LoadLog log;
  bool in_verifier = false;
  for (std::string_view line : log_lines(text)) {
    const bool is_libbpf = line.starts_with(libbpf_name);
    if (is_libbpf) line.remove_prefix(libbpf_name.size());
    if (is_libbpf && line.ends_with("-- BEGIN PROG LOAD LOG --")) {
      in_verifier = true;
      log.verifier.clear();
      log.program = program_of(line);
    } else if (line.ends_with("-- END PROG LOAD LOG --")) {
      in_verifier = false;
    } else if (in_verifier) {
      log.verifier.push_back(line);
    } else {
      log.libbpf.push_back(line);
      // The verifier may have said nothing, and a relocation may fail before it is asked.
      if (const std::string_view name = program_of(line);
          !name.empty() && line.find("failed") != std::string_view::npos)
        log.program = name;
    }
  }
  return log;
}

}  // namespace probe_run
