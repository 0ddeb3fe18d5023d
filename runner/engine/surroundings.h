// Watches what attached points depend on: interfaces, processes, files, cgroups, modules, CPUs.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "attach/attach.h"
#include "attach/interface.h"
#include "attach/module_watch.h"
#include "support/cpus.h"
#include "support/error.h"

namespace probe_run {

class Surroundings {
 public:
  // Watches nothing yet. `name` is the spec's, for messages.
  explicit Surroundings(std::string name) : name_(std::move(name)) {}

  // What else is opened on each CPU.
  struct OnProcessors {
    bool perf_buffers = false;
    bool names = false;  // events about processes
  };
  // Starts watching what these depend on. Adds warnings about what cannot be watched to `warnings`. `attachments`
  // must outlive this and not change.
  void watch(std::vector<Attachment>& attachments, OnProcessors others, std::vector<Diagnostic>& warnings);
  void stop();

  // Readable when look() has something to see.
  std::vector<int> fds() const;

  struct Seen {
    std::vector<Diagnostic> warnings;
    std::vector<std::string> news;  // expected, such as the exit of a process
    std::vector<int> came_back;     // CPUs; everything else must be opened on them again
  };
  // Attaches again on CPUs that came back online, and to files that were replaced where the spec asks for it; detaches
  // from removed interfaces.
  Seen look();

  // Something disappeared, and no attached program is left that could report events.
  bool nothing_left() const;

 private:
  void watch_processes();
  void watch_interfaces(std::vector<Diagnostic>& warnings);
  void watch_paths(std::vector<Diagnostic>& warnings);
  void watch_modules(std::vector<Diagnostic>& warnings);
  void watch_processors(std::vector<Diagnostic>& warnings);
  bool processes_ready() const;
  void look_at_interfaces(Seen& seen);
  void look_at_processes(Seen& seen);
  void look_at_files(Seen& seen);
  void look_at_file(Attachment& attachment, Seen& seen);
  void follow(Attachment& attachment, const FileState& now, std::string_view what, Seen& seen);
  void look_at_cgroups(Seen& seen);
  void look_at_modules(Seen& seen);
  void look_at_processors(Seen& seen);
  void attach_again(Attachment& attachment, int processor, Seen& seen);
  Diagnostic warning(std::string what, std::string hint) const;

  std::string name_;
  std::vector<Attachment>* attachments_ = nullptr;
  OnProcessors others_;
  InterfaceWatch interfaces_;
  PathWatch paths_;  // of files and cgroups
  ModuleWatch modules_;
  ProcessorWatch processors_;
  std::map<int, Fd> processes_;            // by id
  std::set<std::string> gone_interfaces_;  // each is reported once
  std::set<std::string> said_of_paths_;    // likewise
  std::set<int> went_offline_;
  bool look_again_ = false;  // something disappeared before it was watched
  bool said_nothing_left_ = false;
};

}  // namespace probe_run
