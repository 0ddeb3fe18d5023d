// --stats: the counts of the summary for programs.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "engine/spec_report.h"
#include "sink/sink.h"
#include "support/reader_patience.h"

namespace probe_run {

class StatsFile {
 public:
  // Opens the file, so that a wrong path is reported before a run begins; "-" is standard output, "" nothing. What the
  // file contains stays until write(). `patience` must outlive this. Throws Error naming it.
  StatsFile(const std::string& file, ReaderPatience& patience);

  // {"seconds":3.014,"specs":[{"name":"openat","figures":{"events":12,...},"programs":[{"name":"trace_openat",
  // "attach":"kprobe:do_sys_openat2","state":"attached"}]}]}, with a newline; "failure" is set for a spec that failed.
  // `rights` is the member of that name, as JSON; "" for a replay. Throws Error naming the file.
  void write(const std::deque<SpecReport>& specs, Duration elapsed, std::string_view rights = {});

 private:
  std::unique_ptr<Sink> sink_;  // nullptr for nothing
};

}  // namespace probe_run
