// What is at a place of one program or library: the function, and what was inlined into it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/debug_file.h"
#include "host/debug_info.h"
#include "host/elf_file.h"
#include "host/frame_text.h"
#include "host/symbol_table.h"

namespace probe_run {

class ElfSymbols {
 public:
  // REQUIRES: a file. Reads the symbols of the file and of its debug file. `path` is where the file is, for a
  // debug file beside it; `root` is the folder of the machine's debug files.
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
