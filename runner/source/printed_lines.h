// What the programs of a spec bpf_printk, for a spec that shows it.
#pragma once

#include <optional>

#include "object/bpf_object.h"
#include "source/event_consumer.h"
#include "source/printk_match.h"
#include "source/trace_printk.h"
#include "spec/spec.h"

namespace probe_run {

class PrintedLines final : private PrintkConsumer {
 public:
  // From now on the lines go to `consumer`: those of all programs of this machine, or of `object` alone.
  // Throws Error.
  PrintedLines(TracePipe pipe, const BpfObject& object, EventConsumer& consumer);
  PrintedLines(const PrintedLines&) = delete;
  PrintedLines& operator=(const PrintedLines&) = delete;

  // As TracePrintk has them.
  std::vector<int> fds() const { return source_.fds(); }
  std::size_t drain(std::size_t budget) noexcept { return source_.drain(*this, budget); }

 private:
  void printk(std::span<const std::byte> record) noexcept override;
  void lost(std::uint64_t count) noexcept override;

  EventConsumer& consumer_;
  TracePrintk source_;
  std::optional<PrintkMatch> match_;  // none: all lines
};

}  // namespace probe_run
