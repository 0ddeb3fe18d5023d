// Parsers of formats, for comparisons. A cell is the text in CSV, which has every byte.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "support/exposition.h"
#include "unit/csv_reader.h"

namespace test {

using Json = nlohmann::ordered_json;

// The value of a row in the column "key.pid" or "bytes" (for "value.bytes"); nullptr if it has none.
const Json* find_cell(const Json& row, const std::string& column);

// The number of values in the row that are in a column.
std::size_t count_cells(const Json& row, const std::vector<std::string>& columns);

// The difference between the cell and the value; "" for none. A byte that is not UTF-8 is U+FFFD in JSON;
// numbers that JSON cannot represent, and absent values, are null or left out.
std::string difference(const std::string& cell, const Json* value);

// Escaped as in text and tables.
std::string escaped(std::string_view text);

// What they may show for a cell: "-" if absent, and a floating-point number also with three decimals.
using Shown = std::vector<std::string>;
Shown on_screen(const std::string& cell, const Json* value);

// Whether a line of a table has these cells, with at least two spaces and nothing else between them.
bool is_row_of(std::string_view line, const std::vector<Shown>& cells);
// Whether a line is "name=cell name=cell".
bool is_text_of(std::string_view line, const std::vector<std::string>& columns,
                const std::vector<Shown>& cells);
// Whether it has these columns' names in upper case, each optionally with a unit.
bool is_header(std::string_view line, const std::vector<std::string>& columns);

// Compares each sample for which the rows have a number: its labels select the rows. A counter is their sum,
// or the number of rows if it has no column; another value is that of the last of them, among the `last` rows
// that were shown together at the end. Returns how many were compared. Uses CHECK.
std::size_t compare_metric(const Family& family, const CsvTable& table, const std::vector<Json>& rows,
                           std::size_t last);

}  // namespace test
