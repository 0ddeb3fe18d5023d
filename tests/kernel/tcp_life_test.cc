// tcp_life: both ends of connections over the loopback interface, with the bytes they carried.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

#include "actor.h"
#include "probe.h"
#include "support/catch.h"
#include "support/fd.h"

using namespace test;
using nlohmann::json;
using probe_run::Fd;

namespace {

// An address of the loopback interface, of either family.
struct Place {
  sockaddr_storage bytes{};
  socklen_t size = 0;

  explicit Place(int family) {
    bytes.ss_family = static_cast<sa_family_t>(family);
    if (family == AF_INET) {
      sockaddr_in ipv4{};
      ipv4.sin_family = AF_INET;
      ipv4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      std::memcpy(&bytes, &ipv4, size = sizeof ipv4);
    } else {
      sockaddr_in6 ipv6{};
      ipv6.sin6_family = AF_INET6;
      ipv6.sin6_addr = in6addr_loopback;
      std::memcpy(&bytes, &ipv6, size = sizeof ipv6);
    }
  }
  sockaddr* get() {
    void* const generic = &bytes;
    return static_cast<sockaddr*>(generic);
  }
  // The port has the same offset in both families.
  std::uint16_t port() const {
    std::uint16_t port = 0;
    std::memcpy(&port, reinterpret_cast<const char*>(&bytes) + offsetof(sockaddr_in, sin_port), sizeof port);
    return ntohs(port);
  }
};

void require(bool holds, const char* step) {
  if (!holds) throw std::runtime_error(std::string(step) + ": " + std::strerror(errno));
}

Place place_of(const Fd& socket) {
  Place place(AF_INET6);
  place.size = sizeof place.bytes;
  require(::getsockname(socket.get(), place.get(), &place.size) == 0, "getsockname");
  return place;
}

void pass(const Fd& from, const Fd& to, std::size_t size) {
  std::string bytes(size, 'x');
  require(::send(from.get(), bytes.data(), size, 0) == static_cast<ssize_t>(size), "send");
  require(::recv(to.get(), bytes.data(), size, MSG_WAITALL) == static_cast<ssize_t>(size), "recv");
}

struct Ports {
  std::uint16_t client = 0, server = 0;
};

// A connection that carries 5000 bytes there and 100 back; the client closes it first.
Ports converse(int family) {
  const Fd listener(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  Place place(family);
  require(::bind(listener.get(), place.get(), place.size) == 0, "bind");
  require(::listen(listener.get(), 1) == 0, "listen");
  place = place_of(listener);
  Fd client(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  require(::connect(client.get(), place.get(), place.size) == 0, "connect");
  const Fd server(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  require(bool(server), "accept");
  pass(client, server, 5000);
  pass(server, client, 100);
  const Ports ports{place_of(client).port(), place.port()};
  client = Fd();
  char end = 0;
  require(::recv(server.get(), &end, 1, 0) == 0, "the end of the stream");
  return ports;
}

json end_of(const std::string& comm, const std::string& address, std::uint16_t lport, std::uint16_t rport,
            int sent, int received) {
  return {{"pid", ::getpid()}, {"comm", comm},   {"laddr", address}, {"lport", lport},
          {"raddr", address},  {"rport", rport}, {"sent", sent},     {"received", received}};
}

std::vector<json> lines_of(const Finished& done) {
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(summary_of(done.err).lost == 0);
  std::vector<json> lines = json_lines(done.out);
  for (json& line : lines) {
    CHECK(line.erase("ts") == 1);
    CHECK(line.erase("duration") == 1);
  }
  return lines;
}

std::vector<std::string> tcp_life(const std::string& setting) {
  return probe_command(spec_file("tcp_life"),
                       {"--format", "jsonl", "--set", "pid=" + std::to_string(::getpid()), "--set", setting});
}

std::string own_name() {
  std::string name = read_file("/proc/self/comm");
  name.pop_back();
  return name;
}

}  // namespace

TEST_CASE("tcp_life shows both ends of a connection when they are closed, with the bytes they carried") {
  for (const int family : {AF_INET, AF_INET6}) {
    const std::string address = family == AF_INET ? "::ffff:127.0.0.1" : "::1";
    Probe probe(tcp_life("lport=0"));
    const Ports ports = converse(family);
    const Finished done = probe.stop();
    // The end of a stream counts as a byte.
    CHECK(lines_of(done) ==
          std::vector<json>{end_of(own_name(), address, ports.client, ports.server, 5000, 101),
                            end_of(own_name(), address, ports.server, ports.client, 100, 5001)});
  }
}

TEST_CASE("tcp_life shows a refused connection") {
  Probe probe(tcp_life("rport=1"));
  Place place(AF_INET);
  const std::uint16_t port = htons(1);
  std::memcpy(reinterpret_cast<char*>(&place.bytes) + offsetof(sockaddr_in, sin_port), &port, sizeof port);
  const Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::connect(client.get(), place.get(), place.size) != 0);
  std::vector<json> lines = lines_of(probe.stop());
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].erase("lport") == 1);
  json expected = end_of(own_name(), "::ffff:127.0.0.1", 0, 1, 0, 0);
  expected.erase("lport");
  CHECK(lines[0] == expected);
}

TEST_CASE("tcp_life shows only the connections of one port on request") {
  const Ports before = converse(AF_INET);
  Probe probe(tcp_life("rport=" + std::to_string(before.client)));
  const Ports ports = converse(AF_INET);
  CHECK(ports.server != before.client);
  CHECK(lines_of(probe.stop()).empty());
}
