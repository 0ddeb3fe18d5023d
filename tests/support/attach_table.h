// The table of docs/attach-points.md: the outcome of each attach type on each kernel.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace test {

// The outcome of one attempt.
struct AttachOutcome {
  enum class Kind { seen, refused, unseen };  // unseen: attached, and never called
  Kind kind = Kind::unseen;
  std::string message;  // of a refusal, without the names that differ from run to run
  bool operator==(const AttachOutcome&) const = default;
};
std::string in_words(const AttachOutcome& outcome);

// type and variant
using AttachRow = std::pair<std::string, std::string>;

class AttachTable {
 public:
  // Throws if the text has no such table, or a row has another number of cells.
  explicit AttachTable(std::string_view document);

  const std::vector<std::string>& kernels() const { return kernels_; }  // "6.1"
  const std::vector<AttachRow>& rows() const { return rows_; }
  const AttachOutcome* find(const AttachRow& row, const std::string& kernel) const;

 private:
  std::vector<std::string> kernels_;
  std::vector<AttachRow> rows_;
  std::map<std::pair<AttachRow, std::string>, AttachOutcome> cells_;
};

}  // namespace test
