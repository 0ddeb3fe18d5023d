// Counters of the processor and of the kernel.
#include "attach/perf_counter.h"
#include "listing/families.h"

namespace probe_run {

void list_perf_events(Search& search) {
  for (const auto& event : EnumNames<PerfEvent>::names) {
    if (!search.wants(event.name) || !has_counter(event.value)) continue;
    Place& place = search.add(std::string(event.name));
    // How often is the spec's to say; this is what profilers take.
    if (search.details()) place.attach = {{"event", place.target}, {"frequency", "99", true}};
  }
}

}  // namespace probe_run
