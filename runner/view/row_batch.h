// Collects rows that are shown together, sorts and limits them, and passes them on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "decode/field.h"

namespace probe_run {

struct Sort {
  const Field* field = nullptr;  // nullptr: in the order of arrival
  bool descending = false;
};

class RowBatch {
 public:
  void clear() noexcept;
  void add(Bytes row);
  std::size_t size() const { return rows_.size(); }

  // Stable, so that rows equal in `sort` keep their order.
  void arrange(const Sort& sort, std::optional<std::uint64_t> limit);

  template <class Consume>
  void for_each(Consume consume) const {
    for (const Row& row : rows_) consume(at(row));
  }

 private:
  struct Row {
    std::size_t offset, size;
  };
  Bytes at(const Row& row) const { return Bytes(bytes_).subspan(row.offset, row.size); }

  std::vector<std::byte> bytes_;
  std::vector<Row> rows_;
};

}  // namespace probe_run
