// A compiled BPF object: opened for a check, loaded for a run.
#pragma once

#include <string>
#include <vector>

#include "object/description.h"
#include "object/libbpf.h"
#include "object/libbpf_log.h"
#include "spec/spec.h"

namespace probe_run {

class BpfObject {
 public:
  // Opens the file; needs no privileges. Throws Error naming it when it is no BPF object. `log` must outlive
  // the object.
  BpfObject(const std::string& path, LibbpfLog& log);

  const ObjectDescription& description() const { return description_; }

  // Marks the spec's programs, and no others, for loading; sets its globals and map sizes. Reports what the
  // object lacks.
  void configure(const Spec& spec, Diagnostics& diagnostics);

  // Into the kernel. Throws Error with the verifier's last lines and a hint.
  void load();

  bpf_program* program(const std::string& name) const;  // REQUIRES: the object has it
  bpf_map* map(const std::string& name) const;          // nullptr where the object lacks it
  int map_fd(const std::string& name) const;            // REQUIRES: loaded, and the object has it
  bpf_map* section(
      std::string_view name) const;  // the map behind .bss, .data, ...; nullptr where there is none

 private:
  void describe(const std::string& path);
  void describe_section(const bpf_map* map);
  void select_programs(const Spec& spec, Diagnostics& diagnostics);
  void resize_maps(const Spec& spec, Diagnostics& diagnostics);

  LibbpfLog& log_;
  ObjectHandle object_;
  ObjectDescription description_;
};

}  // namespace probe_run
