// A traffic control filter, added by this process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "object/libbpf.h"
#include "support/fd.h"

namespace probe_run {

// A filter, as reported by the kernel.
struct TcFilterInfo {
  std::uint32_t priority = 0;
  std::uint32_t handle = 0;
  std::string kind;     // "bpf", "u32", ...
  std::string program;  // as named by libbpf and tc: "count:[17]"; "" for none
};

// The filters of an interface in one direction; nullopt if unknown.
std::optional<std::vector<TcFilterInfo>> tc_filters(int interface, bpf_tc_attach_point direction);

// Whether the interface has the qdisc "ingress" in the place of clsact. It accepts filters for both directions,
// but runs all of them on received packets.
bool has_ingress_qdisc(int interface);

// The destructor removes the filter if it still has this program, and the clsact qdisc if it was created here and
// has no other filters. tc has no links, so nothing removes them if the process is killed. If it cannot be removed, the
// user is told how to.
class TcFilter {
 public:
  struct Place {
    int interface = 0;
    bpf_tc_attach_point direction = BPF_TC_INGRESS;
    std::uint32_t handle = 0, priority = 0;
    std::uint32_t program_id = 0;  // 0: unknown
    bool made_qdisc = false;
  };

  // REQUIRES: the filter exists
  explicit TcFilter(const Place& place);
  TcFilter(TcFilter&& other) noexcept;
  TcFilter& operator=(TcFilter&&) = delete;
  ~TcFilter();

 private:
  int remove() const noexcept;

  Place place_;  // interface 0: moved from
  Fd reserved_;  // the descriptor that removing it takes
};

// Removes all filters of an interface in one direction that have the program.
void remove_filters(int interface, bpf_tc_attach_point direction, std::uint32_t program_id);

// Removes the clsact qdisc of an interface unless it has a filter. Returns 0 or an errno.
int remove_empty_clsact(int interface) noexcept;

}  // namespace probe_run
