// What libbpf and the verifier print while an object is loaded, taken apart.
#pragma once

#include <string_view>
#include <vector>

namespace probe_run {

// Views of the text that it was read from.
struct LoadLog {
  std::string_view program;                // the one that the kernel refused; "" where it was none
  std::vector<std::string_view> verifier;  // the kernel's own words on that program, line by line
  std::vector<std::string_view> libbpf;    // libbpf's, without its name in front

  // What the verifier says at the end of what is wrong, without its figures and steps.
  std::vector<std::string_view> complaints;

  // Whether the complaints or libbpf have these words.
  bool says(std::string_view words) const;
};

// Where several programs were tried, the last one counts: a load ends with the first that is refused.
LoadLog read_load_log(std::string_view text);

// Whether a line of the verifier's is a step, such as "9: (79) r2 = *(u64 *)(r0 +0)", or the source of steps.
bool is_instruction(std::string_view line);
bool is_source(std::string_view line);

// The lines that are not empty.
std::vector<std::string_view> log_lines(std::string_view text);

}  // namespace probe_run
