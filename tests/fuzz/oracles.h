// What must hold of every output, whatever the record was. Each ends the process with a report where it does
// not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

// Prints what is wrong and the text that shows it, and aborts.
[[noreturn]] void fail(std::string_view what, std::string_view text);

// Valid UTF-8 with nothing that a terminal would act upon: no C0, DEL or C1, no control of the direction.
void check_harmless(std::string_view text);

// So many lines, each ended by a newline and harmless.
void check_lines(std::string_view text, std::size_t lines);

// One JSON object on one line.
void check_json_line(std::string_view text);

// The cells of one CSV row (RFC 4180, ended by a newline).
std::vector<std::string> csv_cells(std::string_view text);

}  // namespace fuzz
