// What there is to know of each of the kernel's map types: how a map of it is read, or why it cannot be.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace probe_run {

// How a map is read.
enum class MapClass {
  ring_buffer,
  perf_buffer,
  user_ring_buffer,  // written to, not read
  array,
  hash,
  lpm_trie,
  queue,           // and stack: no keys, and reading removes
  references,      // the value is the id or the number of what the slot refers to: a map, a program, a device
  sockets,         // the value is a socket's cookie
  stack_trace,     // stack id to addresses
  cgroup_storage,  // of programs attached to cgroups: walked by key
  task_storage,    // looked up by the descriptor of each process
  cgrp_storage,    // looked up by the descriptor of each cgroup
  bloom_filter,    // no walk: asked for given keys
  section,         // .data, .bss, .rodata: one record of global variables
  iterator,        // no map: what a program of type iter writes when its objects are read
  unsupported
};

struct MapType {
  std::string_view name;
  MapClass map_class = MapClass::unsupported;
  bool per_cpu = false;
  // Of unsupported ones: why, as the end of "a map of type X ...", and what to do instead.
  std::string_view refusal;
  std::string_view hint;
};

// Map types that are newer than the kernel headers of some distributions.
inline constexpr std::uint32_t map_type_cgrp_storage = 32;
inline constexpr std::uint32_t map_type_arena = 33;

// No type of the kernel: a program of type iter, which a spec reads as if it were a map of that name.
inline constexpr std::uint32_t map_type_iterator = 0x69746572;

// `type` is of enum bpf_map_type, or map_type_iterator. nullptr for one that is not known.
const MapType* find_map_type(std::uint32_t type);

// "array", "hash", "ringbuf", ... or "type 99".
std::string map_type_name(std::uint32_t type);

}  // namespace probe_run
