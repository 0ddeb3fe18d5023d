// BPF tokens: the permissions that a bpffs delegates to its user namespace.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "object/capabilities.h"
#include "support/error.h"

namespace probe_run {

// As in the mount options of the bpffs: a bit for each of the kernel's numbers.
struct Delegation {
  std::uint64_t cmds = 0, maps = 0, progs = 0, attachs = 0;

  // "delegate_cmds=prog_load:map_create, delegate_maps=array, ..."
  std::string options() const;
};

// What loading the object needs, by its programs and maps.
Delegation needed_delegation(const bpf_object* object);

// What a token allows, from the text of its /proc/self/fdinfo.
Delegation read_delegation(std::string_view fdinfo);

// What is missing in `allowed`, and how to mount the bpffs, as a hint; "" if nothing is missing.
std::string missing_delegation(const Delegation& needed, const Delegation& allowed);

// Why the kernel does not create a token from a directory.
struct TokenSurroundings {
  int error = 0;        // from opening the directory, or from the kernel
  bool opened = false;  // whether the directory could be opened
  bool is_bpffs = false;
  bool kernel_has_tokens = false;
  bool in_user_namespace = false;
  Capabilities have;  // of this process
};
Error token_error(const std::string& directory, const Delegation& needed,
                  const TokenSurroundings& surroundings);

// Throws Error if the kernel does not create a token from the directory. `needed`: what it must allow.
void check_token(const std::string& directory, const Delegation& needed);

// The token that libbpf created for the object, from a given directory or one that it found; -1 for none.
int token_of(const bpf_object* object);

// The same for the object's token; "" if it has none.
std::string missing_delegation(const bpf_object* object);

}  // namespace probe_run
