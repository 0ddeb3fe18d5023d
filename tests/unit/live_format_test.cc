#include "format/live_format.h"

#include <limits>
#include <optional>

#include "spec/output_spec.h"
#include "support/catch.h"
#include "support/utf8.h"
#include "unit/sample_object.h"
#include "view/group_table.h"

using namespace probe_run;

namespace {

// A live table of the groups of "comm", drawn on a screen of the test's choice.
struct Live {
  Live() : plan(test::event_plan()), table({&plan.field("comm")}, {{"opens"}}) {
    OutputSpec output;
    output.group_by = {test::located(std::string("comm"))};
    output.aggregate.emplace_back(test::located(std::string("opens")), test::located(std::string("count")));
    Diagnostics diagnostics = test::no_diagnostics();
    format.emplace(output, table.plan(), diagnostics);
    REQUIRE_FALSE(diagnostics.failed());
    format->set_title("opens", "1s");
    screen.columns = 80;
    screen.lines = 10;
  }

  std::string draw(const std::vector<std::pair<std::string, unsigned>>& counts) {
    table.clear();
    for (const auto& [comm, count] : counts) {
      test::RecordBytes record;
      record.u64(0).u32(1).i32(0).text(comm, 16).zeros(64);
      for (unsigned i = 0; i < count; ++i) table.add(record.view());
    }
    TextBuffer out;
    format->prepare(screen, 0);
    table.for_each({}, [&](Bytes row) { format->row(row, {}, out); });
    format->end_batch(out);
    return std::string(out.view());
  }

  // The drawn lines, without cursor movements.
  static std::vector<std::string> lines(const std::string& drawn) {
    std::vector<std::string> found;
    const std::string erase = "\x1b[2K";
    for (std::size_t at = drawn.find(erase); at != std::string::npos; at = drawn.find(erase, at + 1)) {
      const std::size_t begin = at + erase.size();
      found.push_back(drawn.substr(begin, drawn.find('\n', begin) - begin));
    }
    return found;
  }

  test::Compiled plan;
  GroupTable table;
  std::optional<LiveFormat> format;
  Screen screen;
};

}  // namespace

TEST_CASE("A live table has a title, and the largest row first") {
  Live live;
  const auto lines = Live::lines(live.draw({{"bash", 1}, {"cat", 3}}));
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].find("opens  ") == 0);
  CHECK(lines[0].find("  every 1s  rows 2/2") != std::string::npos);
  CHECK(lines[1].find("COMM  OPENS") == 0);
  CHECK(lines[2].find("cat       3  ####") == 0);
  CHECK(lines[3].find("bash      1  ###") == 0);
}

TEST_CASE("A live table is redrawn in place, and hides the cursor once") {
  Live live;
  const std::string first = live.draw({{"bash", 1}});
  CHECK(first.find("\x1b[?25l\r\x1b[2K") == 0);
  const std::string second = live.draw({{"bash", 1}, {"cat", 1}});
  CHECK(second.find("\r\x1b[3A\x1b[2K") == 0);
  CHECK(second.find("?25l") == std::string::npos);
  const std::string third = live.draw({});
  CHECK(third.find("\r\x1b[4A") == 0);
  CHECK(third.substr(third.size() - 3) == "\x1b[J");
}

TEST_CASE("A live table shows what fits the current size of the screen") {
  Live live;
  std::vector<std::pair<std::string, unsigned>> many;
  for (unsigned i = 0; i < 30; ++i) many.emplace_back("program " + std::to_string(i), i + 1);
  auto lines = Live::lines(live.draw(many));
  CHECK(lines.size() == 9);
  CHECK(lines[0].find("rows 7/30") != std::string::npos);
  CHECK(lines[2].find("program 29") == 0);
  live.screen.lines = 40;
  CHECK(Live::lines(live.draw(many)).size() == 32);
  live.screen.lines = 1;
  CHECK(Live::lines(live.draw(many)).size() == 3);
}

TEST_CASE("No line of a live table is wider than the screen") {
  Live live;
  for (std::size_t columns = 0; columns < 60; ++columns) {
    live.screen.columns = columns;
    live.screen.utf8 = columns % 2 == 0;
    for (unsigned draw = 0; draw < 3; ++draw) {
      for (const std::string& line : Live::lines(
               live.draw({{"\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4", 2 + draw}, {"b", 1}})))
        CHECK(screen_width(line) <= columns);
    }
  }
}

TEST_CASE("Text that is cut in a live table ends with an ellipsis") {
  Live live;
  live.screen.columns = 17;
  CHECK(Live::lines(live.draw({{"a long command", 1}}))[2] == "a long co~      1");
  live.screen.utf8 = true;
  CHECK(Live::lines(live.draw({{"a long command", 1}}))[2] == "a long co\u2026      1");
}

TEST_CASE("A number that changes has a sparkline of its last values") {
  Live live;
  live.screen.utf8 = true;
  CHECK(live.draw({{"a", 1}, {"b", 4}}).find("\u2581") == std::string::npos);
  const auto lines = Live::lines(live.draw({{"a", 2}, {"b", 4}}));
  CHECK(lines[2].find("b         4" + std::string(15, ' ') + "\u2588\u2588") == 0);
  CHECK(lines[3].find("a         2" + std::string(15, ' ') + "\u2585\u2588") == 0);
  live.screen.utf8 = false;
  CHECK(Live::lines(live.draw({{"b", 4}}))[2].find("b         4" + std::string(14, ' ') + "###  #") == 0);
}

TEST_CASE("A live table highlights changes if colours are allowed") {
  Live live;
  live.screen.colour = true;
  CHECK(live.draw({{"a", 1}}).find("\x1b[1m") == std::string::npos);
  CHECK(live.draw({{"a", 2}}).find("\x1b[1m2\x1b[0m") != std::string::npos);
  CHECK(live.draw({{"a", 2}}).find("\x1b[1m") == std::string::npos);
  live.screen.colour = false;
  const std::string plain = live.draw({{"a", 3}});
  CHECK(plain.find("\x1b[1m") == std::string::npos);
  CHECK(plain.find("\x1b[7m") == std::string::npos);
}

TEST_CASE("A live table forgets rows that have disappeared") {
  LiveHistory history;
  for (int draw = 0; draw < 1000; ++draw) {
    history.find_or_add("always", 1).series[0].add(draw);
    for (int i = 0; i < 10; ++i) history.find_or_add(std::to_string(draw) + "/" + std::to_string(i), 1);
    history.end_draw();
    REQUIRE(history.size() <= 1 + 10 * LiveHistory::patience);
  }
  CHECK(history.find_or_add("always", 1).series[0].size() == Series::most);
}

TEST_CASE("Bars and sparklines take the columns they are given, whatever the numbers") {
  const double infinity = std::numeric_limits<double>::infinity();
  const double none = std::numeric_limits<double>::quiet_NaN();
  for (const double value : {-1.0, 0.0, 0.5, 1.0, 1e300, infinity, -infinity, none}) {
    for (const bool utf8 : {false, true}) {
      std::string bar;
      append_bar(value, 1, 10, utf8, bar);
      CHECK(screen_width(bar) == 10);
      Series series;
      for (const double v : {1.0, value, -2.0}) series.add(v);
      std::string spark;
      append_sparkline(series, 16, utf8, spark);
      CHECK(screen_width(spark) == 16);
    }
  }
}
