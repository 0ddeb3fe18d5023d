#include "socket_acts.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "machine.h"

namespace test {
namespace {

using probe_run::Fd;

constexpr std::uint16_t ipv4_protocol = 0x0800;

// An address of any family, as the calls take it.
class Address {
 public:
  // A port that the kernel chooses.
  static Address loopback(int family) {
    Address address;
    if (family == AF_INET) {
      sockaddr_in ipv4{};
      ipv4.sin_family = AF_INET;
      ipv4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      address.take(ipv4);
    } else {
      sockaddr_in6 ipv6{};
      ipv6.sin6_family = AF_INET6;
      ipv6.sin6_addr = in6addr_loopback;
      address.take(ipv6);
    }
    return address;
  }
  // A name in the abstract namespace.
  static Address abstract(const std::string& name) {
    sockaddr_un path{};
    path.sun_family = AF_UNIX;
    std::memcpy(path.sun_path + 1, name.data(), name.size());
    Address address;
    address.take(path);
    address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    return address;
  }
  sockaddr* get() {
    void* const generic = bytes_.data();
    return static_cast<sockaddr*>(generic);
  }
  socklen_t size = sizeof(sockaddr_storage);

 private:
  template <class T>
  void take(const T& address) {
    std::memcpy(bytes_.data(), &address, sizeof address);
    size = sizeof address;
  }
  alignas(sockaddr_storage) std::array<char, sizeof(sockaddr_storage)> bytes_{};
};

Fd make_socket(int family, int type) {
  Fd fd(::socket(family, type | SOCK_CLOEXEC, 0));
  const timeval limit{2, 0};
  if (fd) ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  return fd;
}

// Throws if a step failed that the following steps depend on.
void require(bool holds, const char* step) {
  if (!holds) throw std::runtime_error(std::string("cannot ") + step + ": " + std::strerror(errno));
}

void bind_to(const Fd& fd, Address& address) {
  require(::bind(fd.get(), address.get(), address.size) == 0, "bind");
}

// A datagram from one socket to another; the names of both sockets are queried as well.
void exchange(int family, Address here, Address there) {
  const Fd receiver = make_socket(family, SOCK_DGRAM);
  const Fd sender = make_socket(family, SOCK_DGRAM);
  bind_to(receiver, there);
  bind_to(sender, here);
  Address name;
  ::getsockname(receiver.get(), name.get(), &name.size);
  const char byte = 'x';
  static_cast<void>(::sendto(sender.get(), &byte, 1, 0, name.get(), name.size));
  char received = 0;
  Address from;
  static_cast<void>(::recvfrom(receiver.get(), &received, 1, 0, from.get(), &from.size));
  require(::connect(sender.get(), name.get(), name.size) == 0, "connect");
  Address peer;
  ::getpeername(sender.get(), peer.get(), &peer.size);
}

}  // namespace

void exchange_datagram(int family) {
  exchange(family, Address::loopback(family), Address::loopback(family));
}

Connection connect_loopback() {
  const Fd listener = make_socket(AF_INET, SOCK_STREAM);
  Address address = Address::loopback(AF_INET);
  bind_to(listener, address);
  ::listen(listener.get(), 1);
  ::getsockname(listener.get(), address.get(), &address.size);
  Connection connection{make_socket(AF_INET, SOCK_STREAM), {}};
  require(::connect(connection.client.get(), address.get(), address.size) == 0, "connect");
  connection.server = Fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  const timeval limit{2, 0};
  ::setsockopt(connection.server.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  return connection;
}

bool pass_byte(const Connection& connection) {
  char byte = 'x';
  return ::send(connection.client.get(), &byte, 1, MSG_NOSIGNAL) == 1 &&
         ::recv(connection.server.get(), &byte, 1, 0) == 1;
}

void use_all_of_a_cgroup() {
  for (const int family : {AF_INET, AF_INET6}) exchange_datagram(family);
  exchange(AF_UNIX, Address::abstract(unique_name("pra")), Address::abstract(unique_name("prb")));
  static_cast<void>(pass_byte(connect_loopback()));
  const Fd fd = make_socket(AF_INET, SOCK_DGRAM);
  int value = 0;
  socklen_t size = sizeof value;
  ::getsockopt(fd.get(), SOL_SOCKET, SO_TYPE, &value, &size);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_MARK, &value, sizeof value);
  static_cast<void>(std::ifstream("/proc/sys/kernel/ostype").get());
  const Fd device(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

void send_out_of(const std::string& iface, bool frame) {
  const Fd fd(::socket(AF_PACKET, (frame ? SOCK_RAW : SOCK_DGRAM) | SOCK_CLOEXEC, 0));
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ipv4_protocol);
  address.sll_ifindex = static_cast<int>(::if_nametoindex(iface.c_str()));
  const void* const generic = &address;
  const char bytes[60] = {};
  if (::sendto(fd.get(), bytes, sizeof bytes, 0, static_cast<const sockaddr*>(generic), sizeof address) < 0)
    throw std::runtime_error("cannot send out of " + iface + ": " + std::strerror(errno));
}

}  // namespace test
