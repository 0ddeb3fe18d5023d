#include "decode/renderers/unit.h"

#include <algorithm>
#include <vector>

#include "support/suggest.h"

namespace probe_run {
namespace {

// The first of each is its name.
constexpr KnownUnit units[] = {{"ns", Dimension::time, 1},
                               {"us", Dimension::time, 1'000},
                               {"ms", Dimension::time, 1'000'000},
                               {"s", Dimension::time, 1'000'000'000},
                               {"bytes", Dimension::size, 1},
                               {"KiB", Dimension::size, std::uint64_t{1} << 10},
                               {"MiB", Dimension::size, std::uint64_t{1} << 20},
                               {"GiB", Dimension::size, std::uint64_t{1} << 30}};

struct OtherName {
  std::string_view written, name;
};
constexpr OtherName other_names[] = {
    {"nsec", "ns"},  {"nsecs", "ns"},        {"nanoseconds", "ns"},  {"usec", "us"},
    {"usecs", "us"}, {"microseconds", "us"}, {"\xc2\xb5s", "us"},    {"\xce\xbcs", "us"},
    {"msec", "ms"},  {"msecs", "ms"},        {"milliseconds", "ms"}, {"sec", "s"},
    {"secs", "s"},   {"seconds", "s"},       {"B", "bytes"},         {"byte", "bytes"}};

}  // namespace

std::optional<KnownUnit> known_unit(std::string_view name) {
  if (name.ends_with("/s")) name.remove_suffix(2);
  for (const auto& [written, meant] : other_names) {
    if (written == name) name = meant;
  }
  for (const KnownUnit& unit : units) {
    if (unit.name == name) return unit;
  }
  return std::nullopt;
}

std::string unit_names(Dimension dimension) {
  std::vector<std::string_view> names;
  for (const KnownUnit& unit : units) {
    if (unit.dimension == dimension) names.push_back(unit.name);
  }
  return join(names, " or ");
}

}  // namespace probe_run
