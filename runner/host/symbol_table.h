// The functions of one ELF file by address.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/elf_file.h"

namespace probe_run {

class SymbolTable {
 public:
  struct Symbol {
    std::string_view name;     // as in the file (mangled), without a version
    std::uint64_t offset = 0;  // in the function
  };

  // Adds the functions of .symtab, else of .dynsym. Returns whether it was .symtab. What is broken is passed
  // over.
  bool add(const ElfFile& file);
  // For other sources of symbols.
  void add(std::string_view name, std::uint64_t address, std::uint64_t size);
  // Sorts; to be called after the last add().
  void finish();

  // REQUIRES: finish() was called. The address is as in the file's program headers.
  std::optional<Symbol> find(std::uint64_t address) const;

  bool empty() const { return entries_.empty(); }
  std::size_t memory() const { return entries_.capacity() * sizeof(Entry) + names_.capacity(); }

 private:
  struct Entry {
    std::uint64_t address = 0;
    std::uint64_t end = 0;
    std::uint32_t name = 0;  // place in names_
    std::uint8_t rank = 0;   // among symbols of one address the lowest is taken
    bool sized = true;       // else it reaches to the next symbol
  };

  bool add_section(const ElfFile& file, unsigned type);
  void add(std::string_view name, Entry entry);

  std::vector<Entry> entries_;
  std::string names_;  // each ended by NUL
};

}  // namespace probe_run
