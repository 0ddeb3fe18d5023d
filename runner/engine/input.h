// A source of rows in a spec: a map, or the lines that programs print. Its rows go to all its outputs in the same
// way.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "engine/output.h"
#include "object/map_values.h"
#include "source/drop_counter.h"
#include "source/event_consumer.h"
#include "spec/map_spec.h"
#include "spec/output_spec.h"
#include "view/delta.h"
#include "view/numbers.h"

namespace probe_run {

struct Input {
  std::uint32_t map = printk_lines;   // in the object
  TracePipe lines = TracePipe::none;  // which programs' lines; none for a map
  const MapInfo* info = nullptr;      // nullptr for lines
  const MapSpec* spec = nullptr;      // nullptr for lines
  std::optional<Plan> plan;           // of the records or entries; nullopt if invalid
  std::optional<PerCpuSum> sum;
  std::optional<Delta> delta;  // after the sum
  std::vector<Output*> outputs;
  std::uint32_t slack = 0;  // padding that the kernel may add after a record, bytes
  std::optional<DropCounterPlace> drop_counter;
  std::vector<std::byte> keys;  // the only ones to read; empty for all
  SentValues sent;              // to a user ring buffer
  std::uint64_t lost = 0;
  std::optional<std::uint64_t> dropped;

  bool is_printed_lines() const { return lines != TracePipe::none; }
  // REQUIRES: plan
  bool is_stream() const { return is_printed_lines() || info->is_stream(); }
  View::Arrival arrival() const { return is_stream() ? View::Arrival::stream : View::Arrival::reads; }
  ReadMode read_mode() const { return spec != nullptr && spec->read ? **spec->read : ReadMode::snapshot; }
  // Whether it is known how many of its records were lost. The kernel does not report what a ring buffer had no room
  // for: without a counter in the object, nobody knows. `counters_read`: one that did not come could not be read.
  // REQUIRES: is_stream()
  bool counts_lost(bool counters_read) const;
  // How often it is read; 0: only at exit. REQUIRES: it is read
  Duration interval() const;
  // A read shows what happened since the one before: in an interval. What is drained is taken whenever it has rested.
  bool shows_intervals() const { return read_mode() == ReadMode::delta || read_mode() == ReadMode::rate; }
  // Its rows are computed from a map's entries.
  bool has_rates() const { return read_mode() == ReadMode::rate; }
  // Of the rows that the outputs get. REQUIRES: plan
  const Plan& rows() const { return delta ? delta->plan() : *plan; }

  // Only its last read is shown, and that read does not depend on earlier ones.
  bool read_at_exit_only() const;
  // It may be read at any time to update its metrics: a read does not remove anything, and adds nothing that depends
  // on the previous read.
  bool can_be_read_for_metrics() const;

  void record(Bytes row) noexcept {
    for (Output* output : outputs) output->row(row);
  }
  // The entries up to end_read() are for `whom`.
  void begin_read(ReadFor whom, std::int64_t now) noexcept;
  void entry(Bytes entry, bool taken) noexcept;
  void end_read(bool incomplete) noexcept;
  bool is_being_read() const { return read_for_.has_value(); }

 private:
  // Calls `call` with each output that the read is for.
  template <class Call>
  void for_readers(Call call) noexcept {
    for (Output* output : outputs) {
      if (read_for_ == ReadFor::everyone || output->is_state()) call(*output);
    }
  }

  std::optional<ReadFor> read_for_;  // the current read
};

// One for each map of the spec that is read. Reports mistakes. `spec` and `object` must outlive the inputs.
void compile_inputs(const Spec& spec, const ObjectDescription& object, std::uint32_t possible_cpus,
                    std::deque<Input>& inputs, Diagnostics& diagnostics);

}  // namespace probe_run
