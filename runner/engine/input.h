// A source of rows, as a spec has it: a map, or the lines that programs print. What comes from it goes to all its
// outputs in one way.
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
  TracePipe lines = TracePipe::none;  // whose lines they are; none for a map
  const MapInfo* info = nullptr;      // nullptr for lines
  const MapSpec* spec = nullptr;      // nullptr for lines
  std::optional<Plan> plan;           // of what comes; nullopt where it is wrong
  std::optional<PerCpuSum> sum;
  std::optional<Delta> delta;  // after the sum
  std::vector<Output*> outputs;
  std::uint32_t slack = 0;  // bytes that the kernel may add behind a record
  std::optional<DropCounterPlace> drop_counter;
  std::vector<std::byte> keys;  // the only ones to read; empty for all
  SentValues sent;              // of a user ring buffer
  std::uint64_t lost = 0;
  std::optional<std::uint64_t> dropped;

  bool is_printed_lines() const { return lines != TracePipe::none; }
  // REQUIRES: plan
  bool is_stream() const { return is_printed_lines() || info->is_stream(); }
  View::Arrival arrival() const { return is_stream() ? View::Arrival::stream : View::Arrival::reads; }
  ReadMode read_mode() const { return spec != nullptr && spec->read ? **spec->read : ReadMode::snapshot; }
  // Its rows are computed from a map's entries.
  bool has_rates() const { return read_mode() == ReadMode::rate; }
  // Of the rows that the outputs get. REQUIRES: plan
  const Plan& rows() const { return delta ? delta->plan() : *plan; }

  // Nothing but its last read is shown, and that read needs none before it.
  bool read_at_exit_only() const;
  // It may be read at any moment so that its metrics are those of now: a read of it removes nothing, and adds nothing
  // that depends on the read before.
  bool can_be_read_for_metrics() const;

  void record(Bytes row) noexcept {
    for (Output* output : outputs) output->row(row);
  }
  // The entries that follow, up to end_read(), are for `whom`.
  void begin_read(ReadFor whom, std::int64_t now) noexcept;
  void entry(Bytes entry, bool taken) noexcept;
  void end_read(bool incomplete) noexcept;
  bool read_is_for(ReadFor whom) const { return read_for_ == whom; }

 private:
  // Calls `call` with each output that the read is for.
  template <class Call>
  void for_readers(Call call) noexcept {
    for (Output* output : outputs) {
      if (read_for_ == ReadFor::everyone || output->is_state()) call(*output);
    }
  }

  ReadFor read_for_ = ReadFor::everyone;  // the read that goes on
};

// One for each map of the spec that is read. Reports what does not fit. `spec` and `object` must outlive the inputs.
void compile_inputs(const Spec& spec, const ObjectDescription& object, std::uint32_t possible_cpus,
                    std::deque<Input>& inputs, Diagnostics& diagnostics);

}  // namespace probe_run
