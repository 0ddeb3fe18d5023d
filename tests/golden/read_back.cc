#include "golden/read_back.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "support/catch.h"
#include "support/utf8.h"

namespace test {
namespace {

const Json* find_path(const Json& row, std::string_view path) {
  if (!row.is_object()) return nullptr;
  if (const auto whole = row.find(std::string(path)); whole != row.end()) return &*whole;
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
    const auto outer = row.find(std::string(path.substr(0, dot)));
    if (outer == row.end()) continue;
    if (const Json* const inner = find_path(*outer, path.substr(dot + 1))) return inner;
  }
  return nullptr;
}

bool is_histogram(const Json& value) {
  return value.is_object() && value.contains("buckets");
}

std::string number_text(const Json& value) {
  if (!value.is_number_float()) return value.dump();
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value.get<double>());
  return text;
}

// Whether two texts are the same number, to the last bit.
bool same_number(const std::string& a, const std::string& b) {
  const auto is_whole = [](const std::string& text) {
    return text.find_first_not_of("-0123456789") == std::string::npos;
  };
  if (is_whole(a) && is_whole(b)) return a == b;
  char* end = nullptr;
  const double first = std::strtod(a.c_str(), &end);
  if (a.empty() || *end != '\0') return false;
  const double second = std::strtod(b.c_str(), &end);
  if (b.empty() || *end != '\0') return false;
  return first == second && std::signbit(first) == std::signbit(second);
}

// "[0,1]=2 (1.5,...)=1": a histogram in CSV.
std::string histogram_text(const Json& value) {
  std::string text;
  for (const Json& bucket : value["buckets"]) {
    if (bucket["count"] == 0) continue;
    const bool whole = (!bucket.contains("from") || bucket["from"].is_number_integer()) &&
                       (!bucket.contains("to") || bucket["to"].is_number_integer());
    text += text.empty() ? "" : " ";
    text += bucket.contains("from") ? (whole ? "[" : "(") + bucket["from"].dump() : "(...";
    text += "," + (bucket.contains("to") ? bucket["to"].dump() + "]" : "...)") + "=" + bucket["count"].dump();
  }
  return text.empty() ? "[]" : text;
}

// A struct or list in one cell.
std::string nested_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object()) {
    std::string text;
    for (const auto& [name, member] : value.items())
      text += (text.empty() ? "" : ", ") + name + "=" + nested_text(member);
    return "{" + text + "}";
  }
  if (value.is_array()) {
    std::string text;
    for (const Json& item : value) text += (text.empty() ? "" : ", ") + nested_text(item);
    return "[" + text + "]";
  }
  return value.dump();
}

bool is_stack(const Json& value) {
  return value.is_array() &&
         std::all_of(value.begin(), value.end(), [](const Json& item) { return item.is_string(); });
}

std::string with_replacements(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const probe_run::Utf8Character c = probe_run::next_utf8(bytes);
    text += c.valid ? std::string(bytes.substr(0, c.length)) : "\xef\xbf\xbd";
    bytes.remove_prefix(c.length);
  }
  return text;
}

// The name of a metric or label for a column.
std::string metric_word(std::string_view column) {
  for (const std::string_view side : {"key.", "value."}) {
    if (column.starts_with(side)) column.remove_prefix(side.size());
  }
  std::string word(column);
  std::replace_if(
      word.begin(), word.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return word;
}

std::string number_in(const Json& row, const std::string& column) {
  const Json* const value = find_cell(row, column);
  return value != nullptr && value->is_number() ? number_text(*value) : "";
}

}  // namespace

const Json* find_cell(const Json& row, const std::string& column) {
  if (const Json* const value = find_path(row, column)) return value;
  if (const Json* const value = find_path(row, "value." + column)) return value;
  return find_path(row, "key." + column);
}

std::size_t count_cells(const Json& row, const std::vector<std::string>& columns) {
  const auto is_column = [&](const std::string& path) {
    return std::any_of(columns.begin(), columns.end(), [&](const std::string& column) {
      return path == column || path == "value." + column || path == "key." + column;
    });
  };
  std::size_t count = 0;
  const auto walk = [&](const auto& self, const Json& value, const std::string& path) -> void {
    if (!value.is_object() || is_histogram(value) || is_column(path)) {
      // A struct that is missing in a short record is a single null.
      if (path != "$other" && (is_column(path) || !value.is_null())) ++count;
      return;
    }
    for (const auto& [name, member] : value.items())
      self(self, member, path.empty() ? name : path + "." + name);
  };
  walk(walk, row, "");
  return count;
}

