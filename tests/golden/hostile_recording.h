// A recording of a hostile machine: the source of tests/golden/hostile/*.rec.
#pragma once

#include <string>

namespace test {

// Maps, in this order:
//
//     events        ring buffer of struct event: names of every kind of hostile bytes, numbers at their
//                   limits, present and absent arms of a union, a record that is too short; some were lost
//     stats         per-CPU hash of 2 CPUs, a key of three members: three reads, in which an entry grows,
//                   is reset, appears and disappears; one of them is incomplete
//     latency       hash of arrays of 6 slots, a log2 histogram each: two reads
//     samples       ring buffer of struct sample: stacks of addresses whose functions have hostile names
//     counts        hash keyed by a process and its stack's id in stack_traces
//     stack_traces  the stacks
//     large         ring buffer of one record with a text of 4 KiB
//
// and lines of bpf_printk. The bytes are always the same.
void write_hostile_recording(const std::string& path);

}  // namespace test
