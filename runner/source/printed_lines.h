// What the programs of a spec bpf_printk, for a spec that shows it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "object/bpf_object.h"
#include "object/description.h"
#include "object/printk_header.h"
#include "source/stream_source.h"

namespace probe_run {

// Which of the lines that BPF programs print are this object's.
//
// The kernel does not say who printed a line, so it is compared with the format strings in the object.
// Another program that prints the same texts cannot be told apart.

// The format strings that bpf_printk left in .rodata, whose initial bytes are `rodata`.
std::vector<std::string> printk_formats(const ObjectDescription& description,
                                        std::span<const std::byte> rodata);

class PrintkMatch {
 public:
  // Without formats every line matches: an object may have been built so that it keeps them elsewhere.
  explicit PrintkMatch(const std::vector<std::string>& formats);

  bool matches(std::string_view line) const noexcept;

 private:
  // The literal pieces of a format. Between two of them anything may stand; the first begins the line and the
  // last ends it.
  using Pattern = std::vector<std::string>;

  static Pattern compile(std::string_view format);
  static bool matches(const Pattern& pattern, std::string_view line) noexcept;

  std::vector<Pattern> patterns_;
};

// What BPF programs bpf_printk, from now on.
//
// The kernel's trace pipe is left alone: its lines go to one reader each, and it holds old ones. Nor is a
// perf event used: one of bpf_trace:bpf_trace_printk stays silent when a program prints that was itself
// called by a perf event, as every program at a tracepoint is (the kernel takes it for recursion). Instead a
// small BPF program (trace_printk.bpf.c), at the raw tracepoint that each printed line passes, copies the lines
// of all CPUs to a ring buffer of this process. It is detached when this object is destroyed.

class PrintkConsumer {
 public:
  // A PrintkHeader and its message, valid during the call, aligned for the header.
  virtual void printk(std::span<const std::byte> record) noexcept = 0;
  // So many lines did not fit into the buffer.
  virtual void lost(std::uint64_t lines) noexcept = 0;

 protected:
  ~PrintkConsumer() = default;
};

class TracePrintk {
 public:
  TracePrintk();  // throws Error
  ~TracePrintk();

  // Readable when there is something to drain.
  int fd() const;

  // Hands over at most `budget` lines, in the order in which they were printed (two CPUs within the same
  // microsecond aside), and what was lost since the last call. Returns how many lines it handed over. A call
  // after the last program is detached gets the last of them.
  std::size_t drain(PrintkConsumer& consumer, std::size_t budget) noexcept;

  // That can be in the buffer at a time.
  std::uint64_t most_lines() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

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
  std::uint64_t most_records() const noexcept override { return source_.most_lines(); }

 private:
  void printk(std::span<const std::byte> record) noexcept override;
  void lost(std::uint64_t count) noexcept override;

  StreamConsumer& consumer_;
  TracePrintk source_;
  std::optional<PrintkMatch> match_;  // none: all lines
};

}  // namespace probe_run
