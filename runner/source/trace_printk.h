// What BPF programs bpf_printk, from now on.
//
// The kernel's trace pipe is left alone: its lines go to one reader each, and it holds old ones. Nor is a
// perf event used: one of bpf_trace:bpf_trace_printk stays silent when a program prints that was itself
// called by a perf event, as every program at a tracepoint is (the kernel takes it for recursion). Instead a
// small BPF program (trace_printk.bpf.c), at the raw tracepoint that each printed line passes, copies the lines
// of all CPUs to a ring buffer of this process. It is detached when this object is destroyed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "object/printk_header.h"

namespace probe_run {

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

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace probe_run
