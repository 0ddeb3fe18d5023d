// What a map may be: one row for each of the kernel's map types says how a map of it is read, what a spec may
// write to it, and what it needs. Nothing else asks for the number of a type.
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
  bloom_filter,    // cannot be listed: asked for given keys
  section,         // .data, .bss, .rodata: one record of global variables
  iterator,        // not a map: what a program of type iter writes when its objects are read
  unsupported
};

// What "read" of a spec may say of a class.
enum class Reading {
  none,      // nothing is read
  stream,    // records arrive by themselves
  snapshot,  // values that are not counts: there is nothing to subtract
  delta,     // counts; a read cannot remove entries
  places,    // counts in places that stay: "drain" means the same as "delta"
  drain,     // counts; "drain" removes entries
  removing   // each read removes what it reads: "drain" must be asked for
};

// What names an entry.
enum class MapKeys {
  none,
  index,     // the place of an entry, from 0 to "max_entries"
  key,       // entries come and go
  prefix,    // the same; the first 4 bytes are the number of bits that count
  the_value  // the value itself
};

// What a value of the spec's "entries" is.
enum class MapValues {
  refused,  // user space cannot write entries, or has nothing to write
  data,
  program,
  cgroup,
  map,
  device,  // the index of an interface, and perhaps a program
  cpu      // the size of a CPU's queue, and perhaps a program
};

struct MapRefusal {
  std::string_view why;  // the end of a sentence
  std::string_view hint;
};

struct MapType {
  // Without defaults: a row that leaves one out does not compile.
  std::uint32_t type;  // enum bpf_map_type
  std::string_view name;
  MapClass map_class;
  MapKeys keys;
  MapValues values;

  bool per_cpu = false;
  bool own_size = true;          // false: entries are kept with what they belong to
  bool needs_net_admin = false;  // CAP_NET_ADMIN, to create it
  std::string_view since = {};   // the first Linux version that has it, where that is later than 5.1
  MapRefusal not_read = {};      // of MapClass::unsupported: "a map of type X ..."
  MapRefusal not_written = {};   // of MapValues::refused: "\"entries\" of X cannot be written: ..."

  Reading reading() const;
  bool is_stream() const { return reading() == Reading::stream; }
  bool is_polled() const { return reading() >= Reading::snapshot; }
};

// Not a type of the kernel: a program of type iter, which a spec reads as if it were a map of that name.
inline constexpr std::uint32_t map_type_iterator = 0x69746572;

// The row of enum bpf_map_type, or of map_type_iterator. One that is not known has a row that refuses everything.
const MapType& map_type(std::uint32_t type);
// The row of .data, .bss and .rodata, which the kernel has as arrays.
const MapType& section_type();

// "array", "hash", "ringbuf", ... or "type 99".
std::string map_type_name(std::uint32_t type);

// The kernel pads the value of each CPU to a multiple of 8 bytes; keys in front of values are padded like that too.
constexpr std::uint32_t padded(std::uint32_t size) {
  return (size + 7) & ~std::uint32_t{7};
}
constexpr std::uint64_t padded(std::uint64_t size) {
  return (size + 7) & ~std::uint64_t{7};
}

}  // namespace probe_run
