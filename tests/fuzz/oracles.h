// Properties of every output, whatever the record. Each check aborts with a report if its property does not
// hold.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

// Prints the fault and the text with it, and aborts.
[[noreturn]] void fail(std::string_view what, std::string_view text);

// Valid UTF-8 without anything that a terminal interprets: no C0, DEL or C1, no bidirectional controls.
void check_harmless(std::string_view text);

// That many harmless lines, each with a newline at the end.
void check_lines(std::string_view text, std::size_t lines);

// One JSON object on one line.
void check_json_line(std::string_view text);

// The cells of one CSV row (RFC 4180, ended by a newline).
std::vector<std::string> csv_cells(std::string_view text);

}  // namespace fuzz
