// The direction of the includes between the rooms of runner/.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace test {

// The forbidden includes of the file at `path` ("runner/decode/plan.cc"), each as "path:line: what".
std::vector<std::string> include_mistakes(std::string_view path, std::string_view text);

}  // namespace test
