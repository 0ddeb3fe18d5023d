// A compiled BPF object: opened for a check, loaded for a run.
#pragma once

#include <string>
#include <vector>

#include "object/description.h"
#include "object/libbpf.h"
#include "object/libbpf_log.h"
#include "object/pins.h"
#include "object/verifier_log.h"
#include "spec/spec.h"

namespace probe_run {

// What libbpf must know when it opens an object.
struct ObjectOptions {
  std::string kernel_types;  // a file with BTF, instead of the kernel's own; "" for none
  std::string token;         // a bpffs that BPF is delegated through; "" for none
};

class BpfObject {
 public:
  // Opens the file; needs no privileges. Throws Error naming it when it is no BPF object. `log` must outlive
  // the object.
  BpfObject(const std::string& path, const ObjectOptions& options, LibbpfLog& log);

  const ObjectDescription& description() const { return description_; }

  // Marks the spec's programs, and no others, for loading; sets its globals and map sizes. Reports what the
  // object lacks.
  void configure(const Spec& spec, Diagnostics& diagnostics);

  // Maps that are pinned already become the object's. Throws Error. REQUIRES: not loaded
  void take_pins(const Spec& spec);

  // Into the kernel. Throws Error with the verifier's last lines and a hint. With a level of the verifier's
  // log (as the kernel has them, 0 for none) `verifier_log` gets what the verifier says of each program, also
  // when this throws.
  void load(unsigned verifier_level = 0, VerifierLog* verifier_log = nullptr);

  // The maps that take_pins() did not find. Throws Error. REQUIRES: loaded
  void pin(const Spec& spec, Pins& pins);

  bpf_program* program(const std::string& name) const;  // REQUIRES: the object has it
  bpf_map* map(const std::string& name) const;          // nullptr where the object lacks it
  int map_fd(const std::string& name) const;            // REQUIRES: loaded, and the object has it
  int btf_fd() const;                                   // of the object's types in the kernel; -1 for none
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
  std::vector<const MapSpec*> to_pin_;
};

}  // namespace probe_run
