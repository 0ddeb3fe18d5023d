// The runner's own metrics: events, losses and costs.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <vector>

#include "engine/live_probe.h"
#include "engine/run_report.h"
#include "sink/http_endpoint.h"
#include "support/fd.h"

namespace probe_run {

// The memory of this process, by a descriptor that is opened once: a scrape opens no file, which a probe of opens would
// show.
class OwnMemory {
 public:
  OwnMemory();
  // Nothing if /proc is not mounted.
  std::optional<std::uint64_t> resident_bytes() const noexcept;

 private:
  Fd statm_;
};

// `endpoint` may be nullptr. `started` is the start time of the run, ns since the Unix epoch.
void add_own_metrics(const std::list<LiveProbe>& probes, const RunReport& report,
                     const HttpEndpoint* endpoint, const OwnMemory& memory, std::int64_t started,
                     std::vector<MetricFamily>& families);

}  // namespace probe_run
