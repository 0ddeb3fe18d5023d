// What the kernel holds of BPF, asked directly.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/fd.h"

struct bpf_object;
struct bpf_link;

namespace test {

// The ids of the programs, maps and links that a process has descriptors of.
struct BpfIds {
  std::vector<std::uint32_t> programs, maps, links;
};
BpfIds bpf_ids_of(pid_t pid);
// Those of them that are still in the kernel, as "program 7".
std::vector<std::string> remaining(const BpfIds& ids);

// How often the kernel did not run a program of the process, because it was interrupted in it on that CPU.
// From Linux 7 on a program of a raw tracepoint may be; to older kernels that happens seldom.
std::uint64_t missed_runs(pid_t pid);

// The id of the XDP program on the interface of this namespace; 0 for none.
std::uint32_t xdp_program_on(const std::string& iface);

// An XDP program that passes everything and is nobody's link, on the interface of this namespace; its id.
std::uint32_t put_xdp_program_on(const std::string& iface);

// A program in the kernel that nothing runs, under the name that kallsyms has for it. Goes with this.
struct LoadedProgram {
  std::uint64_t address = 0;
  std::string symbol;
  probe_run::Fd fd;
};
LoadedProgram load_program(const std::string& name);

// Programs that other people run meanwhile: one of noise.bpf.c, for the system calls of one process. Goes
// with this.
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
