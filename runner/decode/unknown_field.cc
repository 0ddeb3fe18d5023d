#include "decode/unknown_field.h"

#include <fmt/format.h>

#include <algorithm>

#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {

std::optional<UnknownField> unknown_field(const Plan& plan, std::string_view path) {
  for (const Plan* of : {&plan, plan.rows}) {
    if (of == nullptr) continue;
    const std::vector<std::string>& names = of->undefined;
    const auto has = [&](std::string_view name) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    // Also a name that the wrong one was meant to be.
    if (has(any_field) || has(path) || !nearest(path, views(names)).empty()) return std::nullopt;
  }
  const std::string shown = escape_for_terminal(path);
  UnknownField unknown{fmt::format("unknown field \"{}\"", shown), {}};
  if (plan.rows != nullptr && plan.rows->find(path) != nullptr) {
    unknown.hint = fmt::format(
        "rows are groups here: add \"{0}\" to \"group_by\", or a column such as \"last({0})\" to \"aggregate\"",
        shown);
  } else {
    const std::vector<std::string> paths = plan.paths();
    unknown.hint = suggestion(path, views(paths), "fields");
  }
  return unknown;
}

}  // namespace probe_run
