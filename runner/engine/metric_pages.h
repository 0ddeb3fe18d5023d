// The metrics documents that a run writes or serves. Outputs with the same target are one document; all outputs
// together are the document that is served.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/metric_output.h"
#include "format/format.h"
#include "sink/replaced_file.h"
#include "sink/sink.h"
#include "spec/output_format.h"

namespace probe_run {

class MetricPages {
 public:
  // Adds an output to a document. `sink` gets only the last state; without one, `target` is a file that always
  // contains the current state, or "" for the served document. Reports duplicate metrics, and a document in two
  // formats. The output and the sink must outlive the pages.
  struct Place {
    std::string target;
    OutputFormat format = default_metrics_format();
    Sink* sink = nullptr;
    bool dry = false;  // of a check: nothing is written
    Span at;
  };
  void add(MetricOutput& output, const Place& place, Diagnostics& diagnostics);
  // Removes it from every document.
  void remove(const MetricOutput& output) noexcept;

  bool has(const std::string& target) const { return pages_.contains(target); }
  bool empty() const { return pages_.empty(); }
  bool has_files() const noexcept;

  // The runner's own metrics, for the served document and for files.
  using Own = std::function<void(std::vector<MetricFamily>&)>;
  void set_own(Own own) { own_ = std::move(own); }
  // Acts within long pages. Must outlive the last write; called before the first one of a run.
  void set_interlude(Interlude& interlude) { interlude_ = &interlude; }

  // Files whose state has changed.
  void write_changed() noexcept;
  // Everything, for the last time.
  void finish() noexcept;
  // Notices about files for the user, each passed on once.
  void take_notices(const std::function<void(const std::string&)>& consume);
  // Of the last document of a file.
  std::string failure() const;
  // Of the documents that the output is in.
  std::string failure(const MetricOutput& output) const;
  // Whether the readers of all of them are gone.
  bool unread(const MetricOutput& output) const noexcept;

  // Passes on every family of a page, the runner's own last.
  using Families = std::vector<const MetricFamily*>;
  void serve(const std::function<void(const Families&)>& consume);

 private:
  struct Page {
    OutputFormat format = default_metrics_format();
    Sink* sink = nullptr;
    std::unique_ptr<ReplacedFile> file;
    std::vector<MetricOutput*> outputs;
    struct Claim {
      const MetricOutput* output;
      std::shared_ptr<const SourceText> source;
      Span at;
    };
    std::map<std::string, Claim> claims;  // by name of the family

    bool has(const MetricOutput& output) const noexcept;
  };
  void claim(Page& page, const MetricOutput& output, const Metric& metric, Diagnostics& diagnostics);
  void with_families(Page& page, bool own, const std::function<void(const Families&)>& consume);
  void write(Page& page) noexcept;

  std::map<std::string, Page> pages_;
  Own own_;
  Interlude none_;
  Interlude* interlude_ = &none_;
  TextBuffer text_;
};

}  // namespace probe_run
