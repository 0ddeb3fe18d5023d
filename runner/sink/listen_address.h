// Where the endpoint listens: "9435", ":9435", "127.0.0.1:9435", "[::1]:9435".
#pragma once

#include <sys/socket.h>

#include <optional>
#include <string>
#include <string_view>

#include "support/error.h"
#include "support/fd.h"

namespace probe_run {

struct ListenAddress {
  sockaddr_storage address{};
  socklen_t size = 0;

  // "127.0.0.1:9435", "[::1]:9435"
  std::string text() const;
};

// Without an address before the port, the loopback interface: metrics are not exposed to the network
// unless the user asks for it. Host names are not resolved. nullopt for anything else.
std::optional<ListenAddress> parse_listen_address(std::string_view text);

// The error for a text that is not an address.
Error listen_mistake(std::string_view text);

// A socket that listens there; port 0 takes a free one. Throws Error naming the address.
Fd listen_on(const ListenAddress& address);
// The address that the socket has.
ListenAddress bound_address(const Fd& socket);

}  // namespace probe_run
