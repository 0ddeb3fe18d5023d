// The offsets of the places in a sample program, from its own output.
#pragma once

#include <cstdint>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>

#include "support/process.h"

namespace test {

struct SamplePlace {
  std::uint64_t file_offset = 0;
  std::uint64_t in_function = 0;
};

inline std::map<std::string, SamplePlace> sample_places(const std::string& program) {
  const Finished done = run({program});
  if (done.status != 0) throw std::runtime_error(program + " failed: " + done.err);
  std::map<std::string, SamplePlace> places;
  std::istringstream lines(done.out);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    SamplePlace place;
    if (words >> name >> place.file_offset >> place.in_function) places[name] = place;
  }
  if (places.size() != 3) throw std::runtime_error(program + " printed: " + done.out);
  return places;
}

}  // namespace test
