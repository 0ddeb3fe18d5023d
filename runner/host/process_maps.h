// Which files the executable memory of processes is mapped from, also of processes that have exited.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "host/elf_file.h"
#include "host/mapping_events.h"
#include "support/time_namespace.h"

namespace probe_run {

struct MappedFile {
  std::string path;       // as the process sees it; "[vdso]", "[anon]" and the like for what is not a file
  FileIdentity identity;  // all zero when it is not known
  std::string build_id;   // its bytes; "" when it is not known

  bool is_file() const { return path.starts_with('/'); }
};

struct Mapping {
  std::uint64_t start = 0, end = 0;  // addresses
  std::uint64_t offset = 0;          // in the file
  std::shared_ptr<const MappedFile> file;
};

// Sorted by address; they do not overlap.
using Mappings = std::vector<Mapping>;

// The executable mappings in the text of /proc/PID/maps.
Mappings parse_maps(std::string_view text);

// Inserts one; what was mapped there before is cut or removed.
void add_mapping(Mappings& mappings, Mapping mapping);

const Mapping* find_mapping(const Mappings& mappings, std::uint64_t address);

class ProcessMaps {
 public:
  explicit ProcessMaps(std::string proc = "/proc") : proc_(std::move(proc)) {}

  // Asks the kernel to report new mappings, then reads those of all processes. What the kernel refuses makes
  // only short-lived processes unknown: 0, or the errno.
  int start();

  // Processes what the kernel reported since the last call.
  void drain();
  int processor_is_back(int processor) { return tracker_.processor_is_back(processor); }
  void add_fds(std::vector<int>& fds) const { tracker_.add_fds(fds); }  // readable when it is time to
  // The same with events from elsewhere, sorted by time.
  void apply(const std::vector<MappingEvent>& events);

  struct Found {
    Mapping mapping;
    bool alive = false;            // the process has not been seen to exit
    std::uint64_t generation = 0;  // another one for each process and each program that it executes
  };
  // nullopt when the process is unknown or has nothing executable there. An address that is in no mapping is
  // looked for in the program that the process ran before the last exec as well.
  std::optional<Found> find(std::uint32_t pid, std::uint64_t address);

  // What is known of the process; empty when it is unknown.
  Mappings mappings_of(std::uint32_t pid) const;

  // The mappings of processes that live.
  void for_each_live(const std::function<void(std::uint32_t pid, const Mapping&)>& visit) const;

  std::uint64_t lost_records() const { return lost_records_; }
  std::size_t size() const { return processes_.size(); }

 private:
  using Clock = std::chrono::steady_clock;

  struct Process {
    // A child shares them with its parent until one of them changes.
    std::shared_ptr<Mappings> current = std::make_shared<Mappings>();
    std::shared_ptr<Mappings> before_exec;
    std::uint64_t since = 0;        // CLOCK_MONOTONIC: what happened before is in `current`
    Clock::time_point read_at{};    // from /proc
    std::uint64_t losses = 0;       // losses_ at that time
    std::uint64_t exit_number = 0;  // 0: lives
    std::uint64_t generation = 0;
  };

  Process* known(std::uint32_t pid);
  bool read(std::uint32_t pid);
  void exited(std::uint32_t pid, Process& process);
  void apply_one(std::uint64_t time, const MappingAdded& event);
  void apply_one(std::uint64_t time, const ProgramExecuted& event);
  void apply_one(std::uint64_t time, const ProcessForked& event);
  void apply_one(std::uint64_t time, const ProcessExited& event);
  void apply_one(std::uint64_t time, const KernelSymbolAdded& event);
  void apply_one(std::uint64_t time, const RecordsLost& event);

  std::string proc_;
  MappingEvents tracker_;
  std::vector<MappingEvent> events_;
  std::unordered_map<std::uint32_t, Process> processes_;
  struct Exit {
    std::uint32_t pid = 0;
    std::uint64_t number = 0;
  };
  std::deque<Exit> exits_;  // oldest first
  std::uint64_t exit_count_ = 0;
  std::uint64_t generations_ = 0;
  std::uint64_t lost_records_ = 0;
  const std::int64_t ahead_ = clock_offsets().monotonic;  // of the kernel's clock, which events have
  std::uint64_t losses_ = 0;                              // how often something was lost
};

}  // namespace probe_run
