// A filter of the traffic control, put in by this process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "object/libbpf.h"

namespace probe_run {

// What the kernel says of a filter.
struct TcFilterInfo {
  std::uint32_t priority = 0;
  std::uint32_t handle = 0;
  std::string kind;     // "bpf", "u32", ...
  std::string program;  // as libbpf and tc name it: "count:[17]"; "" for none
};

// The filters of an interface in one direction; nullopt where the kernel does not say.
std::optional<std::vector<TcFilterInfo>> tc_filters(int interface, bpf_tc_attach_point direction);

// Whether the interface has the qdisc "ingress" in the place of clsact. It takes filters of both directions,
// and runs all of them on what is received.
bool has_ingress_qdisc(int interface);

// Removes its filter when it goes, if that is still this program's. It removes the clsact qdisc too if it
// made it and nothing else is in it. Nothing does so when the process is killed: tc has no links.
class TcFilter {
 public:
  struct Place {
    int interface = 0;
    bpf_tc_attach_point direction = BPF_TC_INGRESS;
    std::uint32_t handle = 0, priority = 0;
    std::uint32_t program_id = 0;
    bool made_qdisc = false;
  };

  // REQUIRES: the filter is there
  explicit TcFilter(const Place& place) : place_(place) {}
  TcFilter(TcFilter&& other) noexcept;
  TcFilter& operator=(TcFilter&&) = delete;
  ~TcFilter();

 private:
  Place place_;  // interface 0: moved away
};

// Removes the clsact qdisc of an interface unless a filter is in it.
void remove_empty_clsact(int interface);

}  // namespace probe_run
