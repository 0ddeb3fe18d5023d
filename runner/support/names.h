// What numbers in records mean on the machine where they were seen: users, interfaces, cgroups, symbols.
//
// Renderers ask through this interface, so that they touch no file: a run asks the machine (host/), a replay
// asks the recording.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace probe_run {

// The numbers are part of the recording format.
enum class NameKind : std::uint8_t {
  user = 1,       // key: u32 uid; a login name
  group = 2,      // key: u32 gid; a group's name
  interface = 3,  // key: u32 index; "eth0"
  cgroup = 4,  // key: u64 id, as bpf_get_current_cgroup_id() gives; its path from the hierarchy's root, "/"
  kernel_symbol = 5,    // key: u64 address; one frame
  user_symbol = 6,      // key: u32 process id (tgid), u64 address; frames
  build_id_symbol = 7,  // key: 20 bytes of a build id, u64 offset in that file; frames
  stack = 8             // key: u32 map, u32 stack id of it; u64[] addresses, innermost first
};

// Frames are lines of text, innermost first, each ended by '\n': name '\t' offset in the function (decimal)
// '\t' module (empty for the kernel itself) '\t' "inlined" or nothing. An address without a symbol has an
// empty name and its offset in the module. Names hold any bytes but '\t' and '\n'.
class Names {
 public:
  virtual ~Names() = default;

  // Empty when it is not known. The bytes are valid until the next call.
  virtual std::string_view find(NameKind kind, std::span<const std::byte> key) noexcept = 0;
};

// A key: numbers in the byte order of this machine, one after the other.
template <class... Parts>
std::array<std::byte, (sizeof(Parts) + ...)> name_key(const Parts&... parts) noexcept {
  std::array<std::byte, (sizeof(Parts) + ...)> key;
  std::size_t at = 0;
  ((std::memcpy(key.data() + at, &parts, sizeof parts), at += sizeof parts), ...);
  return key;
}

}  // namespace probe_run
