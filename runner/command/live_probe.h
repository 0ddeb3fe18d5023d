// One spec in force: its object loaded, its programs attached, its maps and streams open.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "attach/attach.h"
#include "command/chosen_ways.h"
#include "command/compile.h"
#include "command/spec_report.h"
#include "command/surroundings.h"
#include "host/host_names.h"
#include "object/pins.h"
#include "source/iterator_source.h"
#include "source/map_reader.h"
#include "source/printk_match.h"
#include "source/recording_names.h"
#include "source/recording_writer.h"
#include "source/stack_names.h"
#include "source/stream_source.h"
#include "source/trace_printk.h"

namespace probe_run {

// Entries of a read that only metrics are made of: neither recorded nor shown.
class MetricsRead final : public EventConsumer {
 public:
  explicit MetricsRead(Pipeline& pipeline) : pipeline_(pipeline) {}

  bool begin_read(std::uint32_t map) noexcept override {
    pipeline_.begin_metrics_read(map);
    return true;
  }
  bool entry(std::uint32_t map, std::span<const std::byte> bytes) noexcept override {
    pipeline_.metrics_entry(map, bytes);
    return true;
  }
  bool end_read(std::uint32_t map, const ReadEnd&) noexcept override {
    pipeline_.end_metrics_read(map);
    return true;
  }
  bool record(std::uint32_t, std::span<const std::byte>) noexcept override { return false; }
  bool taken_entry(std::uint32_t, std::span<const std::byte>) noexcept override { return false; }
  bool printk(std::span<const std::byte>) noexcept override { return false; }
  void lost(std::uint32_t, std::uint64_t) noexcept override {}
  void dropped(std::uint32_t, std::uint64_t) noexcept override {}
  void time(std::int64_t, std::int64_t) noexcept override {}
  void stopping() noexcept override {}
  void name(NameKind, std::span<const std::byte>, std::string_view) noexcept override {}

 private:
  Pipeline& pipeline_;
};

class LiveProbe final : private PrintkConsumer {
 public:
  // Nothing is in the kernel before start(). `report` is told what becomes of the programs, and must outlive
  // the probe.
  LiveProbe(std::unique_ptr<CompiledSpec> compiled, SpecReport& report);
  // Loads and attaches, each choice of programs in the first way that can be had. Throws Error; then nothing
  // is left attached.
  void start(const Options& options);
  ~LiveProbe() { detach(); }
  LiveProbe(const LiveProbe&) = delete;
  LiveProbe& operator=(const LiveProbe&) = delete;

  const std::string& name() const { return *compiled_->spec.name; }
  std::vector<std::string> attached() const;  // in words
  const std::vector<Diagnostic>& warnings() const { return warnings_; }
  // Why ways before those in force could not be had.
  std::vector<std::string> passed_over() const { return ways_.passed_over(); }
  SpecReport& report() { return report_; }

  // Readable when there is something to drain.
  std::vector<int> fds() const;
  // Hands over what has come, up to a limit.
  enum class Drained { nothing, all, more };  // more: the limit was reached first
  Drained drain() noexcept;

  // CLOCK_MONOTONIC now, and what makes it the time of day. Intervals begin with the first call.
  void time(std::int64_t monotonic, std::int64_t to_wall) noexcept;
  // Reads the maps whose time has come.
  void poll(std::int64_t now) noexcept;
  std::optional<std::int64_t> deadline() const;

  // The start has come to a good end: what was pinned stays when the run ends, and attached if it is a link.
  void keep_pins() noexcept;

  void detach() noexcept;
  // After detach() and the last drain(): last map reads and counters, last outputs.
  void finish() noexcept;

  bool complete() const { return compiled_->pipeline->complete(); }
  // What its programs were attached to has gone: nothing more will come.
  bool over() const { return surroundings_.nothing_left(); }
  Figures figures() const { return compiled_->pipeline->figures(); }
  std::string failure() const;  // of an output, the recording or a map read; "" for none
  void flush_recording() noexcept;
  // It cannot go on: a disk is full, or the recording's reader has gone.
  bool broken() const;
  // Nobody reads one of its outputs any more.
  bool unread() const noexcept { return compiled_->pipeline->unread(); }

  // Reads what the metrics are made of, so that they are those of now.
  void refresh_metrics() noexcept;
  const std::deque<MetricOutput>& metric_outputs() const { return compiled_->pipeline->metric_outputs(); }
  struct ReadTimes {
    std::string map;
    std::uint64_t reads = 0;
    Duration time{0};
  };
  const std::list<ReadTimes>& read_times() const { return read_times_; }

 private:
  struct Poll {
    const MapInfo* info;
    MapReader reader;
    Duration interval;                       // 0: only at exit
    std::optional<std::int64_t> next;        // CLOCK_MONOTONIC
    std::unique_ptr<MapReader> for_metrics;  // nullptr: they are made of what `reader` reads
    ReadTimes* times = nullptr;
  };
  struct Iterator {
    const MapInfo* info;
    IteratorSource* source;  // one of the streams
  };
  struct ReadFailure {
    const MapInfo* map;
    int error;
  };
  struct Counter {
    std::uint32_t map;
    DropCounter counter;
  };

  // False when another try is to be made, after end_try().
  bool try_ways(const Options& options);
  void end_try();
  void start_recording(const Options& options);
  void open_sources();
  void open_iterator(const Pipeline::Input& input);
  void begin_iterator(const std::string& program, const Attachment& attachment);
  void open_printk();
  void prepare_names();
  void warn(std::string what, std::string hint);
  // These three return what try_ways() does.
  bool prepare_programs();
  bool load(const Options& options);
  bool attach_programs();
  bool take_pinned_link(const ProgramSpec& program);
  void warn_of_unseen_maps();
  void send();
  void watch_surroundings();
  void look_around() noexcept;
  void open_on(int processor, std::vector<Diagnostic>& warnings);
  void read(Poll& poll, MapReader& reader, MapReader::Turn turn) noexcept;

  void printk(std::span<const std::byte> record) noexcept override;
  void lost(std::uint64_t count) noexcept override;

  std::unique_ptr<CompiledSpec> compiled_;
  SpecReport& report_;
  ChosenWays ways_;
  std::unique_ptr<RecordingWriter> recording_;
  std::unique_ptr<HostNames> host_names_;  // where the spec asks for names
  std::unique_ptr<StackNames> stack_names_;
  std::unique_ptr<RecordingNames> recording_names_;
  EventConsumer* consumer_;
  std::vector<std::unique_ptr<StreamSource>> streams_;
  std::unique_ptr<MetricsRead> metrics_read_;
  std::vector<Iterator> iterators_;
  std::list<Poll> polls_;
  std::list<ReadTimes> read_times_;
  std::vector<Counter> counters_;
  std::unique_ptr<TracePrintk> printk_;
  std::optional<PrintkMatch> printk_match_;
  std::vector<Fd> held_;  // until the load
  Pins pins_;
  std::vector<Attachment> attachments_;  // last: detached before anything they feed goes
  std::vector<Diagnostic> warnings_;
  std::vector<Diagnostic> attach_warnings_;  // of this try
  Surroundings surroundings_;                // of the attachments
  bool quiet_ = false;
  std::optional<ReadFailure> read_failure_;  // the first
};

// Detaches them all; when it returns, none of their programs runs any more.
void detach_all(const std::vector<LiveProbe*>& probes) noexcept;

}  // namespace probe_run
