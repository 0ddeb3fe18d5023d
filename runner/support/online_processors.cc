#include "support/online_processors.h"

#include <charconv>
#include <fstream>

namespace probe_run {
namespace {

constexpr int most = 65535;  // a list that says more is not the kernel's

}  // namespace

std::vector<int> parse_processors(std::string_view list) {
  std::vector<int> processors;
  const char* at = list.data();
  const char* const end = at + list.size();
  while (at < end) {
    int first = 0;
    auto read = std::from_chars(at, end, first);
    if (read.ec != std::errc()) break;
    int last = first;
    if (read.ptr < end && *read.ptr == '-') read = std::from_chars(read.ptr + 1, end, last);
    if (read.ec != std::errc() || first < 0 || last > most) break;
    for (int processor = first; processor <= last; ++processor) processors.push_back(processor);
    at = read.ptr + 1;
  }
  return processors;
}

std::string online_processors_text() {
  std::ifstream file("/sys/devices/system/cpu/online");
  std::string line;
  std::getline(file, line);
  return line;
}

std::vector<int> online_processors() {
  return parse_processors(online_processors_text());
}

}  // namespace probe_run
