#include "attach/xdp_occupant.h"

#include <fmt/format.h>

#include <array>

#include "object/libbpf.h"
#include "object/zeroed_options.h"
#include "support/fd.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

struct Slot {
  std::uint32_t program_id;
  std::string_view mode;
  std::string_view remove_word;
};

std::array<Slot, 3> slots_of(int interface) {
  auto query = zeroed_options<bpf_xdp_query_opts>();
  if (bpf_xdp_query(interface, 0, &query) != 0) return {};
  return {{{query.drv_prog_id, "native", "xdpdrv"},
           {query.skb_prog_id, "generic", "xdpgeneric"},
           {query.hw_prog_id, "offload", "xdpoffload"}}};
}

std::string name_of_program(std::uint32_t id) {
  const Fd fd(bpf_prog_get_fd_by_id(id));
  bpf_prog_info info{};
  std::uint32_t size = sizeof info;
  if (!fd || bpf_obj_get_info_by_fd(fd.get(), &info, &size) != 0 || info.name[0] == '\0')
    return fmt::format("with id {}", id);
  return fmt::format("\"{}\" (id {})", escape_for_terminal(info.name), id);
}

std::uint32_t link_of(int interface, std::uint32_t program_id) {
  std::uint32_t id = 0;
  while (bpf_link_get_next_id(id, &id) == 0) {
    const Fd fd(bpf_link_get_fd_by_id(id));
    bpf_link_info info{};
    std::uint32_t size = sizeof info;
    if (!fd || bpf_obj_get_info_by_fd(fd.get(), &info, &size) != 0) continue;
    if (info.type == BPF_LINK_TYPE_XDP && info.prog_id == program_id &&
        info.xdp.ifindex == static_cast<std::uint32_t>(interface)) {
      return id;
    }
  }
  return 0;
}

}  // namespace

std::optional<XdpOccupant> find_xdp_occupant(int interface) {
  for (const Slot& slot : slots_of(interface)) {
    if (slot.program_id == 0) continue;
    return XdpOccupant{name_of_program(slot.program_id), slot.mode, slot.remove_word,
                       link_of(interface, slot.program_id)};
  }
  return std::nullopt;
}

std::string_view xdp_mode_of(int interface, int program_fd) {
  bpf_prog_info info{};
  std::uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(program_fd, &info, &size) == 0) {
    for (const Slot& slot : slots_of(interface)) {
      if (slot.program_id == info.id) return slot.mode;
    }
  }
  return "auto";
}

}  // namespace probe_run