std::string difference(const std::string& cell, const Json* value) {
  if (value == nullptr) return cell.empty() || cell == "(other)" ? "" : "in CSV alone: " + cell;
  if (value->is_null()) {
    return cell.empty() || cell == "nan" || cell == "inf" || cell == "-inf" ? "" : "null for " + cell;
  }
  if (value->is_number()) {
    // The JSON reader parses -0 as an integer and drops the sign.
    const std::string number = cell == "-0" && *value == 0 ? cell : number_text(*value);
    return same_number(cell, number) ? "" : cell + " is not " + number;
  }
  std::string text;
  if (is_histogram(*value)) {
    text = histogram_text(*value);
  } else if (is_stack(*value)) {
    for (const Json& frame : *value) text += (text.empty() ? "" : ";") + frame.get<std::string>();
  } else {
    text = nested_text(*value);
  }
  return with_replacements(cell) == text ? "" : cell + " is not " + text;
}

std::string escaped(std::string_view bytes) {
  std::string text;
  char code[16];
  while (!bytes.empty()) {
    const probe_run::Utf8Character c = probe_run::next_utf8(bytes);
    const auto byte = static_cast<unsigned char>(bytes.front());
    if (byte == '\\') {
      text += "\\\\";
    } else if (byte == '\n' || byte == '\t' || byte == '\r') {
      text += byte == '\n' ? "\\n" : byte == '\t' ? "\\t" : "\\r";
    } else if (!c.valid || byte < 0x20 || byte == 0x7f) {
      std::snprintf(code, sizeof code, "\\x%02x", byte);
      text += code;
    } else if (probe_run::must_escape(c.code_point)) {
      std::snprintf(code, sizeof code, "\\u{%04x}", static_cast<unsigned>(c.code_point));
      text += code;
    } else {
      text += bytes.substr(0, c.length);
    }
    bytes.remove_prefix(c.length);
  }
  return text;
}

Shown on_screen(const std::string& cell, const Json* value) {
  if (cell.empty() && (value == nullptr || value->is_null())) return {"-"};
  Shown shown{escaped(cell)};
  if (value == nullptr || !value->is_number_float()) return shown;
  char text[400];
  std::snprintf(text, sizeof text, "%.3g", value->get<double>());
  shown.emplace_back(text);
  std::snprintf(text, sizeof text, "%.3f", value->get<double>());
  std::string digits(text);
  digits.resize(digits.find_last_not_of('0') + 1);
  if (digits.ends_with('.')) digits.pop_back();
  shown.push_back(digits);
  return shown;
}

bool is_row_of(std::string_view line, const std::vector<Shown>& cells) {
  const auto match = [&](const auto& self, std::size_t at, std::size_t column) -> bool {
    if (column == cells.size()) return line.find_first_not_of(' ', at) == std::string_view::npos;
    const std::size_t least = column == 0 ? 0 : 2;
    for (std::size_t spaces = 0; at + spaces <= line.size(); ++spaces) {
      const std::string_view rest = line.substr(at + spaces);
      for (const std::string& cell : cells[column]) {
        if (spaces >= least && rest.starts_with(cell) && self(self, at + spaces + cell.size(), column + 1))
          return true;
      }
      if (!rest.starts_with(' ')) return false;
    }
    return false;
  };
  return match(match, 0, 0);
}

bool is_text_of(std::string_view line, const std::vector<std::string>& columns,
                const std::vector<Shown>& cells) {
  const auto match = [&](const auto& self, std::string_view rest, std::size_t column) -> bool {
    if (column == cells.size()) return rest.empty();
    const std::string name = (column == 0 ? "" : " ") + escaped(columns[column]) + "=";
    if (!rest.starts_with(name)) return false;
    rest.remove_prefix(name.size());
    return std::any_of(cells[column].begin(), cells[column].end(), [&](const std::string& cell) {
      return rest.starts_with(cell) && self(self, rest.substr(cell.size()), column + 1);
    });
  };
  return match(match, line, 0);
}

