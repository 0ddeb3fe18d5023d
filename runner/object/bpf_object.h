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

  // Marks the spec's programs, of every way, and no others for loading; sets its globals and map sizes.
  // Reports what the object lacks.
  void configure(const Spec& spec, Diagnostics& diagnostics);

  // Marks these programs, and no others. REQUIRES: the object has them, and is not loaded
  void select(const std::vector<const ProgramSpec*>& programs);

  // Into the kernel. Throws LoadError with the verifier's last lines and a hint; then it can only be opened
  // again.
  void load();

  // As it was when it was configured: all that is in the kernel goes, programs and maps are others. The
  // description stays. REQUIRES: configured without a complaint
  void open_again(const Spec& spec);

  bpf_program* program(const std::string& name) const;  // REQUIRES: the object has it
  bpf_map* map(const std::string& name) const;          // nullptr where the object lacks it
  int map_fd(const std::string& name) const;            // REQUIRES: loaded, and the object has it
  bpf_map* section(
      std::string_view name) const;  // the map behind .bss, .data, ...; nullptr where there is none

 private:
  void open();
  void describe(const std::string& path);
  void describe_section(const bpf_map* map);
  void select_programs(const Spec& spec, Diagnostics& diagnostics);
  void resize_maps(const Spec& spec, Diagnostics& diagnostics);

  LibbpfLog& log_;
  std::string elf_;
  ObjectHandle object_;
  ObjectDescription description_;
};

}  // namespace probe_run
