#include "format/metric_text.h"

#include <cmath>
#include <limits>

#include "format/metric_family.h"
#include "support/catch.h"
#include "support/exposition.h"
#include "support/utf8.h"

using namespace probe_run;

namespace {

MetricFamily family_of(std::string name, MetricType type, std::vector<std::string> labels = {}) {
  return MetricFamily({std::move(name), type, "help \\ \"with\"\nevery escape", "", std::move(labels)});
}

LabelValues values(const std::vector<std::string>& texts) {
  LabelValues values;
  for (const std::string& text : texts) values.add(text);
  return values;
}

std::string text_of(const MetricFamily& family, MetricDialect dialect, Reader reader = Reader::program) {
  const MetricFamily* const families[] = {&family};
  TextBuffer out;
  Interlude nothing_else;
  append_metrics(out, families, dialect, nothing_else, reader);
  return std::string(out.view());
}

constexpr auto natural = [](std::uint64_t value) { return MetricNumber(value); };

}  // namespace

TEST_CASE("a counter is written as each format requires") {
  MetricFamily family = family_of("opens", MetricType::counter, {"comm"});
  family.put(values({"bash"}), natural(18446744073709551615u));
  CHECK(text_of(family, MetricDialect::prometheus) ==
        "# HELP opens_total help \\\\ \"with\"\\nevery escape\n# TYPE opens_total counter\n"
        "opens_total{comm=\"bash\"} 18446744073709551615\n");
  CHECK(text_of(family, MetricDialect::openmetrics) ==
        "# HELP opens help \\\\ \\\"with\\\"\\nevery escape\n# TYPE opens counter\n"
        "opens_total{comm=\"bash\"} 18446744073709551615\n# EOF\n");
}

TEST_CASE("numbers in metrics are exact, short and in the syntax that scrapers read") {
  MetricFamily family = family_of("x", MetricType::untyped, {"n"});
  const MetricNumber numbers[] = {std::int64_t{-9223372036854775807 - 1},
                                  0.1,
                                  1e300,
                                  std::numeric_limits<double>::infinity(),
                                  -std::numeric_limits<double>::infinity(),
                                  std::numeric_limits<double>::quiet_NaN()};
  int number = 0;
  for (const MetricNumber& value : numbers) family.put(values({std::to_string(number++)}), value);
  const auto families =
      test::read_exposition(text_of(family, MetricDialect::openmetrics), test::Exposition::openmetrics);
  std::vector<std::string> texts;
  for (const test::Sample& sample : families.at(0).samples) texts.push_back(sample.text);
  CHECK(texts == std::vector<std::string>{"-9223372036854775808", "0.1", "1e+300", "+Inf", "-Inf", "NaN"});
}

TEST_CASE("any bytes in a label become valid text, and valid text is unchanged") {
  std::string every_byte;
  for (int c = 0; c < 256; ++c) every_byte += static_cast<char>(c);
  const std::string hostile[] = {every_byte,
                                 "\"} 1\nfake_metric 2\n",
                                 "\\",
                                 "\\n",
                                 "\x1b[31m",
                                 "\xff\xfe",
                                 std::string(5000, 'x'),
                                 "ü€😀",
                                 "a\xff"
                                 "b\xff",
                                 std::string(1, '\0'),
                                 "\xe2\x80\xae"};
  MetricFamily family = family_of("x", MetricType::gauge, {"a", "b"});
  for (const std::string& text : hostile) family.put(values({text, "second"}), natural(1));
  for (const auto& [dialect, format] :
       {std::pair{MetricDialect::prometheus, test::Exposition::prometheus},
        std::pair{MetricDialect::openmetrics, test::Exposition::openmetrics}}) {
    const auto families = test::read_exposition(text_of(family, dialect), format);
    REQUIRE(families.size() == 1);
    REQUIRE(families[0].samples.size() == std::size(hostile));
    for (std::size_t i = 0; i < std::size(hostile); ++i) {
      const test::Sample& sample = families[0].samples[i];
      CHECK(sample.labels.at("b") == "second");
      CHECK(sample.labels.at("a").size() <= LabelValues::longest);
    }
    CHECK(families[0].samples[1].labels.at("a") == hostile[1]);
    CHECK(families[0].samples[7].labels.at("a") == hostile[7]);
    CHECK(families[0].samples[8].labels.at("a") ==
          "a\xef\xbf\xbd"
          "b\xef\xbf\xbd");
  }
  const std::string for_person = text_of(family, MetricDialect::prometheus, Reader::person);
  CHECK(for_person.find('\x1b') == std::string::npos);
  CHECK_NOTHROW(test::read_exposition(for_person, test::Exposition::prometheus));
}

