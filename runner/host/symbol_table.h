// The functions of one ELF file by address.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/elf_file.h"

namespace probe_run {

// Frames as the lines of text that support/names.h describes.
struct ResolvedFrame {
  std::string name;          // "" for an address without a symbol
  std::uint64_t offset = 0;  // in the function; in the module when it has no name
  bool inlined = false;
};

// A line, ended by '\n'. Tabs and newlines in the names become '?'.
void append_frame(std::string& out, std::string_view name, std::uint64_t offset, std::string_view module,
                  bool inlined);

// The text with '?' for what separates fields and lines.
std::string one_field(std::string text);

// Demangled C++ names.

// The name itself when it is not mangled. A mangled name can expand to text of exponential length: one of an
// untrusted file stays as it is when it refers back to its parts often.
std::string demangle(std::string_view name, bool trusted);

class SymbolTable {
 public:
  struct Symbol {
    std::string_view name;     // as in the file (mangled), without a version
    std::uint64_t offset = 0;  // in the function
  };

  // Adds the functions of .symtab, else of .dynsym. Returns whether it was .symtab. Malformed entries are
  // skipped.
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
