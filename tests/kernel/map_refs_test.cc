// Maps that hold references: to maps, programs, devices and sockets. User space fills them.
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <map>

#include "bpf_objects.h"
#include "live_map.h"
#include "map_spec.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;
using probe_run::Fd;

namespace {

// A pair of connected TCP sockets.
struct Connection {
  Fd near, far;

  Connection() {
    const Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    void* const at = &address;
    auto* const any = static_cast<sockaddr*>(at);
    REQUIRE(::bind(listener.get(), any, size) == 0);
    REQUIRE(::listen(listener.get(), 1) == 0);
    REQUIRE(::getsockname(listener.get(), any, &size) == 0);
    near = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(near.get(), any, size) == 0);
    far = Fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    REQUIRE(far);
  }
};

std::uint64_t cookie_of(const Fd& socket) {
  std::uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  REQUIRE(::getsockopt(socket.get(), SOL_SOCKET, SO_COOKIE, &cookie, &size) == 0);
  return cookie;
}

json row(std::uint64_t key, const json& value) {
  return {{"key", key}, {"value", value}};
}

class References {
 public:
  References()
      : spec_(write_map_spec(directory_, {.object = "map_refs",
                                          .program = "idle",
                                          .maps = maps(),
                                          .has_target = false,
                                          .outputs = outputs()})),
        probe_(probe_command(spec_)) {}

  pid_t pid() const { return probe_.pid(); }

  std::map<std::string, std::vector<json>> rows() {
    const Finished done = probe_.stop();
    INFO(done.err);
    CHECK(done.status == 0);
    CHECK_FALSE(contains(done.err, "incomplete"));
    std::map<std::string, std::vector<json>> rows;
    for (const std::string& name : names()) {
      rows[name] = json_lines(read_file(directory_ / name));
      std::sort(rows[name].begin(), rows[name].end());
    }
    return rows;
  }

 private:
  static std::vector<std::string> names() {
    return {"map_array", "map_hash", "programs", "devices", "device_hash", "cpus", "sockets", "socket_hash"};
  }
  static json maps() {
    json list = json::array();
    for (const std::string& name : names()) list.push_back({{"name", name}});
    return list;
  }
  json outputs() const {
    json list = json::array();
    for (const std::string& name : names())
      list.push_back({{"map", name}, {"every", "exit"}, {"format", "jsonl"}, {"to", directory_ / name}});
    return list;
  }

  Directory directory_;
  std::string spec_;
  Probe probe_;
};

// Fills the first `count` slots of each map; returns what is expected to be read.
std::map<std::string, std::vector<json>> fill(pid_t pid, std::uint32_t count,
                                              const std::vector<Connection>& connections) {
  std::map<std::string, std::vector<json>> expected;
  LiveMap inner(pid, "inner"), map_array(pid, "map_array"), map_hash(pid, "map_hash"),
      programs(pid, "programs"), devices(pid, "devices"), device_hash(pid, "device_hash"), cpus(pid, "cpus"),
      sockets(pid, "sockets"), socket_hash(pid, "socket_hash");
  const std::uint32_t program = bpf_ids_of(pid).programs.at(0);
  const Fd program_fd(bpf_prog_get_fd_by_id(program));
  const std::uint32_t loopback = ::if_nametoindex("lo");
  for (std::uint32_t slot = 0; slot < count; ++slot) {
    const std::uint64_t wide = slot + (std::uint64_t{7} << 40);
    REQUIRE(map_array.set(slot, inner.fd()) == 0);
    expected["map_array"].push_back(row(slot, inner.id()));
    REQUIRE(map_hash.set(wide, inner.fd()) == 0);
    expected["map_hash"].push_back(row(wide, inner.id()));
    REQUIRE(programs.set(slot, program_fd.get()) == 0);
    expected["programs"].push_back(row(slot, program));
    const std::uint64_t device_value = loopback;  // without a program
    REQUIRE(devices.set(slot, device_value) == 0);
    REQUIRE(device_hash.set(slot, loopback) == 0);
    expected["device_hash"].push_back(row(slot, loopback));
    const std::uint64_t cookie = cookie_of(connections[slot].near);
    const std::uint64_t socket = static_cast<std::uint64_t>(connections[slot].near.get());
    REQUIRE(sockets.set(slot, socket) == 0);
    expected["sockets"].push_back(row(slot, cookie));
    REQUIRE(socket_hash.set(wide, socket) == 0);
    expected["socket_hash"].push_back(row(wide, cookie));
    if (slot > 0) continue;
    const std::uint32_t queue_size = 192;
    REQUIRE(cpus.set(slot, queue_size) == 0);
    expected["cpus"].push_back(row(slot, queue_size));
  }
  return expected;
}

void check(std::uint32_t count) {
  CAPTURE(count);
  const std::vector<Connection> connections(count);
  References references;
  auto expected = fill(references.pid(), count, connections);
  auto rows = references.rows();
  // The value of a devmap has a union of a program's descriptor and its id, so only the index is compared.
  CHECK(rows["devices"].size() == count);
  for (std::uint32_t slot = 0; slot < rows["devices"].size(); ++slot) {
    CHECK(rows["devices"][slot]["key"] == slot);
    CHECK(rows["devices"][slot]["value"]["ifindex"] == ::if_nametoindex("lo"));
  }
  rows.erase("devices");
  for (const auto& [name, read] : rows) {
    CAPTURE(name);
    CHECK(read == expected[name]);
  }
}

}  // namespace

TEST_CASE("maps of references are read exactly: empty", "[map_refs]") {
  check(0);
}

TEST_CASE("maps of references are read exactly: one entry", "[map_refs]") {
  check(1);
}

TEST_CASE("maps of references are read exactly: full", "[map_refs]") {
  check(4);
}
