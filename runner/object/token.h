// BPF tokens: what of BPF a bpffs delegates to the user namespace that it belongs to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "object/capabilities.h"
#include "support/error.h"

namespace probe_run {

// As the options of the bpffs have it: a bit for each of the kernel's numbers.
struct Delegation {
  std::uint64_t cmds = 0, maps = 0, progs = 0, attachs = 0;

  // "delegate_cmds=prog_load:map_create, delegate_maps=array, ..."
  std::string options() const;
};

// What loading the object takes, by its programs and maps that are to be loaded.
Delegation needed_delegation(const bpf_object* object);

// What a token allows, by the text of its /proc/self/fdinfo.
Delegation read_delegation(std::string_view fdinfo);

// What of it `allowed` lacks, and how the bpffs is to be mounted, as a hint; "" where nothing lacks.
std::string missing_delegation(const Delegation& needed, const Delegation& allowed);

// Why the kernel makes no token of a folder.
struct TokenSurroundings {
  int error = 0;        // of the folder, or of the kernel
  bool opened = false;  // the folder could be
  bool is_bpffs = false;
  bool kernel_has_tokens = false;
  bool in_user_namespace = false;
  Capabilities have;  // of this process
};
Error token_error(const std::string& folder, const Delegation& needed, const TokenSurroundings& surroundings);

// Throws Error where the kernel makes no token of the folder. `needed` is what it is to allow.
void check_token(const std::string& folder, const Delegation& needed);

// The token that libbpf made for the object, of a folder that it was given or found by itself; -1 for none.
int token_of(const bpf_object* object);

// The same as missing_delegation(), of the object's token; "" where it has none.
std::string missing_delegation(const bpf_object* object);

}  // namespace probe_run
