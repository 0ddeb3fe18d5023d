// Parses the output of probe-run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace test {

// CSV by RFC 4180: records of fields of any bytes. Throws if the text is not valid.
std::vector<std::vector<std::string>> parse_csv(std::string_view text);

// The bytes of the text, apart from newlines, that a terminal would interpret or that are not UTF-8; "" if it
// is harmless.
std::string harmful_bytes(std::string_view text);

}  // namespace test
