// What the rest of the program needs to know of an object: its maps and types. It comes from the ELF file, or
// from a recording made on another machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "object/type_table.h"

namespace probe_run {

// How a map is read.
enum class MapClass { ring_buffer, perf_buffer, array, hash, unsupported };

struct MapInfo {
  std::string name;
  std::uint32_t type = 0;  // enum bpf_map_type
  std::uint32_t key_size = 0;
  std::uint32_t value_size = 0;
  std::uint32_t max_entries = 0;
  std::uint32_t key_type_id = 0;  // in the object's BTF; 0 for none
  std::uint32_t value_type_id = 0;

  MapClass map_class() const;
  bool is_per_cpu() const;
  bool is_stream() const;
};

// "array", "hash", "ringbuf", ... or "type 99".
std::string map_type_name(std::uint32_t type);

struct ProgramInfo {
  std::string name;
  std::string section;
  std::uint32_t type = 0;  // enum bpf_prog_type, as the section says
};

struct ObjectDescription {
  std::string path;
  std::string machine;                // that the object runs on, as uname says: "x86_64"
  std::vector<ProgramInfo> programs;  // none in a recording
  std::vector<MapInfo> maps;
  std::vector<std::byte> btf;  // raw, as the object has it
  TypeTable types;

  const MapInfo* find_map(std::string_view name) const;
  const ProgramInfo* find_program(std::string_view name) const;
};

}  // namespace probe_run