TEST_CASE("rows with the same labels are added, or the last one wins, and they are counted") {
  MetricFamily counter = family_of("c", MetricType::counter, {"a"});
  MetricFamily gauge = family_of("g", MetricType::gauge, {"a"});
  for (MetricFamily* family : {&counter, &gauge}) {
    family->put(values({"same"}), natural(3));
    family->put(values({"same"}), natural(4));
  }
  CHECK(text_of(counter, MetricDialect::prometheus).find("c_total{a=\"same\"} 7\n") != std::string::npos);
  CHECK(text_of(gauge, MetricDialect::prometheus).find("g{a=\"same\"} 4\n") != std::string::npos);
  CHECK(counter.merged() == 1);
  CHECK(counter.replaced() == 0);
  CHECK(gauge.merged() == 0);
  CHECK(gauge.replaced() == 1);
}

TEST_CASE("series beyond the limit are counted, not kept") {
  constexpr std::uint64_t limit = 7;
  MetricFamily family({"x", MetricType::counter, "", "", {"a"}}, limit);
  for (std::uint64_t i = 0; i < limit + 5; ++i) family.accumulate(values({std::to_string(i)}), natural(1));
  CHECK(family.series().size() == limit);
  CHECK(family.beyond_limit() == 5);
  family.accumulate(values({"0"}), natural(1));
  CHECK(std::get<std::uint64_t>(std::get<MetricNumber>(family.series().front().value)) == 2);
}

TEST_CASE("buckets of a histogram are cumulative, end at +Inf and have a sum and a count in both formats") {
  MetricHistogram histogram;
  histogram.buckets = {
      {1, 2, 0.5}, {3, 0, 2.5}, {7, 5, 5.5}, {std::numeric_limits<double>::infinity(), 1, 8}};
  histogram.count = 8;
  MetricFamily family = family_of("h", MetricType::histogram);
  SECTION("with a sum") {
    histogram.sum = MetricNumber(std::uint64_t{40});
    family.put({}, histogram);
    const auto families =
        test::read_exposition(text_of(family, MetricDialect::prometheus), test::Exposition::prometheus);
    CHECK(test::sample(families, "h_bucket", {{"le", "7"}}).value == 7);
    CHECK(test::sample(families, "h_bucket", {{"le", "+Inf"}}).value == 8);
    CHECK(test::sample(families, "h_sum").value == 40);
    CHECK(test::sample(families, "h_count").value == 8);
    const auto open =
        test::read_exposition(text_of(family, MetricDialect::openmetrics), test::Exposition::openmetrics);
    CHECK(test::sample(open, "h_bucket", {{"le", "3.0"}}).value == 2);
  }
  SECTION("without one") {
    family.put({}, histogram);
    for (const auto& [dialect, format] :
         {std::pair{MetricDialect::prometheus, test::Exposition::prometheus},
          std::pair{MetricDialect::openmetrics, test::Exposition::openmetrics}}) {
      const auto families = test::read_exposition(text_of(family, dialect), format);
      // 2 * 0.5 + 5 * 5.5 + 1 * 8
      CHECK(test::sample(families, "h_sum").value == 36.5);
      CHECK(test::sample(families, "h_count").value == 8);
      CHECK(families.at(0).help.ends_with("every escape. The sum is an estimate from the buckets."));
    }
  }
}

