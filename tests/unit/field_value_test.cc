#include "decode/field_value.h"

#include <array>

#include "support/catch.h"
#include "unit/record_bytes.h"

using namespace probe_run;
using test::RecordBytes;

TEST_CASE("A slot of any size is loaded from its offset") {
  const RecordBytes record{0xff, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08};
  CHECK(load(record.view(), {1, 1, 0, 0, false}) == 0x01);
  CHECK(load(record.view(), {1, 2, 0, 0, false}) == 0x0201);
  CHECK(load(record.view(), {1, 3, 0, 0, false}) == 0x030201);
  CHECK(load(record.view(), {1, 4, 0, 0, false}) == 0x04030201);
  CHECK(load(record.view(), {1, 6, 0, 0, false}) == 0x0605'0403'0201);
  CHECK(load(record.view(), {1, 8, 0, 0, false}) == 0x0807'0605'0403'0201);
}

TEST_CASE("A signed slot is extended by its sign") {
  const RecordBytes record{0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  for (const std::uint32_t size : {1u, 2u, 3u, 4u, 7u, 8u}) {
    CAPTURE(size);
    CHECK(static_cast<std::int64_t>(load(record.view(), {0, size, 0, 0, true})) == -2);
  }
  CHECK(load(record.view(), {0, 1, 0, 0, false}) == 0xfe);
  CHECK(load(RecordBytes{0x7f}.view(), {0, 1, 0, 0, true}) == 0x7f);
}

TEST_CASE("A bitfield is shifted and masked") {
  const RecordBytes record{0b1011'0101};
  CHECK(load(record.view(), {0, 1, 0, 3, false}) == 0b101);
  CHECK(load(record.view(), {0, 1, 3, 5, false}) == 0b10110);
  CHECK(load(record.view(), {0, 1, 7, 1, false}) == 1);
}

TEST_CASE("A signed bitfield is extended by its own highest bit") {
  const RecordBytes record{0b1011'0101};
  CHECK(static_cast<std::int64_t>(load(record.view(), {0, 1, 0, 3, true})) == -3);
  CHECK(static_cast<std::int64_t>(load(record.view(), {0, 1, 3, 3, true})) == -2);
  CHECK(static_cast<std::int64_t>(load(record.view(), {0, 1, 3, 4, true})) == 6);
  CHECK(static_cast<std::int64_t>(load(record.view(), {0, 1, 0, 1, true})) == -1);
}

TEST_CASE("A bitfield may span several bytes") {
  const RecordBytes record{0x00, 0xf0, 0xff, 0x0f};
  CHECK(load(record.view(), {1, 3, 4, 16, false}) == 0xffff);
  CHECK(load(record.view(), {0, 4, 8, 20, false}) == 0xffff0);
}

TEST_CASE("A bitfield may span nine bytes") {
  const RecordBytes record{0x80, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0xfe};
  // 64 bits from bit 7, and 60 from bit 6.
  CHECK(load(record.view(), {0, 9, 7, 64, false}) ==
        ((0x0706'0504'0302'0180 >> 7) | (std::uint64_t{0xfe} << 57)));
  CHECK(load(record.view(), {0, 9, 6, 60, false}) ==
        (((0x0706'0504'0302'0180 >> 6) | (std::uint64_t{0xfe} << 58)) & 0x0fff'ffff'ffff'ffff));
  CHECK(static_cast<std::int64_t>(load(record.view(), {0, 9, 6, 60, true})) < 0);
}

TEST_CASE("A bitfield of a whole number of 64 bits is the number") {
  const RecordBytes record{1, 2, 3, 4, 5, 6, 7, 8};
  CHECK(load(record.view(), {0, 8, 0, 64, false}) == 0x0807'0605'0403'0201);
}

TEST_CASE("A record contains a slot if it contains every byte of it") {
  const RecordBytes record{1, 2, 3, 4};
  CHECK(holds(record.view(), {0, 4, 0, 0, false}));
  CHECK(holds(record.view(), {3, 1, 0, 0, false}));
  CHECK_FALSE(holds(record.view(), {1, 4, 0, 0, false}));
  CHECK_FALSE(holds(record.view(), {4, 1, 0, 0, false}));
  CHECK_FALSE(holds(record.view(), {0xffff'ffff, 1, 0, 0, false}));
  CHECK_FALSE(holds(record.view(), {0xffff'ffff, 0xffff'ffff, 0, 0, false}));
  CHECK_FALSE(holds({}, {0, 1, 0, 0, false}));
}

TEST_CASE("The bits of a number have no sign") {
  const RecordBytes record{0xfe, 0xff, 0xff, 0xff};
  CHECK(load_bits(record.view(), {0, 4, 0, 0, true}) == 0xffff'fffe);
  CHECK(load_bits(record.view(), {0, 1, 1, 3, true}) == 0b111);
}

TEST_CASE("Network byte order has the highest byte first") {
  const RecordBytes record{0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08};
  CHECK(load_big_endian(record.view().data(), 2) == 0x0102);
  CHECK(load_big_endian(record.view().data(), 4) == 0x0102'0304);
  CHECK(load_big_endian(record.view().data(), 8) == 0x0102'0304'0506'0708);
}

TEST_CASE("A floating-point number has 2, 4 or 8 bytes") {
  CHECK(load_real(RecordBytes{0x00, 0xc0}.view().data(), 2) == -2.0);
  CHECK(load_real(RecordBytes{0x00, 0x00, 0xc0, 0x3f}.view().data(), 4) == 1.5);
  CHECK(load_real(RecordBytes{0, 0, 0, 0, 0, 0, 0xf8, 0x3f}.view().data(), 8) == 1.5);
}

TEST_CASE("What is stored in a slot leaves its neighbours as they are") {
  std::array<std::byte, 4> row{};
  row.fill(std::byte{0xff});
  store(row.data(), {1, 2, 3, 7, false}, 0);
  CHECK(load(row, {0, 4, 0, 0, false}) == 0xfffc'07ff);
  store_real(row.data(), {0, 4, 0, 0, false}, 1.5);
  CHECK(load_real(row.data(), 4) == 1.5);
}
