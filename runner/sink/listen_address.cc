#include "sink/listen_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "support/utf8.h"

namespace probe_run {
namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || stop != end) return std::nullopt;
  return port;
}

template <class Address>
ListenAddress stored(const Address& address) {
  ListenAddress result;
  std::memcpy(&result.address, &address, sizeof address);
  result.size = sizeof address;
  return result;
}

// The kernel's interface takes every kind of address by this type.
const sockaddr* generic(const ListenAddress& address) {
  const void* const bytes = &address.address;
  return static_cast<const sockaddr*>(bytes);
}

std::string hint(int error, std::uint16_t port) {
  switch (error) {
    case EADDRINUSE:
      return fmt::format("another program listens there (ss -ltnp 'sport = :{}' names it); take another port",
                         port);
    case EACCES:
      return "ports below 1024 need CAP_NET_BIND_SERVICE; take another port";
    case EADDRNOTAVAIL:
      return "no interface of this machine has this address; \"ip address\" lists them";
    default:
      return {};
  }
}

}  // namespace

std::optional<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const std::optional<std::uint16_t> port =
      parse_port(colon == std::string_view::npos ? text : text.substr(colon + 1));
  if (!port) return std::nullopt;
  std::string host(colon == std::string_view::npos ? std::string_view() : text.substr(0, colon));
  if (host.starts_with('[') && host.ends_with(']')) {
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(*port);
    host = host.substr(1, host.size() - 2);
    if (::inet_pton(AF_INET6, host.c_str(), &six.sin6_addr) != 1) return std::nullopt;
    return stored(six);
  }
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_port = htons(*port);
  if (host.empty() || host == "localhost") host = "127.0.0.1";
  if (::inet_pton(AF_INET, host.c_str(), &four.sin_addr) != 1) return std::nullopt;
  return stored(four);
}

std::string ListenAddress::text() const {
  char host[INET6_ADDRSTRLEN] = "?";
  if (address.ss_family == AF_INET6) {
    sockaddr_in6 six{};
    std::memcpy(&six, &address, sizeof six);
    ::inet_ntop(AF_INET6, &six.sin6_addr, host, sizeof host);
    return fmt::format("[{}]:{}", static_cast<const char*>(host), ntohs(six.sin6_port));
  }
  sockaddr_in four{};
  std::memcpy(&four, &address, sizeof four);
  ::inet_ntop(AF_INET, &four.sin_addr, host, sizeof host);
  return fmt::format("{}:{}", static_cast<const char*>(host), ntohs(four.sin_port));
}

Error listen_mistake(std::string_view text) {
  return Error(fmt::format("\"{}\" is not an address to serve metrics at", escape_for_terminal(text)),
               "give a port, with or without an IP address: 9435, 127.0.0.1:9435 or [::]:9435");
}

Fd listen_on(const ListenAddress& address) {
  const auto failed = [&](int error) {
    const std::string text = address.text();
    const std::optional<std::uint16_t> port = parse_port(text.substr(text.rfind(':') + 1));
    return Error(fmt::format("cannot serve metrics at {}: {}", text, errno_text(error)),
                 hint(error, port.value_or(0)));
  };
  Fd fd(::socket(address.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) throw failed(errno);
  // A run that follows another need not wait until the old connections are forgotten.
  const int yes = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(fd.get(), generic(address), address.size) != 0) throw failed(errno);
  if (::listen(fd.get(), SOMAXCONN) != 0) throw failed(errno);
  return fd;
}

ListenAddress bound_address(const Fd& socket) {
  ListenAddress address;
  address.size = sizeof address.address;
  void* const bytes = &address.address;
  ::getsockname(socket.get(), static_cast<sockaddr*>(bytes), &address.size);
  return address;
}

}  // namespace probe_run
