#include "attach/interface.h"

#include <fmt/format.h>
#include <linux/ethtool.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "attach/refusal.h"
#include "support/fd.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

std::string near_interfaces(const std::string& iface) {
  const std::vector<std::string> names = interface_names();
  return suggestion(iface, views(names), "interfaces");
}

}  // namespace

std::vector<std::string> interface_names() {
  struct FreeNames {
    void operator()(struct if_nameindex* names) const { ::if_freenameindex(names); }
  };
  const std::unique_ptr<struct if_nameindex, FreeNames> list(::if_nameindex());
  std::vector<std::string> names;
  if (list) {
    for (const struct if_nameindex* entry = list.get(); entry->if_index != 0; ++entry)
      names.emplace_back(entry->if_name);
  }
  return names;
}

std::string driver_of_interface(const std::string& name) {
  const Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ethtool_drvinfo driver{};
  driver.cmd = ETHTOOL_GDRVINFO;
  ifreq request{};
  if (!socket || name.size() >= sizeof request.ifr_name) return {};
  std::memcpy(request.ifr_name, name.c_str(), name.size());
  request.ifr_data = reinterpret_cast<char*>(&driver);
  if (::ioctl(socket.get(), SIOCETHTOOL, &request) != 0) return {};
  return {driver.driver, ::strnlen(driver.driver, sizeof driver.driver)};
}

int interface_index(const bpf_program* program, std::string_view target, const std::string& name) {
  const unsigned index = ::if_nametoindex(name.c_str());
  if (index == 0) {
    refuse(program, target, fmt::format("network interface \"{}\" is not found", escape_for_terminal(name)),
           near_interfaces(name));
  }
  return static_cast<int>(index);
}

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
  // The contents are not read: messages may be lost, so the caller looks at which interfaces exist anyway.
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
