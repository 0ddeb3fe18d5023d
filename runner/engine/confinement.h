// What a run may still do once its programs are attached.
#pragma once

#include <list>
#include <string>

#include "engine/file_uses.h"
#include "engine/kept_rights.h"
#include "engine/live_probe.h"
#include "support/landlock.h"

namespace probe_run {

class Confinement {
 public:
  // Opens what enter() needs: later, the programs would see that. `sandbox` is false for --no-sandbox, which leaves out
  // seccomp and Landlock.
  Confinement(const FileUses& files, bool sandbox);

  // Gives up the rights that the rest of the run does not need, and forbids the calls. REQUIRES: the probes are
  // attached, the outputs are open and there is only one thread
  void enter(const std::list<LiveProbe>& probes, const FileUses& files);

  // What is in force, for --stats:
  // {"capabilities":[{"name":"CAP_PERFMON","purpose":"to ..."}],"seccomp":"in force","landlock":"not in this kernel"}
  std::string to_json() const;

 private:
  bool sandbox_;
  FileFence fence_;
  KeptRights rights_;
  std::string seccomp_, landlock_;  // "in force", or why not
};

}  // namespace probe_run
