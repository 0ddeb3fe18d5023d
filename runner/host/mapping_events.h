// The kernel's own account of which process maps which file, and of BPF programs that are loaded: perf_event
// records, in the order of time.
//
// /proc/PID/maps disappears when a process exits, and many processes live for a shorter time than it takes to look.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "host/elf_file.h"
#include "support/fd.h"

namespace probe_run {

// A mapping of executable memory.
struct MappingAdded {
  std::uint32_t pid = 0;
  std::uint64_t start = 0, size = 0;
  std::uint64_t offset = 0;  // in the file
  FileIdentity file;         // all zero when there is a build id, and for what is not a file
  std::string build_id;      // its bytes; "" for none
  std::string path;          // as the process sees it
};
struct ProgramExecuted {
  std::uint32_t pid = 0;
};
struct ProcessForked {
  std::uint32_t pid = 0, parent = 0;
};
struct ProcessExited {
  std::uint32_t pid = 0;
};
// A BPF program or trampoline; an address may be used again.
struct KernelSymbolAdded {
  std::uint64_t address = 0, size = 0;
  std::string name;
};
// The kernel says how many when the next record has room: until then a full ring may have lost some.
struct RecordsLost {
  std::uint64_t count = 0;  // 0: not known yet
};

struct MappingEvent {
  std::uint64_t time = 0;  // CLOCK_MONOTONIC, in nanoseconds
  std::variant<MappingAdded, ProgramExecuted, ProcessForked, ProcessExited, KernelSymbolAdded, RecordsLost>
      what;
};

// One record with its header; nullopt for a kind that is not needed, for a thread's and for one that is torn.
std::optional<MappingEvent> parse_mapping_record(std::span<const std::byte> record);

// Takes the records in [tail, head) of a ring; `head` and `tail` count up for ever, `ring` has a size that is
// a power of two. When the ring is corrupt, the rest is dropped and a RecordsLost added.
void read_ring(std::span<const std::byte> ring, std::uint64_t head, std::uint64_t tail,
               std::vector<MappingEvent>& events);

class MappingEvents {
 public:
  MappingEvents() = default;
  ~MappingEvents();
  MappingEvents(const MappingEvents&) = delete;
  MappingEvents& operator=(const MappingEvents&) = delete;

  enum class Watched { processes, kernel_symbols };

  // Watches every CPU that is online. 0, or the errno for which the kernel refuses (CAP_PERFMON and
  // kernel.perf_event_paranoid decide).
  int open(Watched watched);
  bool active() const { return !rings_.empty(); }
  // The CPU was offline, which ended its events: watches it again if others are watched. 0 or
  // an errno.
  int processor_is_back(int processor);

  // Readable when there is so much that it should be drained.
  void add_fds(std::vector<int>& fds) const {
    for (const Ring& ring : rings_) fds.push_back(ring.fd.get());
  }

  // Appends what has happened since the last call, sorted by time.
  void drain(std::vector<MappingEvent>& events);

 private:
  struct Ring {
    Fd fd;
    void* memory = nullptr;
    int processor = 0;
    bool is_over = false;  // removed when it has been read
  };
  void close();
  int open_on(int processor);

  std::vector<Ring> rings_;
  std::size_t page_ = 0;
  Watched watched_ = Watched::processes;
  bool build_id_ = false;  // the kernel can say that of a file
};

}  // namespace probe_run
