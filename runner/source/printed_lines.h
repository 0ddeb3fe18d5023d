// What the programs of a spec bpf_printk, for a spec that shows it.
#pragma once

#include <optional>

#include "object/bpf_object.h"
#include "source/printk_match.h"
#include "source/stream_source.h"
#include "source/trace_printk.h"

namespace probe_run {

enum class TracePipe;

class PrintedLines final : public StreamSource, private PrintkConsumer {
 public:
  // From now on the lines go to `consumer`: those of all programs of this machine, or of `object` alone.
  // Throws Error.
  PrintedLines(TracePipe pipe, const BpfObject& object, StreamConsumer& consumer);
  PrintedLines(const PrintedLines&) = delete;
  PrintedLines& operator=(const PrintedLines&) = delete;

  int fd() const override { return source_.fd(); }
  std::size_t drain(std::size_t budget) noexcept override { return source_.drain(*this, budget); }

 private:
  void printk(std::span<const std::byte> record) noexcept override;
  void lost(std::uint64_t count) noexcept override;

  StreamConsumer& consumer_;
  TracePrintk source_;
  std::optional<PrintkMatch> match_;  // none: all lines
};

}  // namespace probe_run
