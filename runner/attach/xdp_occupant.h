// Which XDP program an interface has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace probe_run {

struct XdpOccupant {
  std::string program;           // "\"drop\" (id 12)", ready to print
  std::string_view mode;         // "native"
  std::string_view remove_word;  // what `ip link set dev X ... off` calls it
  std::uint32_t link_id = 0;     // 0: attached without a link
};

std::optional<XdpOccupant> find_xdp_occupant(int interface);

// The mode in which that interface runs the program: what "auto" came to.
std::string_view xdp_mode_of(int interface, int program_fd);

}  // namespace probe_run