TEST_CASE(
    "empty buckets at the end are left out in all series alike, unless the spec says how many there are") {
  const auto counted = [](std::initializer_list<std::uint64_t> counts) {
    MetricHistogram histogram;
    histogram.stated = false;
    histogram.sum = MetricNumber(std::uint64_t{1});
    double upper = 1;
    for (const std::uint64_t count : counts) {
      histogram.buckets.push_back({upper, count, 0});
      histogram.count += count;
      upper = upper * 2 + 1;
    }
    return histogram;
  };
  MetricFamily family = family_of("h", MetricType::histogram, {"a"});
  const auto buckets = [&](const std::string& label) {
    const auto families =
        test::read_exposition(text_of(family, MetricDialect::openmetrics), test::Exposition::openmetrics);
    std::string text;
    for (const test::Sample& sample : families.at(0).samples) {
      if (sample.name == "h_bucket" && sample.labels.at("a") == label) text += sample.labels.at("le") + " ";
    }
    return text;
  };
  family.put(values({"x"}), counted({0, 1, 0, 0, 0, 0}));
  CHECK(buckets("x") == "1.0 3.0 +Inf ");
  family.put(values({"y"}), counted({1, 0, 0, 2, 0, 0}));
  CHECK(buckets("x") == "1.0 3.0 7.0 15.0 +Inf ");
  CHECK(buckets("y") == "1.0 3.0 7.0 15.0 +Inf ");
  // A later read without large values does not end series that Prometheus has.
  family.clear();
  family.put(values({"x"}), counted({0, 1, 0, 0, 0, 0}));
  CHECK(buckets("x") == "1.0 3.0 7.0 15.0 +Inf ");
  MetricHistogram stated = counted({0, 0, 0, 0, 0, 0});
  stated.stated = true;
  family.put(values({"z"}), stated);
  CHECK(buckets("x") == "1.0 3.0 7.0 15.0 31.0 63.0 +Inf ");
}

TEST_CASE("an exponential histogram becomes buckets up to powers of two, and adds up at the coarser scale") {
  MetricHistogram fine;
  fine.exponential = true;
  fine.scale = 1;  // bounds are powers of the root of 2
  fine.count = 6;
  fine.zeros = 1;
  fine.positive = {{1, 1}, {2, 2}, {3, 2}};  // up to 1.41, 2, 2.83
  const std::vector<MetricHistogram::Bucket> buckets = classic_buckets(fine);
  REQUIRE(buckets.size() == 4);
  CHECK(buckets[0].upper == 0);
  CHECK(buckets[1].upper == 1);  // where the next begins
  CHECK(buckets[1].count == 0);
  CHECK(buckets[2].upper == 2);
  CHECK(buckets[2].count == 3);
  CHECK(buckets[3].upper == 4);
  CHECK(buckets[3].count == 2);

  MetricHistogram coarse;
  coarse.exponential = true;
  coarse.scale = 0;
  coarse.count = 4;
  coarse.positive = {{1, 4}};
  coarse.add(fine);
  CHECK(coarse.count == 10);
  CHECK(coarse.scale == 0);
  CHECK(coarse.positive == std::map<std::int32_t, std::uint64_t>{{1, 7}, {2, 2}});
}

TEST_CASE("names are made from any text, except for those reserved by Prometheus") {
  CHECK(metric_name_of("my spec-Name.9") == "my_spec_name_9");
  CHECK(metric_name_of("9lives") == "n9lives");
  CHECK(metric_name_of("\xff\xff") == "");
  CHECK(label_name_of("hops[].port") == "hops___port");
  CHECK(label_name_of("__name__") == "name");
  CHECK_FALSE(is_label_name("__name__"));
  CHECK_FALSE(is_metric_name("a:b"));
  CHECK(reserved_suffix("x_bucket") == "_bucket");
  CHECK(family_name("x_total", MetricType::counter) == "x");
  CHECK(family_name("x_total", MetricType::gauge) == "x_total");
}
