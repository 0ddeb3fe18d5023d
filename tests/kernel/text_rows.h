// What probe-run wrote, taken apart again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace test {

// CSV as RFC 4180 has it: records of fields, of any bytes. Throws where the text is not that.
std::vector<std::vector<std::string>> parse_csv(std::string_view text);

// Bytes that a terminal would act upon, or that are not UTF-8, of the text without its newlines; "" when it
// is harmless.
std::string harmful_bytes(std::string_view text);

}  // namespace test
