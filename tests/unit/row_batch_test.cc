#include "support/catch.h"
#include "unit/sample_object.h"
#include "view/view.h"

using namespace probe_run;
using test::BtfBuilder;
using test::RecordBytes;

namespace {

test::Compiled numbered() {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  btf.structure("row", 8, {{"n", u32, 0}, {"id", u32, 32}});
  return test::stream_of(btf, "struct row");
}

// Adds rows of these numbers, with ids from 0; returns the ids after arranging.
std::string arranged(const std::vector<std::uint32_t>& numbers, const char* sort, bool descending,
                     std::optional<std::uint64_t> limit) {
  const test::Compiled plan = numbered();
  RowBatch batch;
  std::uint32_t id = 0;
  for (const std::uint32_t n : numbers) {
    RecordBytes row;
    batch.add(row.u32(n).u32(id++).view());
  }
  batch.arrange({sort == nullptr ? nullptr : &plan.field(sort), descending}, limit);
  std::string text;
  batch.for_each([&](Bytes row) { text += test::plain(plan.field("id"), row) + " "; });
  return text;
}

}  // namespace

TEST_CASE("Rows that are not sorted keep the order of arrival") {
  CHECK(arranged({3, 1, 2}, nullptr, false, {}) == "0 1 2 ");
}

TEST_CASE("Rows are sorted by a field") {
  CHECK(arranged({3, 1, 2}, "n", false, {}) == "1 2 0 ");
  CHECK(arranged({3, 1, 2}, "n", true, {}) == "0 2 1 ");
}

TEST_CASE("Rows that are equal keep their order, in either direction") {
  CHECK(arranged({1, 2, 1, 2, 1}, "n", false, {}) == "0 2 4 1 3 ");
  CHECK(arranged({1, 2, 1, 2, 1}, "n", true, {}) == "1 3 0 2 4 ");
}

TEST_CASE("A limit keeps the first rows after sorting") {
  CHECK(arranged({3, 1, 2}, "n", true, 2) == "0 2 ");
  CHECK(arranged({3, 1, 2}, nullptr, false, 1) == "0 ");
  CHECK(arranged({3, 1, 2}, "n", false, 0) == "");
  CHECK(arranged({3, 1, 2}, "n", false, 100) == "1 2 0 ");
}

TEST_CASE("Rows of different length are kept whole") {
  RowBatch batch;
  batch.add(RecordBytes{1, 2, 3}.view());
  batch.add({});
  batch.add(RecordBytes{4}.view());
  std::string sizes;
  batch.for_each([&](Bytes row) { sizes += std::to_string(row.size()) + " "; });
  CHECK(sizes == "3 0 1 ");
}

TEST_CASE("A cleared batch is empty") {
  RowBatch batch;
  batch.add(RecordBytes{1}.view());
  batch.clear();
  CHECK(batch.size() == 0);
  batch.add(RecordBytes{7}.view());
  batch.for_each([](Bytes row) { CHECK(row[0] == std::byte{7}); });
}
