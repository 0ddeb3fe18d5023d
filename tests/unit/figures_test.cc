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

TEST_CASE("A loss that nobody counts is not shown as 0") {
  Figures figures;
  figures.events = 2;
  const auto text = [&] { return to_text(figures, std::chrono::seconds(1)); };
  const auto says = [&](const std::string& member) {
    return to_json(figures).find(member) != std::string::npos;
  };
  CHECK(text() == "2 events, 0 lost, 0 undecodable in 1.0 s");
  CHECK_FALSE(figures.has_losses());
  figures.uncounted_streams = 1;
  CHECK(text() == "2 events, loss not counted, 0 undecodable in 1.0 s");
  CHECK(says("\"lost\":null,\"uncounted_streams\":1,"));
  CHECK(figures.has_losses());
  figures.counted_streams = 1;
  CHECK(text() == "2 events, 0 lost, loss of 1 stream not counted, 0 undecodable in 1.0 s");
  CHECK(says("\"lost\":0,\"uncounted_streams\":1,"));
}

TEST_CASE("Missed calls are shown if there are any, or if a kernel does not count them") {
  Figures figures;
  const auto text = [&] { return to_text(figures, std::chrono::seconds(1)); };
  const auto says = [&](const std::string& member) {
    return to_json(figures).find(member) != std::string::npos;
  };
  CHECK(says("\"missed\":null,"));
  figures.counted_programs = 1;
  CHECK(says("\"missed\":0,"));
  CHECK(text() == "0 events, 0 lost, 0 undecodable in 1.0 s");
  figures.missed = 550;
  CHECK(text() == "0 events, 0 lost, 550 missed, 0 undecodable in 1.0 s");
  figures.uncounted_programs = 2;
  CHECK(text() ==
        "0 events, 0 lost, 550 missed, missed calls of 2 programs not counted, 0 undecodable in 1.0 s");
  CHECK(figures.has_losses());
}

TEST_CASE("Rows that the spec leaves out are counted, and are no loss") {
  Figures figures;
  figures.events = 20;
  figures.sampled_out = 7;
  figures.rate_limited = 1;
  CHECK(
      to_text(figures, std::chrono::seconds(1)) ==
      "20 events, 0 lost, 0 undecodable, 7 rows skipped by \"sample\", 1 row dropped by \"rate_limit\" in 1.0 s");
  CHECK_FALSE(figures.has_losses());
  CHECK(to_json(figures).find("\"sampled_out\":7,\"rate_limited\":1") != std::string::npos);
}

TEST_CASE("Lines that were not written are a loss") {
  Figures figures;
  figures.not_written = 1;
  CHECK(to_text(figures, std::chrono::seconds(1)) ==
        "0 events, 0 lost, 0 undecodable, 1 line not written in 1.0 s");
  CHECK(figures.has_losses());
}
