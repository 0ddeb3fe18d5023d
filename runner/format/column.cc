#include "format/column.h"

#include <fmt/format.h>

#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

void add(const Field& field, std::string name, bool flat, std::vector<Column>& columns) {
  if (!flat || field.shape != Shape::structure) {
    columns.push_back({std::move(name), &field, {}});
    return;
  }
  for (const Field& member : field.fields)
    add(member, fmt::format("{}.{}", name, member.name), flat, columns);
}

std::vector<Column> named_columns(const OutputSpec& output, const Plan& plan, bool flat,
                                  Diagnostics& diagnostics) {
  std::vector<Column> columns;
  if (output.fields.empty()) {
    for (const Field& field : plan.root.fields) {
      // A map's value is what the table is about: its members need no prefix.
      if (flat && field.path == "value" && field.shape == Shape::structure) {
        for (const Field& member : field.fields) add(member, member.name, flat, columns);
      } else {
        add(field, field.path, flat, columns);
      }
    }
    return columns;
  }
  for (const Located<std::string>& name : output.fields) {
    const Field* const field = plan.find(*name);
    if (field == nullptr) {
      const std::vector<std::string> paths = plan.paths();
      diagnostics.error(name.at, fmt::format("there is no field \"{}\"", escape_for_terminal(*name)),
                        suggestion(*name, views(paths), "fields"));
      continue;
    }
    add(*field, *name, flat, columns);
  }
  return columns;
}

}  // namespace

std::vector<Column> compile_columns(const OutputSpec& output, const Plan& plan, bool flat,
                                    Diagnostics& diagnostics) {
  std::vector<Column> columns = named_columns(output, plan, flat, diagnostics);
  OtherCells cells(plan);
  for (Column& column : columns) column.other = cells.next(*column.field);
  return columns;
}

}  // namespace probe_run
