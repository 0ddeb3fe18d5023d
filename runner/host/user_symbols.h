// Frames of addresses in programs and libraries.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "host/elf_symbols.h"
#include "host/process_maps.h"
#include "host/symbol_table.h"

namespace probe_run {

// Functions that a just-in-time compiler (Java, Node.js, ...) lists in /tmp/perf-PID.map.

// Adds the lines "START SIZE name" (hexadecimal, then anything); other lines are skipped.
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

class UserSymbols {
 public:
  // `processes` outlives this. `root` is the directory of the machine's debug files.
  explicit UserSymbols(ProcessMaps& processes, std::string proc = "/proc", std::string root = debug_root);

  // Frames as of support/names.h; "" when the process is unknown or has nothing executable at the address.
  // Valid until the next call.
  std::string_view find(std::uint32_t pid, std::uint64_t address);

  // The same for a place in the file of that build id (its bytes); "" when no such file is found.
  std::string_view find(const std::string& build_id, std::uint64_t file_offset);

 private:
  using Clock = std::chrono::steady_clock;

  // A file that was opened, or could not be.
  struct File {
    std::string key;
    std::unique_ptr<ElfSymbols> symbols;  // none: it could not be opened
    std::string path;
    Clock::time_point opened{};
    std::uint64_t memory = 0;
    std::unordered_map<std::uint64_t, std::string> frames;  // by offset in the file
  };
  struct JustInTime {
    JustInTime(PerfMap perf_map, std::uint64_t of) : map(std::move(perf_map)), generation(of) {}
    PerfMap map;
    std::uint64_t generation;
    Clock::time_point updated{};
  };

  File& file_of(std::uint32_t pid, const ProcessMaps::Found& found);
  File* file_of(const std::string& build_id);
  File& insert(const std::string& key, std::unique_ptr<ElfFile> file, const std::string& path);
  std::string_view frames(File& file, std::uint64_t offset);
  std::string_view just_in_time(std::uint32_t pid, std::uint64_t address, const ProcessMaps::Found& found);
  std::unique_ptr<ElfFile> open(std::uint32_t pid, const ProcessMaps::Found& found) const;
  std::unique_ptr<ElfFile> open_live(const std::string& build_id, std::string& path) const;

  ProcessMaps& processes_;
  std::string proc_;
  std::string root_;
  std::list<File> files_;  // most recently used first
  std::unordered_map<std::string_view, std::list<File>::iterator> by_key_;
  std::uint64_t memory_ = 0;     // of all files_
  std::size_t frame_count_ = 0;  // in all files_
  std::unordered_map<std::uint32_t, JustInTime> just_in_time_;
  std::string text_;
};

}  // namespace probe_run
