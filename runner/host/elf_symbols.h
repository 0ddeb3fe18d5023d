// What is at a place of one program or library: the function, and what was inlined into it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/elf_file.h"
#include "host/symbol_table.h"

struct Dwarf;

namespace probe_run {

// Inlined functions, from the DWARF of an ELF file.
struct InlinedFunction {
  std::string name;          // mangled where the language mangles
  std::uint64_t offset = 0;  // from the lowest address of the inlined body
};

// What was inlined at an address, and the function that all of it is in.
struct Scopes {
  std::vector<InlinedFunction> inlined;  // innermost first
  std::string function;                  // "" when it is not known
  std::uint64_t offset = 0;              // in that function
};

class DebugInfo {
 public:
  static bool is_in(const ElfFile& file);

  // None when the file has no DWARF, refers to a supplementary file that `supplement` does not find (by build
  // id), needs more than 1 GiB of memory, or is not of a trusted owner: libdw does not defend itself against
  // every trick.
  using FindSupplement = std::unique_ptr<ElfFile> (*)(const std::string& build_id, const std::string& root);
  static std::unique_ptr<DebugInfo> open(std::unique_ptr<ElfFile> file, FindSupplement supplement,
                                         const std::string& root);

  ~DebugInfo();
  DebugInfo(const DebugInfo&) = delete;
  DebugInfo& operator=(const DebugInfo&) = delete;

  // nullopt when no function of it has the address, which is as in the file's program headers.
  std::optional<Scopes> find(std::uint64_t address);

  std::uint64_t memory() const { return memory_; }  // of its sections, about

 private:
  struct UnitRange {
    std::uint64_t begin = 0, end = 0;
    std::uint64_t unit = 0;  // offset of its first entry
  };

  explicit DebugInfo(std::unique_ptr<ElfFile> file) : file_(std::move(file)) {}
  void read_units();

  std::unique_ptr<ElfFile> file_;
  std::unique_ptr<ElfFile> supplement_file_;
  Dwarf* dwarf_ = nullptr;
  Dwarf* supplement_ = nullptr;
  std::vector<UnitRange> units_;
  std::uint64_t memory_ = 0;
};

class ElfSymbols {
 public:
  // REQUIRES: a file. Reads the symbols of the file and of its debug file. `path` is where the file is, for a
  // debug file beside it; `root` is the directory of the machine's debug files.
  explicit ElfSymbols(std::unique_ptr<ElfFile> file, const std::string& path = {},
                      const std::string& root = debug_root);

  // Innermost first; empty when the offset in the file is in no function that has a name.
  std::vector<ResolvedFrame> frames_at(std::uint64_t file_offset);

  const std::string& build_id() const { return build_id_; }  // its bytes; "" for none
  std::uint64_t memory() const;                              // bytes, about

 private:
  // A part of the file that is loaded.
  struct Segment {
    std::uint64_t offset = 0, size = 0, address = 0;
  };

  std::optional<std::uint64_t> address_of(std::uint64_t file_offset) const;

  std::string build_id_;
  std::vector<Segment> segments_;
  SymbolTable symbols_;
  std::unique_ptr<DebugInfo> debug_info_;
  bool trusted_ = false;
};

}  // namespace probe_run
