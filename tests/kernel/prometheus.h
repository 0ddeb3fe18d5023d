// A real Prometheus that scrapes one target every second.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "machine.h"
#include "network.h"
#include "support/process.h"

namespace test {

class Prometheus {
 public:
  // `wrap` precedes the command, for example to run it in a network namespace. Throws if Prometheus does not
  // start or is not installed.
  Prometheus(std::uint16_t target, std::uint16_t port, const std::vector<std::string>& wrap = {});

  // The current value of each series in the result of the query, by the value of one of its labels. Must be
  // called where the port can be reached.
  std::map<std::string, double> query(const std::string& promql, const std::string& label = "job") const;
  // The state of its target, such as why it cannot be scraped.
  std::string targets() const;

 private:
  Directory directory_;
  std::uint16_t port_;
  std::unique_ptr<Process> process_;
};

// How long a probe is scraped: 20 s, or the seconds of PROBE_RUN_SCRAPE_SECONDS.
std::chrono::seconds scrape_time();

}  // namespace test
