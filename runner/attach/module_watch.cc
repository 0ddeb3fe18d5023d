#include "attach/module_watch.h"

#include <linux/filter.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace probe_run {
namespace {

constexpr std::string_view removal = "remove@/module/";
constexpr std::uint32_t from_kernel = 1;  // the group; udev's own is another

// Passes events that begin with "remove@/modu".
constexpr std::array<sock_filter, 8> filter{{
    {BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
    {BPF_JMP | BPF_JEQ | BPF_K, 0, 5, 0x72656d6f},
    {BPF_LD | BPF_W | BPF_ABS, 0, 0, 4},
    {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 0x7665402f},
    {BPF_LD | BPF_W | BPF_ABS, 0, 0, 8},
    {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0x6d6f6475},
    {BPF_RET | BPF_K, 0, 0, 0xffffffff},
    {BPF_RET | BPF_K, 0, 0, 0},
}};

}  // namespace

std::optional<std::string> parse_module_event(std::string_view event) {
  event = event.substr(0, event.find('\0'));  // the rest says the same in variables
  if (!event.starts_with(removal)) return std::nullopt;
  event.remove_prefix(removal.size());
  // Parts of a module have paths below it.
  if (event.empty() || event.find('/') != std::string_view::npos) return std::nullopt;
  return std::string(event);
}

int ModuleWatch::open() {
  Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT));
  if (!socket) return errno;
  std::array<sock_filter, filter.size()> code = filter;
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0) return errno;
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = from_kernel;
  const void* const generic = &address;
  if (::bind(socket.get(), static_cast<const sockaddr*>(generic), sizeof address) != 0) return errno;
  socket_ = std::move(socket);
  return 0;
}

std::vector<std::string> ModuleWatch::take() noexcept {
  std::vector<std::string> modules;
  char event[2048];
  while (true) {
    sockaddr_nl sender{};
    socklen_t size = sizeof sender;
    void* const generic = &sender;
    const ssize_t got =
        ::recvfrom(socket_.get(), event, sizeof event, 0, static_cast<sockaddr*>(generic), &size);
    if (got < 0 && (errno == EINTR || errno == ENOBUFS)) continue;
    if (got < 0) return modules;
    if (sender.nl_pid != 0) continue;  // not the kernel
    if (auto module = parse_module_event({event, static_cast<std::size_t>(got)}))
      modules.push_back(std::move(*module));
  }
}

}  // namespace probe_run
