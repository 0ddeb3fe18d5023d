#include "engine/figures.h"

#include "support/catch.h"

using namespace probe_run;

TEST_CASE("The figures of a run are printed, and those of failures only if they are not 0") {
  Figures figures;
  figures.reads = 3;
  CHECK(to_text(figures, std::chrono::milliseconds(1500)) == "3 map reads, 0 lost, 0 undecodable in 1.5 s");
  figures.restarted = 1;
  figures.vanished = 2;
  CHECK(to_text(figures, std::chrono::seconds(2)) ==
        "3 map reads, 0 lost, 0 undecodable, 1 read restarted, 2 keys vanished in 2.0 s");
}

TEST_CASE("The figures of several specs are added") {
  Figures one;
  one.vanished = 2;
  one.restarted = 3;
  Figures two = one;
  two += one;
  CHECK(two.vanished == 4);
  CHECK(two.restarted == 6);
}
