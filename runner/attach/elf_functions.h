// The functions that an ELF file names, and where in the file they are.
//
// Not left to libbpf: up to 1.2 it knows nothing of symbol versions, so of glibc's "memcpy" it takes the one
// kept for programs of 2010, and "pthread_cond_wait" it refuses.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/elf_file.h"

namespace probe_run {

struct ElfFunction {
  std::string_view name;     // without a version
  std::uint64_t offset = 0;  // in the file
  std::uint64_t size = 0;    // bytes; 0 for unknown
  bool indirect =
      false;  // chosen among several at run time (GNU IFUNC); at the offset is the code that chooses
  bool outdated = false;  // a version that newly linked programs do not get
};

class ElfFunctions {
 public:
  // nullopt when the file cannot be read or is not an executable or library of this machine's byte order. What
  // is broken in it is passed over: the bytes may be anything.
  static std::optional<ElfFunctions> read(const std::string& path);

  ElfFunctions(ElfFunctions&&) = default;
  ElfFunctions& operator=(ElfFunctions&&) = default;

  // The functions of that name that are not at the same place; outdated versions only where there is nothing
  // else.
  std::vector<ElfFunction> find(std::string_view name) const;

  // The mangled C++ and Rust names that have `name` (plain or qualified) for a component; at most `limit`.
  std::vector<std::string_view> mangled(std::string_view name, std::size_t limit) const;

  // The one that begins last of those that have the place in the file within them; nullptr for none.
  const ElfFunction* covering(std::uint64_t offset) const;

  std::vector<std::string_view> names() const;
  const std::vector<ElfFunction>& all() const { return functions_; }

  // As the file's header has it: EM_X86_64, ...
  std::uint16_t machine() const { return machine_; }

  // No .symtab: only what other files may link to has a name.
  bool stripped() const { return stripped_; }

 private:
  explicit ElfFunctions(std::unique_ptr<ElfFile> file) : file_(std::move(file)) {}

  void add_tables();

  std::unique_ptr<ElfFile> file_;  // the names point into its string tables
  std::vector<ElfFunction> functions_;
  std::uint16_t machine_ = 0;
  bool stripped_ = true;
};

}  // namespace probe_run
