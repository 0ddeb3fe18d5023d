// What the rest of the program needs to know of an object: its maps and types. It comes from the ELF file, or
// from a recording made on another machine.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "object/map_type.h"
#include "object/type_table.h"

namespace probe_run {

struct MapInfo {
  std::string name;            // of the map of a section: the section's, such as ".bss"
  std::uint32_t type = 0;      // enum bpf_map_type
  std::uint32_t key_size = 0;  // of a section: 0
  std::uint32_t value_size = 0;
  std::uint32_t max_entries = 0;
  std::uint32_t key_type_id = 0;  // in the object's BTF; 0 for none
  std::uint32_t value_type_id = 0;
  std::uint32_t flags = 0;     // of its definition; 0 in a recording
  std::vector<MapInfo> inner;  // of a map of maps: what its maps are like, where the object says; one at most
  std::string pin;             // where the object itself pins it (LIBBPF_PIN_BY_NAME); "" for nowhere

  // What a map like this may be.
  const MapType& traits() const;
  std::string type_name() const;  // of a section: "section"
  MapClass map_class() const { return traits().map_class; }
  bool is_per_cpu() const { return traits().per_cpu; }
  bool is_stream() const { return traits().is_stream(); }

  // Of an entry as a reader hands it over. The sizes are the map's own but where the key is what the kernel
  // is asked with: a Bloom filter's value (the entry's value is 1 byte, whether it is there), a cgroup (its
  // 64-bit id).
  std::uint32_t entry_key_size() const;
  std::uint32_t entry_value_size() const;
};

struct ProgramInfo {
  std::string name;
  std::string section;
  std::uint32_t type = 0;         // enum bpf_prog_type, as the section says
  std::uint32_t attach_type = 0;  // enum bpf_attach_type, likewise
  std::set<std::string> maps;     // that its code uses, and sections of variables
};

struct ObjectDescription {
  std::string path;
  std::string machine;                // that the object runs on, as in uname: "x86_64"
  std::vector<ProgramInfo> programs;  // none in a recording
  std::vector<MapInfo> maps;
  std::vector<std::byte> btf;  // raw, as the object has it
  TypeTable types;

  const MapInfo* find_map(std::string_view name) const;
  const ProgramInfo* find_program(std::string_view name) const;
};

}  // namespace probe_run
