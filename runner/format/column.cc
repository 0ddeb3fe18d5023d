#include "format/column.h"

#include <fmt/format.h>

#include <algorithm>

#include "decode/unknown_field.h"
#include "spec/output_spec.h"
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

const Located<std::string>& name_of(const OutputField& wanted) {
  return wanted.name ? *wanted.name : wanted.field;
}

// Names given by the spec must be unique, and so must fields.
void check_names(const OutputSpec& output, const std::vector<Column>& columns, Diagnostics& diagnostics) {
  for (auto wanted = output.fields.begin(); wanted != output.fields.end(); ++wanted) {
    const Located<std::string>& name = name_of(*wanted);
    const auto same = [&](const Column& column) { return column.name == *name; };
    const auto has_it = [&](const OutputField& earlier) { return *name_of(earlier) == *name; };
    if (std::count_if(columns.begin(), columns.end(), same) < 2) continue;
    if (!wanted->name && std::none_of(output.fields.begin(), wanted, has_it)) continue;
    diagnostics.error(name.at, fmt::format("duplicate column \"{}\"", escape_for_terminal(*name)),
                      wanted->name ? "use another name for one of them" : "remove one of them");
  }
}

std::vector<Column> named_columns(const OutputSpec& output, const Plan& plan, bool flat,
                                  Diagnostics& diagnostics) {
  std::vector<Column> columns;
  if (output.fields.empty()) {
    for (const Field& field : plan.root.fields) {
      // A map's value is the main content of a table: its members need no prefix, except one named like the key.
      if (flat && field.path == "value" && field.shape == Shape::structure) {
        for (const Field& member : field.fields) {
          const auto is_root = [&](const Field& root) { return root.name == member.name; };
          const bool taken = std::any_of(plan.root.fields.begin(), plan.root.fields.end(), is_root);
          add(member, taken ? member.path : member.name, flat, columns);
        }
      } else {
        add(field, field.path, flat, columns);
      }
    }
    return columns;
  }
  for (const OutputField& wanted : output.fields) {
    const Located<std::string>& path = wanted.field;
    const Field* const field = plan.find(*path);
    if (field == nullptr) {
      if (auto unknown = unknown_field(plan, *path))
        diagnostics.error(path.at, std::move(unknown->what), std::move(unknown->hint));
      continue;
    }
    add(*field, wanted.name ? **wanted.name : *path, flat, columns);
  }
  check_names(output, columns, diagnostics);
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
