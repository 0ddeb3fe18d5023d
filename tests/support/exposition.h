// A strict reader of the text formats of Prometheus (0.0.4) and of OpenMetrics 1.0, stricter than a scraper.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace test {

struct Sample {
  std::string name;
  std::map<std::string, std::string> labels;
  std::string text;  // of the value, as written
  double value = 0;
};

struct Family {
  std::string name;  // as its TYPE line has it
  std::string type, help, unit;
  std::vector<Sample> samples;
};

enum class Exposition { prometheus, openmetrics };

// Throws std::runtime_error with the line number and the mistake: a name, an escape or a number that is not
// in the grammar, bytes that are not UTF-8, lines of a family that are not together, a duplicate series,
// suffixes that the type does not have, buckets that are not cumulative, a document without its end.
std::vector<Family> read_exposition(std::string_view text, Exposition format);

// The only sample of this name with these labels (and no others); throws if it is not found.
const Sample& sample(const std::vector<Family>& families, std::string_view name,
                     const std::map<std::string, std::string>& labels = {});

}  // namespace test
