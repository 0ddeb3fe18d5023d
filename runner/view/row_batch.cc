#include "view/row_batch.h"

#include <algorithm>

#include "view/row_value.h"

namespace probe_run {

void RowBatch::clear() noexcept {
  bytes_.clear();
  rows_.clear();
}

void RowBatch::add(Bytes row) {
  rows_.push_back({bytes_.size(), row.size()});
  bytes_.insert(bytes_.end(), row.begin(), row.end());
}

void RowBatch::arrange(const Sort& sort, std::optional<std::uint64_t> limit) {
  if (sort.field != nullptr) {
    std::stable_sort(rows_.begin(), rows_.end(), [&](const Row& a, const Row& b) {
      return sort.descending ? compare_by(*sort.field, at(b), at(a)) < 0
                             : compare_by(*sort.field, at(a), at(b)) < 0;
    });
  }
  if (limit && *limit < rows_.size()) rows_.resize(*limit);
}

}  // namespace probe_run
