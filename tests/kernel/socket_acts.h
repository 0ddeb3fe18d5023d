// Actions on sockets, for programs attached to sockets.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "support/fd.h"

namespace test {

// One datagram over the loopback interface, sent with an address and received with one; `family` is AF_INET
// or AF_INET6.
void exchange_datagram(int family);

// Two ends of a TCP connection over the loopback interface.
struct Connection {
  probe_run::Fd client, server;
};
Connection connect_loopback();
// One byte from the client to the server; false when it does not arrive.
bool pass_byte(const Connection& connection);

// Everything that a cgroup program can see or decide: sockets of three families, options, a sysctl, a device.
void use_all_of_a_cgroup();

// A packet of zeroes out of an interface, below the protocols; with `frame`, an Ethernet frame.
void send_out_of(const std::string& iface, bool frame);

}  // namespace test
