// Which maps the code of an object uses, of a whole object and of damaged ones.
#include "object/map_uses.h"

#include <elf.h>

#include <random>

#include "support/catch.h"
#include "support/fd.h"

using probe_run::map_uses;

namespace {

std::string object() {
  return probe_run::read_file(std::string(SPEC_TEST_OBJECTS) + "/strangers.bpf.o", std::size_t{16} << 20);
}

}  // namespace

TEST_CASE("the maps that programs use are found, also through functions that they call") {
  const auto uses = map_uses(object());
  const std::set<std::string> counts{"counts"};
  CHECK(uses.at("count_event") == counts);
  CHECK(uses.at("count_by_call") == counts);
  CHECK(uses.at("by_raw").empty());
}

TEST_CASE("damaged objects have fewer uses, and do no harm") {
  const std::string whole = object();
  CHECK(map_uses("").empty());
  CHECK(map_uses("text").empty());
  std::size_t known = 0;
  for (std::size_t length = whole.size(); length > 0; length -= std::min<std::size_t>(length, 97))
    known += map_uses(std::string_view(whole).substr(0, length)).size();
  CHECK(known > 0);
  std::mt19937 random(1);
  for (int round = 0; round < 500; ++round) {
    std::string broken = whole;
    for (int i = 0; i < 4; ++i)
      broken[EI_NIDENT + random() % (broken.size() - EI_NIDENT)] = static_cast<char>(random());
    map_uses(broken);
  }
}
