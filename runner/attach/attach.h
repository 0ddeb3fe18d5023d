// Programs put in force where the spec says.
#pragma once

#include <string>
#include <variant>

#include "object/libbpf.h"
#include "spec/attach_point.h"
#include "support/fd.h"

namespace probe_run {

// libbpf's link, or the kernel's own where libbpf's call for it cannot say all that a spec can. Both detach
// when they go, and the kernel detaches them when the process dies.
using Link = std::variant<LinkHandle, Fd>;

// One attach point in force. Destroying it detaches.
struct Attachment {
  std::string
      description;  // "xdp on eth0 (native)", "kprobe:do_sys_openat2", "uretprobe:/usr/bin/bash:readline"
  Link link;
};

// Attaches `program` at `point`. Throws an Error without a place in the spec that names the program, the
// target, the errno's text and what to do next. A tracepoint may move the process into a mount namespace of
// its own (see attach/tracefs.h), so call this before there are threads. REQUIRES: program is loaded
Attachment attach(bpf_program* program, const AttachPoint& point);

// The same in words, for reports; needs no privileges.
std::string describe(const AttachPoint& point);

}  // namespace probe_run
