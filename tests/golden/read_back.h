// Formats read back, so that they can be compared. A cell is the text of CSV, which has every byte.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "support/exposition.h"
#include "unit/csv_reader.h"

namespace test {

using Json = nlohmann::ordered_json;

// The value of a row in the column "key.pid" or "bytes" (for "value.bytes"); nullptr where it has none.
const Json* find_cell(const Json& row, const std::string& column);

// How many values of the row stand in columns, one for each.
std::size_t count_cells(const Json& row, const std::vector<std::string>& columns);

// What is unlike in the cell and the value; "" for nothing. A byte that is no UTF-8 is U+FFFD in JSON;
// numbers that JSON does not have, and what is absent, are null or left out.
std::string difference(const std::string& cell, const Json* value);

// As text and tables escape.
std::string escaped(std::string_view text);

// What they may show of a cell: what is absent as "-", a number with a point also with three digits behind
// it.
using Shown = std::vector<std::string>;
Shown on_screen(const std::string& cell, const Json* value);

// Whether a line of a table has these cells, with nothing but spaces, at least two, between them.
bool is_row_of(std::string_view line, const std::vector<Shown>& cells);
// Whether a line is "name=cell name=cell".
bool is_text_of(std::string_view line, const std::vector<std::string>& columns,
                const std::vector<Shown>& cells);
// Whether it has these columns' names in capitals, each perhaps with a unit.
bool is_header(std::string_view line, const std::vector<std::string>& columns);

// Compares each sample that the rows have a number for: its labels choose the rows. A counter is their sum,
// or the number of rows where it has no column; another value is that of the last of them, among the `last`
// rows that were shown together at the end. Returns how many were compared. CHECKs.
std::size_t compare_metric(const Family& family, const CsvTable& table, const std::vector<Json>& rows,
                           std::size_t last);

}  // namespace test
