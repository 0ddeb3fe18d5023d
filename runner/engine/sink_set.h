// The sinks of a run. Outputs with the same target share one, so that their lines do not mix.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "engine/file_uses.h"
#include "engine/metric_pages.h"
#include "sink/sink.h"
#include "support/reader_patience.h"
#include "support/source_text.h"

namespace probe_run {

enum class OutputFormat : std::uint8_t;

class SinkSet {
 public:
  enum class Kind {
    real,
    null,   // for a check, which writes nothing
    memory  // for a test, which compares texts()
  };
  explicit SinkSet(Kind kind) : kind_(kind) {}

  // An output is to write to `target`. Returns what else that file is, if it cannot be both; `what` is the output, for
  // messages. The target may get another spelling that other outputs have for it.
  std::optional<std::string> claim(std::string& target, FileUses::Use use, const std::string& what);

  // Outputs that have claimed the same target share one sink. Files are not opened before open_files().
  Sink& open(const std::string& target);
  // Opens those that are new. They keep what they contain until begin(). Throws Error naming a file that cannot be
  // written: the set forgets it, and the spec that named it must not be used.
  void open_files();

  // Declares that an output writes in this format to the target. Reports formats that cannot share a target.
  void share(Sink& sink, OutputFormat format, Span at, Diagnostics& diagnostics);

  // For a check of several specs, which need not run together: what follows shares no lines with what was before, but
  // metrics, whose names must differ in any case.
  void begin_next_spec() noexcept { by_target_.clear(); }

  // What was written to each target. Kind::memory only; complete after finish().
  const std::map<std::string, std::string>& texts() const { return texts_; }

  // The run begins: truncates the files.
  struct Beside {
    bool recorded = false, served = false;
  };
  void begin(Beside beside) noexcept;
  void flush() noexcept;
  // Completes the documents and writes everything, for as long as patience() says.
  void finish() noexcept;
  // How long readers are waited for.
  ReaderPatience& patience() { return patience_; }
  // Something waits for a reader: flush() must be called again soon.
  bool behind() const noexcept;
  // A slow reader is waited for: no more records should be taken from streams now.
  bool full() const noexcept;
  // Reopens files after a rotation. False if there are no files.
  bool reopen() noexcept;

  // The reader of standard output is gone.
  void close_stdout() noexcept;
  // The readers of everything that is written are gone.
  bool unread() const noexcept;
  std::string failure() const;
  // Lines that the targets did not take.
  std::uint64_t not_written() const noexcept;

  // Whether an output writes lines there.
  bool has(const std::string& target) const { return by_target_.contains(target); }

  // What the run reads and writes.
  FileUses& files() { return files_; }

  // Targets of a whole document instead of lines.
  MetricPages& metrics() { return metrics_; }
  const MetricPages& metrics() const { return metrics_; }
  // A place in the document of `target`: a file that is replaced each time, or a sink.
  MetricPages::Place metrics_place(const std::string& target, OutputFormat format, Span at);

 private:
  struct Entry {
    std::unique_ptr<Sink> sink;
    std::string target;                  // as the first output spelled it
    std::optional<OutputFormat> format;  // of the first output
  };
  std::unique_ptr<Sink> make(const std::string& target);
  Entry& entry(const Sink& sink);
  void tell(Sink& sink) noexcept;
  void look_for_others() noexcept;

  Kind kind_;
  FileUses files_;
  std::map<std::string, std::string> texts_;  // before the sinks, which write to it until they are destroyed
  ReaderPatience patience_;
  Beside beside_;
  std::deque<Entry> entries_;
  std::map<std::string, Sink*> by_target_;
  std::map<std::string, std::string> spellings_;  // of files that are not written, by their absolute paths
  MetricPages metrics_;
};

}  // namespace probe_run
