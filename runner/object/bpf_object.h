// A compiled BPF object: opened for a check, loaded for a run.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "object/description.h"
#include "object/libbpf.h"
#include "object/pins.h"
#include "object/verifier_log.h"
#include "support/source_text.h"

namespace probe_run {

struct MapSpec;
struct ProgramSpec;
struct Spec;

// What libbpf must know when it opens an object.
struct ObjectOptions {
  std::string kernel_types;         // a file with BTF, instead of the kernel's own; "" for none
  std::string token;                // a bpffs that BPF is delegated through; "" for none
  std::optional<Excerpt> token_at;  // where the spec names it
};

class BpfObject {
 public:
  // Opens the file; needs no privileges. Throws Error naming it when it is not a BPF object. `log` must outlive
  // the object.
  BpfObject(const std::string& path, ObjectOptions options, LibbpfLog& log);

  const ObjectDescription& description() const { return description_; }

  // Marks the spec's programs, of every way, and no others for loading; sets its globals and map sizes.
  // Reports what the object does not have.
  void configure(const Spec& spec, Diagnostics& diagnostics);

  // Marks these programs, and no others. REQUIRES: the object has them, and is not loaded
  void select(const std::vector<const ProgramSpec*>& programs);

  // Maps that are pinned already become the object's. Throws Error. REQUIRES: not loaded
  void take_pins(const Spec& spec);

  // Into the kernel. Throws LoadError with the verifier's last lines and a hint; then it can only be opened
  // again. With a level of the verifier's log (as the kernel has them, 0 for none) `verifier_log` gets what
  // the verifier says of each program, also when this throws.
  void load(unsigned verifier_level = 0, VerifierLog* verifier_log = nullptr);

  // The maps that take_pins() did not find. Throws Error. REQUIRES: loaded
  void pin(const Spec& spec, Pins& pins);

  // As it was when it was configured: everything in the kernel is released, and programs and maps are new ones. The
  // description stays. REQUIRES: configured without a complaint
  void open_again(const Spec& spec);

  bpf_program* program(const std::string& name) const;  // REQUIRES: the object has it
  bpf_map* map(const std::string& name) const;          // nullptr where the object does not have it
  int map_fd(const std::string& name) const;            // REQUIRES: loaded, and the object has it
  int btf_fd() const;                                   // of the object's types in the kernel; -1 for none
  int token_fd() const;                                 // what delegates BPF to this process; -1 for none
  bpf_map* section(
      std::string_view name) const;  // the map of .bss, .data, ...; nullptr where it is not found

 private:
  void open();
  void describe(const std::string& path);
  void describe_section(const bpf_map* map);
  void check_delegation() const;
  void select_programs(const Spec& spec, Diagnostics& diagnostics);
  void resize_maps(const Spec& spec, Diagnostics& diagnostics);

  LibbpfLog& log_;
  ObjectOptions wanted_;
  std::string elf_;
  bool tried_ = false;  // libbpf survives reading it
  ObjectHandle object_;
  // By the names that the object has: libbpf gives one that is reused the name that the kernel knows, which
  // may be none.
  std::map<std::string, bpf_map*> maps_;
  ObjectDescription description_;
  std::map<std::string, std::string> own_pins_;  // by map: the paths that the object itself declares
  std::vector<MapPin> to_pin_;
};

}  // namespace probe_run
