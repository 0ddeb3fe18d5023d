#include "support/attach_table.h"

#include <regex>
#include <sstream>
#include <stdexcept>

namespace test {
namespace {

// "| a | `b` |"
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line.substr(1));
  for (std::string cell; std::getline(in, cell, '|');) {
    cells.push_back(std::regex_replace(cell, std::regex("^[ `]+|[ `]+$"), ""));
  }
  return cells;
}

// "3. what the kernel or the program said"
std::map<std::string, std::string> messages_of(const std::string& document) {
  std::map<std::string, std::string> messages;
  std::istringstream in(document);
  std::smatch match;
  for (std::string line; std::getline(in, line);) {
    if (std::regex_match(line, match, std::regex(R"((\d+)\. `(.+)`)"))) messages[match[1]] = match[2];
  }
  return messages;
}

AttachOutcome outcome_of(const std::string& cell, const std::map<std::string, std::string>& messages) {
  if (cell == "seen") return {AttachOutcome::Kind::seen, {}};
  std::smatch match;
  if (!std::regex_match(cell, match, std::regex(R"(refused \((\d+)\))")) ||
      !messages.contains(match[1].str())) {
    throw std::runtime_error("no outcome: " + cell);
  }
  return {AttachOutcome::Kind::refused, messages.at(match[1])};
}

}  // namespace

std::string in_words(const AttachOutcome& outcome) {
  switch (outcome.kind) {
    case AttachOutcome::Kind::seen:
      return "seen";
    case AttachOutcome::Kind::refused:
      return "refused: " + outcome.message;
    case AttachOutcome::Kind::unseen:
      break;
  }
  return "attached, but saw nothing: " + outcome.message;
}

AttachTable::AttachTable(std::string_view document) {
  const std::string text(document);
  const std::map<std::string, std::string> messages = messages_of(text);
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with('|') || line.starts_with("|---")) continue;
    std::vector<std::string> cells = cells_of(line);
    if (kernels_.empty()) {
      if (cells.size() < 3 || cells[0] != "type" || cells[1] != "variant")
        throw std::runtime_error("not the header of the table: " + line);
      kernels_.assign(cells.begin() + 2, cells.end());
      continue;
    }
    if (cells.size() != kernels_.size() + 2)
      throw std::runtime_error("a row with the wrong number of cells: " + line);
    const AttachRow row{cells[0], cells[1]};
    rows_.push_back(row);
    for (std::size_t i = 0; i < kernels_.size(); ++i)
      cells_[{row, kernels_[i]}] = outcome_of(cells[i + 2], messages);
  }
  if (rows_.empty()) throw std::runtime_error("no table found");
}

const AttachOutcome* AttachTable::find(const AttachRow& row, const std::string& kernel) const {
  const auto found = cells_.find({row, kernel});
  return found == cells_.end() ? nullptr : &found->second;
}

}  // namespace test
