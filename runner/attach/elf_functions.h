// The function symbols of an ELF file, and their offsets in the file.
//
// This is not left to libbpf: up to 1.2 it ignores symbol versions, so it takes the "memcpy" of glibc that is
// kept for programs of 2010, and refuses "pthread_cond_wait".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/elf_file.h"
#include "support/glob.h"

namespace probe_run {

struct ElfFunction {
  std::string_view name;          // without a version
  std::uint64_t offset = 0;       // in the file
  std::uint64_t size = 0;         // bytes; 0 if unknown
  bool indirect = false;          // GNU IFUNC: the code at the offset selects the function at run time
  bool outdated = false;          // a version that newly linked programs do not use
  std::string_view version = {};  // "GLIBC_2.2.5"; "" for none
};

class ElfFunctions {
 public:
  // nullopt if the file cannot be read or is not an executable or library of this machine's byte order. Invalid
  // parts are skipped: the bytes may be anything.
  static std::optional<ElfFunctions> read(const std::string& path);

  ElfFunctions(ElfFunctions&&) = default;
  ElfFunctions& operator=(ElfFunctions&&) = default;

  // The functions of that name with distinct offsets; outdated versions only if there is no other. "NAME@VERSION" is
  // that version, "NAME@@VERSION" and "NAME@@" are the one that newly linked programs use.
  std::vector<ElfFunction> find(std::string_view name) const;

  // Those whose name matches, likewise; a pattern with "@" is matched against "NAME@VERSION".
  std::vector<ElfFunction> matching(const Glob& glob) const;

  // The versions of a function as they follow its name: "@@GLIBC_2.3.2", "@GLIBC_2.2.5".
  std::vector<std::string> versions(std::string_view name) const;

  // The mangled C++ and Rust names with `name` (plain or qualified) as a component; at most `limit`.
  std::vector<std::string_view> mangled(std::string_view name, std::size_t limit) const;

  // Of the functions that contain the offset, the one that begins last; nullptr for none.
  const ElfFunction* covering(std::uint64_t offset) const;

  std::vector<std::string_view> names() const;
  const std::vector<ElfFunction>& all() const { return functions_; }

  // From the ELF header: EM_X86_64, ...
  std::uint16_t machine() const { return machine_; }

  // No .symtab: only exported symbols have a name.
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
