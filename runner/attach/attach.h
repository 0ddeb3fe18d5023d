// Programs put in force where the spec says.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "attach/tc_filter.h"
#include "object/bpf_object.h"
#include "object/libbpf.h"
#include "spec/attach_point.h"
#include "support/fd.h"

namespace probe_run {

// A program that runs for the sockets of a map. The destructor detaches it from the map. Kernels before 6.10 have no
// link for it: if the process is killed first, the program stays as long as somebody holds the map.
class MapProgram {
 public:
  // Both descriptors are duplicated. REQUIRES: the program is attached
  MapProgram(int program_fd, int map_fd, bpf_attach_type type);
  MapProgram(MapProgram&&) noexcept = default;
  MapProgram& operator=(MapProgram&&) = delete;
  ~MapProgram();

 private:
  Fd program_, map_;
  bpf_attach_type type_;
};

// libbpf's link, or the kernel's own where libbpf's call for it cannot say all that a spec can: the kernel
// detaches both when the process dies. The others are what has no link in the kernel.
using Link = std::variant<LinkHandle, Fd, TcFilter, MapProgram>;

// The link's in the kernel, or the perf event's where it has none; -1 for the others. It stays the link's.
int descriptor_of(const Link& link);

// The points of a program that is on each processor by itself.
struct PerProcessor {
  std::vector<int> processors;                  // of each link, which one it is on
  std::vector<int> wanted;                      // only these; empty for all
  std::function<LinkHandle(int processor)> on;  // attaches there; throws Error
};

// One attach point in force. Destroying it detaches.
struct Attachment {
  std::string program;  // its name
  // "xdp on eth0 (native)", "kprobe:do_sys_openat2", "uretprobe:/usr/bin/bash:readline"
  std::string description;
  std::vector<Link> links;  // several where the point is one on each processor, or one for each function
  std::string warning;      // what a person should know of it; "" for nothing
  bool is_pinned = false;   // by this run

  // What it goes with.
  struct Interface {
    std::string name;
    int index = 0;  // 0: gone already
  };
  std::optional<Interface> interface;
  std::optional<int> process;
  std::optional<PerProcessor> per_processor;
  bool gone = false;

  explicit Attachment(std::string words) : description(std::move(words)) {}
  Attachment(std::string words, Link link) : description(std::move(words)) {
    links.push_back(std::move(link));
  }
};

// What the kernel must know of the point when the program is loaded: the kind of attachment and the target.
// Returns what must stay open until then, or nothing. Throws as attach() does. REQUIRES: the object is not
// loaded, and has the program
Fd prepare(BpfObject& object, const std::string& program, const AttachPoint& point);

// Attaches `program` at `point`. Throws an Error without a place in the spec that names the program, the
// target, the errno's text and what to do next. A tracepoint may move the process into a mount namespace of
// its own (see attach/tracefs.h), so call this before there are threads. REQUIRES: prepared and loaded
Attachment attach(BpfObject& object, const std::string& program, const AttachPoint& point);

// The same in words, for reports; needs no privileges.
std::string describe(const AttachPoint& point);

}  // namespace probe_run
