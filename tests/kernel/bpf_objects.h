// BPF objects in the kernel, queried directly.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/fd.h"

struct bpf_object;
struct bpf_link;

namespace test {

// The ids of the programs, maps and links that a process has descriptors for.
struct BpfIds {
  std::vector<std::uint32_t> programs, maps, links;
};
BpfIds bpf_ids_of(pid_t pid);
// Those of them that are still in the kernel, as "program 7".
std::vector<std::string> remaining(const BpfIds& ids);

// How often the kernel skipped a program of the process because it was already running on that CPU. From
// Linux 7 on, programs of raw tracepoints can be interrupted; on older kernels this is rare.
std::uint64_t missed_runs(pid_t pid);

// The id of the XDP program on the interface of this namespace; 0 for none.
std::uint32_t xdp_program_on(const std::string& iface);

// Attaches an XDP program that passes everything, without a link, to the interface of this namespace; returns
// its id.
std::uint32_t put_xdp_program_on(const std::string& iface);

// A program in the kernel that nothing runs, with its name in kallsyms. The destructor unloads it.
struct LoadedProgram {
  std::uint64_t address = 0;
  std::string symbol;
  probe_run::Fd fd;
};
LoadedProgram load_program(const std::string& name);

// A program of someone else: one of noise.bpf.c, for the system calls of one process. The destructor unloads
// it.
class Noise {
 public:
  Noise(const std::string& program, pid_t pid);
  ~Noise();
  Noise(const Noise&) = delete;
  Noise& operator=(const Noise&) = delete;

 private:
  bpf_object* object_ = nullptr;
  bpf_link* link_ = nullptr;
};

}  // namespace test
