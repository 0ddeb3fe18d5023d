// One running spec: its object is loaded, its programs are attached, its maps and streams are open.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "engine/attached_programs.h"
#include "engine/compile.h"
#include "engine/kept_rights.h"
#include "engine/polled_maps.h"
#include "engine/program_counts.h"
#include "engine/spec_report.h"
#include "engine/surroundings.h"
#include "host/host_names.h"
#include "source/drop_counter.h"
#include "source/recorded_names.h"
#include "source/recording_writer.h"
#include "source/stack_names.h"
#include "source/stream_source.h"
#include "support/call_filter.h"
#include "support/time_namespace.h"

namespace probe_run {

// What a run does after its start.
struct LaterNeeds {
  LaterCalls calls;
  bool reads_processes = false;  // files in /proc of others, which Landlock forbids
};

class LiveProbe {
 public:
  // Loads nothing before start(). `report` gets the state of the programs. `interlude` acts within map reads and
  // while rows are written. Both must outlive the probe.
  LiveProbe(std::unique_ptr<CompiledSpec> compiled, SpecReport& report, Interlude& interlude);
  // Loads and attaches, using the first alternative that works for each choice of programs. Throws Error; then
  // nothing is left attached.
  void start(const Options& options);
  ~LiveProbe() { detach(); }
  LiveProbe(const LiveProbe&) = delete;
  LiveProbe& operator=(const LiveProbe&) = delete;

  const std::string& name() const { return *compiled_->spec.name; }
  std::vector<std::string> attached() const;  // descriptions
  const std::vector<Diagnostic>& warnings() const { return warnings_; }
  // Why alternatives before those in use were refused.
  std::vector<std::string> passed_over() const { return programs_.ways().passed_over(); }
  SpecReport& report() { return report_; }

  // What the rest of the run takes, after the start.
  void add_needs(LaterNeeds& later, KeptRights& kept) const;

  // Readable when there is something to drain.
  std::vector<int> fds() const;
  // Processes what has arrived, up to a limit.
  enum class Drained { nothing, all, more };  // more: the limit was reached first
  Drained drain() noexcept;
  // The part of it that takes the records of streams: possible within a map read.
  Drained take_records() noexcept;
  // As many drains take all that is in the streams when the programs are detached.
  std::uint64_t most_drains() const noexcept;

  // CLOCK_MONOTONIC of this process, and its offset to the time of day. Intervals begin with the first call.
  void time(std::int64_t monotonic, std::int64_t to_wall) noexcept;
  // Reads the maps that are due.
  void poll(std::int64_t now) noexcept { polled_maps_.read_due(now); }
  std::optional<std::int64_t> deadline() const;

  // The start succeeded: pins stay when the run ends, and pinned links stay attached.
  void keep_pins() noexcept { programs_.keep_pins(); }
  // Likewise: replaces what is in the file of the recording.
  void begin_recording() noexcept {
    if (recording_) recording_->begin();
  }

  void detach() noexcept;
  // After detach() and the last drain(): last map reads and counters, last outputs.
  void finish() noexcept;

  bool complete() const { return compiled_->pipeline->complete(); }
  // Everything that its programs were attached to has disappeared: no more events will come.
  bool over() const { return surroundings_.nothing_left(); }
  Figures figures() const { return compiled_->pipeline->figures(); }
  std::string failure() const;  // of an output, the recording or a map read; "" for none
  // Of everything that is attached.
  std::size_t links() const noexcept;
  void flush_recording() noexcept;
  // The recording's reader is slow: no more should be recorded before it has caught up.
  bool recording_is_full() const noexcept { return recording_ && recording_->is_full(); }
  // Something of the recording waits for its reader: it must be flushed again soon.
  bool recording_is_behind() const noexcept { return recording_ && recording_->is_behind(); }
  // It needed memory, and there was none left.
  void ran_out_of_memory() noexcept { out_of_memory_ = true; }
  // It cannot continue: a disk is full, the reader of the recording closed it, or memory ran out.
  bool broken() const;
  // Nobody reads any of its outputs any more, and it is not recorded.
  bool unread() const noexcept { return !recording_ && compiled_->pipeline->unread(); }
  // The reader of standard output is gone.
  void close_stdout() noexcept;

  // Reads the counters of the object and of the kernel, for figures() and the report.
  void read_counters() noexcept;
  // What the kernel did not deliver, for the user, after the last read of the counters.
  std::vector<Diagnostic> missed_warnings() const { return counts_.warnings(name()); }
  // What outputs have to report after their last rows.
  std::vector<Diagnostic> last_warnings() { return compiled_->pipeline->take_warnings(); }
  // Reads the maps behind the metrics, to update these.
  void refresh_metrics() noexcept;
  const std::list<PolledMaps::Times>& read_times() const { return polled_maps_.times(); }

 private:
  struct Iterator {
    const MapInfo* info;
    IteratorSource* source;  // one of the streams
  };
  struct Counter {
    std::uint32_t map;
    DropCounter counter;
  };

  // One attempt of AttachedPrograms; false if another should follow after end_try().
  bool try_ways(const Options& options);
  void end_try();
  void start_recording(const Options& options);
  void open_sources();
  void open_iterator(const Input& input);
  void begin_iterators();
  void prepare_names();
  void warn(std::string what, std::string hint);
  void send();
  bool has_perf_buffers() const;
  void watch_surroundings();
  void look_around() noexcept;
  void open_on(int processor, std::vector<Diagnostic>& warnings);

  std::unique_ptr<CompiledSpec> compiled_;
  SpecReport& report_;
  std::unique_ptr<RecordingWriter> recording_;
  std::unique_ptr<HostNames> host_names_;  // if the spec needs names
  std::unique_ptr<StackNames> stack_names_;
  std::unique_ptr<RecordingNames> recording_names_;
  EventConsumer* consumer_;
  std::vector<std::unique_ptr<StreamSource>> streams_;
  std::vector<Iterator> iterators_;
  PolledMaps polled_maps_;
  std::vector<Counter> counters_;
  std::vector<Diagnostic> warnings_;
  ProgramCounts counts_;
  AttachedPrograms programs_;      // after what they feed, so that they are detached first
  Surroundings surroundings_;      // of the programs' attachments
  Capabilities rights_to_follow_;  // replaced files, which some attach points do
  const ClockOffsets offsets_ = clock_offsets();
  std::int64_t slept_ = 0;
  bool quiet_ = false;
  bool out_of_memory_ = false;
};

// Detaches them all; when it returns, none of their programs runs any longer.
void detach_all(const std::vector<LiveProbe*>& probes) noexcept;

}  // namespace probe_run
