#include "object/load_log.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace probe_run {
namespace {

constexpr std::string_view libbpf_name = "libbpf: ";
constexpr std::string_view program_begin = "prog '";
constexpr std::size_t most_complaints = 6;

// "openat" of "prog 'openat': BPF program load failed: Invalid argument"; "" for other lines.
std::string_view program_of(std::string_view line) {
  if (!line.starts_with(program_begin)) return {};
  line.remove_prefix(program_begin.size());
  return line.substr(0, std::min(line.find('\''), line.size()));
}

// What is the verifier's own bookkeeping and says nothing of the program's fault.
constexpr std::array<std::string_view, 16> noise{"processed ",     "verification time",
                                                 "stack depth ",   "mark_precise: ",
                                                 "last_idx ",      "regs=",
                                                 "parent ",        "cur state: ",
                                                 "old state: ",    "Unrecognized arg",
                                                 "arg#0 type ",    "arg#0 reference type",
                                                 "reg type unsup", "from ",
                                                 "max_states",     "propagating "};

// ": R1=ctx()" of "0: R1=ctx()"; "" where there is no number in front.
std::string_view behind_number(std::string_view line) {
  std::size_t digits = 0;
  while (digits < line.size() && std::isdigit(static_cast<unsigned char>(line[digits])) != 0) ++digits;
  return digits == 0 ? std::string_view() : line.substr(digits);
}

bool is_noise(std::string_view line) {
  if (line.find_first_not_of(' ') == std::string_view::npos || line.front() == ' ') return true;
  // "func 'sys_enter' arg0 has btf_id 162 type STRUCT 'pt_regs'"
  if (line.starts_with("func '") && line.find("has btf_id") != std::string_view::npos) return true;
  // "0: R1=ctx() R10=fp0", "15: frame1: R0=0": what the registers hold.
  if (const std::string_view rest = behind_number(line);
      rest.starts_with(": R") || rest.starts_with(": frame"))
    return true;
  return std::any_of(noise.begin(), noise.end(),
                     [&](std::string_view begin) { return line.starts_with(begin); });
}

// Those behind the last step; all where the program was refused as a whole.
std::vector<std::string_view> complaints_of(const std::vector<std::string_view>& verifier) {
  std::vector<std::string_view> complaints;
  for (const std::string_view line : verifier) {
    if (is_instruction(line)) {
      complaints.clear();
    } else if (!is_noise(line) && !is_source(line)) {
      complaints.push_back(line);
    }
  }
  if (complaints.size() > most_complaints)
    complaints.erase(complaints.begin(), complaints.end() - most_complaints);
  return complaints;
}

bool contains(const std::vector<std::string_view>& lines, std::string_view words) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](std::string_view line) { return line.find(words) != std::string_view::npos; });
}

}  // namespace

bool is_instruction(std::string_view line) {
  const std::string_view rest = behind_number(line);
  return rest.starts_with(": (") || rest.starts_with(": <");
}

bool is_source(std::string_view line) {
  return line.starts_with(';');
}

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
  return contains(complaints, words) || contains(libbpf, words);
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
      if (line.find("failed") == std::string_view::npos) continue;
      // The verifier may have said nothing, and a relocation may fail before it is asked.
      if (const std::string_view name = program_of(line); !name.empty()) log.program = name;
      // What a program was said to lack before did not matter then.
      if (line.starts_with("map '")) log.program = {};
    }
  }
  log.complaints = complaints_of(log.verifier);
  return log;
}

}  // namespace probe_run
