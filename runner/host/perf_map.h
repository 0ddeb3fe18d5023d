// Functions that a just-in-time compiler (Java, Node.js, ...) tells of in /tmp/perf-PID.map.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/frame_text.h"
#include "host/symbol_table.h"

namespace probe_run {

// Adds the lines "START SIZE name" (hexadecimal, then anything); others are passed over.
void add_perf_map(SymbolTable& table, std::string_view text);

class PerfMap {
 public:
  // `pid` as this process sees it.
  PerfMap(std::string proc, std::uint32_t pid) : proc_(std::move(proc)), pid_(pid) {}

  // Reads the process's map if it has changed. Only a regular file of the process's user or of root is read,
  // from the process's own /tmp.
  void update();

  std::size_t memory() const { return table_.memory(); }  // bytes

  std::optional<SymbolTable::Symbol> find(std::uint64_t address) const { return table_.find(address); }

 private:
  std::string proc_;
  std::uint32_t pid_;
  SymbolTable table_;
  std::uint64_t size_ = 0;  // of the file when it was read
  std::int64_t modified_ = 0;
};

}  // namespace probe_run
