#include "decode/unknown_field.h"

#include <fmt/format.h>

#include <algorithm>

#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {

std::optional<UnknownField> unknown_field(const Plan& plan, std::string_view path) {
  if (std::find(plan.undefined.begin(), plan.undefined.end(), path) != plan.undefined.end())
    return std::nullopt;
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
