// A reader of CSV by RFC 4180, with lines that end in a newline.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace test {

using CsvTable = std::vector<std::vector<std::string>>;

// Throws if the text is not valid.
inline CsvTable read_csv(const std::string& text) {
  CsvTable rows;
  std::vector<std::string> row;
  std::size_t i = 0;
  while (i < text.size()) {
    std::string cell;
    if (text[i] == '"') {
      for (++i;; ++i) {
        if (i >= text.size()) throw std::runtime_error("a quote is not closed");
        if (text[i] == '"' && (i + 1 >= text.size() || text[i + 1] != '"')) break;
        if (text[i] == '"') ++i;
        cell += text[i];
      }
      ++i;
    } else {
      while (i < text.size() && text[i] != ',' && text[i] != '\n') {
        if (text[i] == '"' || text[i] == '\r') throw std::runtime_error("a cell should be quoted");
        cell += text[i++];
      }
    }
    row.push_back(cell);
    if (i >= text.size()) throw std::runtime_error("the last line does not end");
    if (text[i] == '\n') {
      rows.push_back(row);
      row.clear();
    } else if (text[i] != ',') {
      throw std::runtime_error("text after a quote");
    }
    ++i;
  }
  return rows;
}

}  // namespace test