bool is_header(std::string_view line, const std::vector<std::string>& columns) {
  for (const std::string& column : columns) {
    std::string name = escaped(column);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
      return c < 0x80 ? static_cast<char>(std::toupper(c)) : static_cast<char>(c);
    });
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (!line.starts_with(name)) return false;
    line.remove_prefix(name.size());
    if (line.starts_with(" (")) line.remove_prefix(std::min(line.find(')'), line.size() - 1) + 1);
  }
  return line.find_first_not_of(' ') == std::string_view::npos;
}

std::size_t compare_metric(const Family& family, const CsvTable& table, const std::vector<Json>& rows,
                           std::size_t last) {
  const std::vector<std::string>& columns = table[0];
  // The column whose name ends the family's.
  const std::string* column = nullptr;
  for (const std::string& name : columns) {
    const std::string word = "_" + metric_word(name);
    if (!family.name.ends_with(word) && !family.name.ends_with(word + "_value") &&
        !family.name.ends_with(word + "_total"))
      continue;
    if (column == nullptr || metric_word(name).size() > metric_word(*column).size()) column = &name;
  }
  std::set<std::string> labels;
  for (const Sample& sample : family.samples) {
    for (const auto& [name, value] : sample.labels) labels.insert(name);
  }
  // An empty label is left out; elements of a list are not columns.
  const bool is_list = labels.contains("cpu") || labels.contains("index");
  const auto chosen = [&](const Sample& sample, std::size_t row) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string word = metric_word(columns[i]);
      if (!labels.contains(word)) continue;
      const auto label = sample.labels.find(word);
      const std::string wanted = label == sample.labels.end() ? "" : label->second;
      if (wanted != with_replacements(table[row + 1][i])) return false;
    }
    return true;
  };
  const std::size_t first = family.type == "counter" ? 0 : rows.size() - last;
  std::set<std::size_t> seen;
  std::size_t compared = 0;
  for (const Sample& sample : family.samples) {
    INFO(sample.name << " " << sample.text);
    if (column == nullptr) {
      if (family.type != "counter" || !sample.labels.empty()) continue;
      CHECK(sample.value == static_cast<double>(rows.size()));
      ++compared;
      continue;
    }
    double sum = 0;
    std::uint64_t whole = 0;
    bool is_whole = true;
    bool found = false;
    std::string newest;
    const Json* histogram = nullptr;
    for (std::size_t i = first; i < rows.size(); ++i) {
      if (!chosen(sample, i)) continue;
      found = true;
      seen.insert(i);
      const Json* const value = find_cell(rows[i], *column);
      if (value != nullptr && is_histogram(*value)) histogram = value;
      const std::string number = number_in(rows[i], *column);
      if (number.empty()) continue;
      newest = number;
      sum += std::strtod(number.c_str(), nullptr);
      if (value->is_number_float() || number.starts_with('-')) is_whole = false;
      whole += std::strtoull(number.c_str(), nullptr, 10);
    }
    if (first < rows.size() && !is_list) CHECK(found);
    if (histogram != nullptr && sample.name.ends_with("_count")) {
      CHECK(sample.text == (*histogram)["count"].dump());
      ++compared;
    } else if (histogram != nullptr && sample.name.ends_with("_bucket") && sample.labels.contains("le")) {
      std::uint64_t below = 0;
      bool bound = false;
      for (const Json& bucket : (*histogram)["buckets"]) {
        const bool end = !bucket.contains("to");
        if (!end && bucket["to"].get<double>() > std::strtod(sample.labels.at("le").c_str(), nullptr)) break;
        if (end && sample.labels.at("le") != "+Inf") break;
        below += bucket["count"].get<std::uint64_t>();
        bound = true;
      }
      if (!bound) continue;
      CHECK(sample.text == std::to_string(below));
      ++compared;
    } else if (newest.empty()) {
      continue;
    } else if (family.type == "counter") {
      CHECK((is_whole ? sample.text == std::to_string(whole) : sample.value == sum));
      ++compared;
    } else {
      CHECK(same_number(sample.text, newest));
      ++compared;
    }
  }
  // Every row has its sample. A counter that would have decreased has none.
  for (std::size_t i = first; column != nullptr && family.type != "counter" && i < rows.size(); ++i) {
    INFO("row " << i);
    if (!is_list && !number_in(rows[i], *column).empty()) CHECK(seen.contains(i));
  }
  return compared;
}

}  // namespace test
