#include "attach/interface_watch.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cerrno>

namespace probe_run {

int InterfaceWatch::open() {
  Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  if (!socket) return errno;
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK;
  const void* const generic = &address;
  if (::bind(socket.get(), static_cast<const sockaddr*>(generic), sizeof address) != 0) return errno;
  socket_ = std::move(socket);
  return 0;
}

bool InterfaceWatch::take() noexcept {
  // What it says is not read: which interfaces there are is asked anyway, for some of it may be lost.
  bool any = false;
  char message[1];
  while (true) {
    const ssize_t got = ::recv(socket_.get(), message, sizeof message, 0);
    if (got < 0 && errno != ENOBUFS && errno != EINTR) return any;
    any = true;
  }
}

bool InterfaceWatch::exists(int index) noexcept {
  char name[IF_NAMESIZE];
  return ::if_indextoname(static_cast<unsigned>(index), name) != nullptr || errno != ENXIO;
}

}  // namespace probe_run
