// Attaches programs where the spec says.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "attach/path_watch.h"
#include "attach/tc_filter.h"
#include "object/bpf_object.h"
#include "object/libbpf.h"
#include "spec/attach_point.h"
#include "support/fd.h"

namespace probe_run {

// A program that runs for the sockets of a map. The destructor detaches the program from the map. Kernels
// before 6.10 have no link for this: if the process is killed, the program stays attached for as long as the
// map exists.
class MapProgram {
 public:
  // Attaches. Both descriptors are duplicated, because detaching takes them.
  MapProgram(int program_fd, int map_fd, bpf_attach_type type);
  int error() const { return error_; }  // an errno if it is not attached
  MapProgram(MapProgram&&) noexcept = default;
  MapProgram& operator=(MapProgram&&) = delete;
  ~MapProgram();

 private:
  Fd program_, map_;  // -1: not attached, or moved from
  bpf_attach_type type_;
  int error_ = 0;
};

// A bpf_link of libbpf, or the descriptor of a kernel link where libbpf's function does not support everything
// that a spec can request: the kernel detaches both when the process dies. The other alternatives are
// attachments for which the kernel has no link.
using Link = std::variant<LinkHandle, Fd, TcFilter, MapProgram>;

// The descriptor of the kernel link, or of the perf event if there is no link; -1 for the other alternatives.
// The handle still owns it.
int descriptor_of(const Link& link);

// The links of a program that is attached to each CPU separately.
struct PerProcessor {
  std::vector<int> processors;                  // the CPU of each link
  std::vector<int> wanted;                      // only these; empty for all
  std::function<LinkHandle(int processor)> on;  // attaches there; throws Error
};

// One attached point. Destroying it detaches.
struct Attachment {
  std::string program;  // its name
  // "xdp on eth0 (native)", "kprobe:do_sys_openat2", "uretprobe:/usr/bin/bash:readline"
  std::string description;
  std::vector<Link> links;       // several if there is one for each CPU or for each function
  std::string warning;           // to report to the user; "" for none
  bool is_pinned = false;        // by this run
  bool is_kernel_probe = false;  // of the functions of the kernel, whose calls it can miss

  // The interface, process or the like whose disappearance ends it.
  struct Interface {
    std::string name;
    int index = 0;  // 0: already gone
  };
  std::optional<Interface> interface;
  std::optional<int> process;
  // A program or library: processes that start after it was replaced run other code.
  struct File {
    std::string path;  // as found, perhaps through symbolic links
    FileState state;   // when it was attached to
  };
  std::optional<File> file;
  // Attaches to what replaced the file; empty if the spec does not ask for that.
  std::function<Attachment()> again;
  struct Function {
    std::string name;
    std::string module;  // "" if the spec does not name it
  };
  std::optional<Function> function;  // of a probe that does not keep its module loaded
  std::optional<File> cgroup;
  std::optional<PerProcessor> per_processor;
  bool gone = false;

  explicit Attachment(std::string words) : description(std::move(words)) {}
  Attachment(std::string words, Link link) : description(std::move(words)) {
    links.push_back(std::move(link));
  }
};

// Sets what the kernel must know about the point when it loads the program: the kind of attachment and the
// target. Returns a descriptor that must stay open until then, or nothing. Throws as attach() does. REQUIRES: the
// object has the program and is not loaded
Fd prepare(BpfObject& object, const std::string& program, const AttachPoint& point);

// Attaches `program` at `point`. Throws an Error without a position in the spec that names the program, the
// target, the errno's text and what to do next. A tracepoint may move the process into its own mount namespace
// (see listing/tracefs.h), so call this before creating threads. REQUIRES: prepared and loaded
Attachment attach(BpfObject& object, const std::string& program, const AttachPoint& point);

// Whether it is to be attached again to a file that is replaced.
bool follows_file(const AttachPoint& point);

// The point as text for reports; needs no privileges.
std::string describe(const AttachPoint& point);

}  // namespace probe_run
