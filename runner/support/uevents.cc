#include "support/uevents.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <vector>

namespace probe_run {
namespace {

constexpr std::uint32_t from_kernel = 1;  // the group; udev's own is another

}  // namespace

int Uevents::open(std::span<const sock_filter> filter) {
  Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT));
  if (!socket) return errno;
  std::vector<sock_filter> code(filter.begin(), filter.end());
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

bool Uevents::take(const std::function<void(std::string_view)>& consume) noexcept {
  bool whole = true;
  char event[2048];
  while (true) {
    sockaddr_nl sender{};
    socklen_t size = sizeof sender;
    void* const generic = &sender;
    const ssize_t got =
        ::recvfrom(socket_.get(), event, sizeof event, 0, static_cast<sockaddr*>(generic), &size);
    if (got < 0 && errno == ENOBUFS) whole = false;
    if (got < 0 && (errno == ENOBUFS || errno == EINTR)) continue;
    if (got < 0) return whole;
    if (sender.nl_pid != 0) continue;  // not the kernel
    consume({event, static_cast<std::size_t>(got)});
  }
}

}  // namespace probe_run
