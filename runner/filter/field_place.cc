#include "filter/field_place.h"

#include <fmt/format.h>

#include <charconv>

#include "decode/unknown_field.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

const Field* find_in(const Field& field, std::string_view path) {
  if (field.path == path) return &field;
  if (field.shape != Shape::structure) return nullptr;
  for (const Field& member : field.fields) {
    if (const Field* found = find_in(member, path)) return found;
  }
  return nullptr;
}

void collect(const Field& field, std::vector<std::string>& paths) {
  paths.push_back(field.path);
  if (field.shape != Shape::structure) return;
  for (const Field& member : field.fields) collect(member, paths);
}

}  // namespace

std::optional<FieldPlace> find_place(const Plan& plan, std::string_view path, std::string& what,
                                     std::string& hint) {
  const auto no_field = [&](const std::vector<std::string>& paths) {
    if (!unknown_field(plan, path)) return std::nullopt;  // that is reported
    what = fmt::format("unknown field \"{}\"", escape_for_terminal(path));
    hint = suggestion(path, views(paths), "fields");
    return std::nullopt;
  };
  const std::size_t bracket = path.find('[');
  if (bracket == std::string_view::npos) {
    const Field* const field = plan.find(path);
    if (field == nullptr) return no_field(plan.paths());
    return FieldPlace{field, nullptr, std::nullopt};
  }
  const std::string_view name = path.substr(0, bracket);
  const Field* const array = plan.find(name);
  if (array == nullptr) {
    path = name;
    return no_field(plan.paths());
  }
  if (array->shape != Shape::array) {
    what = fmt::format("the field \"{}\" is not a list", array->path);
    hint = "use an index only for lists";
    return std::nullopt;
  }
  const std::size_t close = path.find(']', bracket);
  const std::string_view number = path.substr(bracket + 1, close - bracket - 1);
  const std::string_view rest = path.substr(close + 1);
  FieldPlace place;
  place.array = array;
  if (!number.empty()) {
    std::uint32_t index = 0;
    const auto result = std::from_chars(number.data(), number.data() + number.size(), index);
    if (result.ec != std::errc() || (!array->flexible && index >= array->count)) {
      what = fmt::format("\"{}\" has no item {}", array->path, number);
      hint = array->count == 0 ? "it is empty" : fmt::format("use an index from 0 to {}", array->count - 1);
      return std::nullopt;
    }
    place.index = index;
  }
  if (rest.find('[') != std::string_view::npos) {
    what = "cannot access a list in the items of a list";
    hint = fmt::format("use exists(), or a field of the items of \"{}\"", array->path);
    return std::nullopt;
  }
  place.field = find_in(array->fields[0], fmt::format("{}{}", array->fields[0].path, rest));
  if (place.field == nullptr) {
    std::vector<std::string> paths;
    collect(array->fields[0], paths);
    return no_field(paths);
  }
  return place;
}

}  // namespace probe_run
