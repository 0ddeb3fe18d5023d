// What attach points go with, watched while they are attached: interfaces, processes, processors.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "attach/attach.h"
#include "attach/interface.h"
#include "support/cpus.h"
#include "support/error.h"

namespace probe_run {

class Surroundings {
 public:
  // Watches nothing yet. `name` is the spec's, in words.
  explicit Surroundings(std::string name) : name_(std::move(name)) {}

  // What else is on each processor.
  struct OnProcessors {
    bool perf_buffers = false;
    bool names = false;  // what the kernel tells of processes
  };
  // Begins to watch what these go with. What cannot be watched is added to `warnings`. `attachments` must
  // outlive this, and stay as they are.
  void watch(std::vector<Attachment>& attachments, OnProcessors others, std::vector<Diagnostic>& warnings);
  void stop();

  // Readable when look() has something to see.
  std::vector<int> fds() const;

  struct Seen {
    std::vector<Diagnostic> warnings;
    std::vector<std::string> news;  // what was to be expected, such as the end of a process
    std::vector<int> came_back;     // processors; what else is on them has to be put there again
  };
  // Attaches again on processors that came back; lets go of interfaces that have gone.
  Seen look();

  // Something has gone, and nothing is left that could see anything.
  bool nothing_left() const;

 private:
  void watch_processes();
  void watch_interfaces(std::vector<Diagnostic>& warnings);
  void watch_processors(std::vector<Diagnostic>& warnings);
  bool processes_ready() const;
  void look_at_interfaces(Seen& seen);
  void look_at_processes(Seen& seen);
  void look_at_processors(Seen& seen);
  void attach_again(Attachment& attachment, int processor, Seen& seen);
  Diagnostic warning(std::string what, std::string hint) const;

  std::string name_;
  std::vector<Attachment>* attachments_ = nullptr;
  OnProcessors others_;
  InterfaceWatch interfaces_;
  ProcessorWatch processors_;
  std::map<int, Fd> processes_;            // by id
  std::set<std::string> gone_interfaces_;  // said once, as each of these is
  std::set<int> went_offline_;
  bool look_again_ = false;  // something went before it was watched
  bool said_nothing_left_ = false;
};

}  // namespace probe_run
