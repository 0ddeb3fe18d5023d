#include "engine/spec_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "object/object_path.h"
#include "support/error.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace fs = std::filesystem;

std::string find_spec(const std::string& spec) {
  if (spec.find('/') != std::string::npos || spec.ends_with(".json")) return spec;
  const fs::path folder =
      (fs::path(executable_directory()) / PROBE_RUN_DATA_FROM_BIN / "specs").lexically_normal();
  const fs::path file = folder / (spec + ".json");
  std::error_code error;
  if (fs::is_regular_file(file, error)) return file.string();
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder, error)) names.push_back(entry.path().stem());
  std::sort(names.begin(), names.end());
  const std::string shown = escape_for_terminal(spec);
  std::string hint = suggestion(spec, views(names), "installed specs");
  if (!hint.empty()) hint += '\n';
  if (fs::is_regular_file(fs::path("specs") / (spec + ".json"), error))
    hint = fmt::format("did you mean specs/{}.json?\n", shown);
  hint +=
      fmt::format("a name without a / or .json is an installed spec in {}; for a file, use ./{} or {}.json",
                  escape_for_terminal(folder.string()), shown, shown);
  throw SpecError(fmt::format("no installed spec \"{}\"", shown), hint);
}

}  // namespace probe_run
