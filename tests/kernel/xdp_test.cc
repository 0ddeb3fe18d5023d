// The three XDP specs with frames that the test sends: every figure is exact.
#include <csignal>

#include "network.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;

namespace {

// The spec with a fixed mode.
std::string in_mode(const Directory& directory, const std::string& name, const std::string& mode) {
  return edited_spec(directory, spec_file(name),
                     [&](nlohmann::json& spec) { spec["programs"][0]["attach"]["mode"] = mode; });
}

// Runs the probe in the network while `send` runs, and returns the last line of its output.
std::string last_line(Network& network, const std::string& spec, const std::string& mode,
                      std::vector<std::string> settings, const std::function<void()>& send) {
  const Directory directory;
  settings.insert(settings.end(), {"--set", "iface=" + network.iface()});
  Probe probe(in_network(network.name(), probe_command(in_mode(directory, spec, mode), settings)));
  send();
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(contains(done.err, "attached to xdp on " + network.iface() + " (" + mode + ")"));
  const std::vector<std::string> lines = split_lines(done.out);
  REQUIRE_FALSE(lines.empty());
  return lines.back();
}

}  // namespace

TEST_CASE("xdp_count counts each frame once, and all of them pass") {
  for (const std::string mode : {"generic", "native"}) {
    INFO(mode);
    Network network;
    const std::string line = last_line(network, "xdp_count", mode, {}, [&] {
      network.send(frame_of(private_protocol), 1000);
      network.send(udp4(53), 24);
      network.send(cut(frame_of(private_protocol), 14), 3);
    });
    CHECK(line == "Received 1027 packets");
    CHECK(network.arrived() == 1027);
  }
}

TEST_CASE("xdp_count shows no packets if there were none") {
  Network network;
  CHECK(last_line(network, "xdp_count", "native", {}, [] {}) == "Received 0 packets");
}

TEST_CASE("xdp_count without a mode uses driver mode, and says so") {
  Network network;
  Probe probe(in_network(network.name(),
                         probe_command(spec_file("xdp_count"), {"--set", "iface=" + network.iface()})));
  network.send(frame_of(private_protocol), 5);
  // The map is polled every second, so counts appear while the probe runs, too.
  CHECK(probe.process().wait_for_out("Received 5 packets\n", patiently(std::chrono::seconds(5))));
  const Finished done = probe.stop();
  CHECK(done.status == 0);
  CHECK(contains(done.err, "(native)"));
  network.send(frame_of(private_protocol), 5);  // the interface still works
}

TEST_CASE("xdp_drop_non_ip drops what is not IP, and recognizes IP after VLAN tags") {
  for (const std::string mode : {"generic", "native"}) {
    INFO(mode);
    Network network;
    const std::string line = last_line(network, "xdp_drop_non_ip", mode, {}, [&] {
      network.send(frame_of(arp_protocol), 40, Network::Fate::dropped);
      network.send(udp4(53), 100);
      network.send(with_vlan_tag(frame_of(arp_protocol)), 3, Network::Fate::dropped);
      network.send(frame_of(private_protocol), 4, Network::Fate::dropped);
      network.send(cut(frame_of(arp_protocol), 14), 1, Network::Fate::dropped);
      network.send(udp6(53), 10);
      network.send(with_vlan_tag(udp4(53)), 5);
      network.send(with_vlan_tag(with_vlan_tag(udp6(53)), 0x88a8), 2);
    });
    CHECK(line == "passed 117  dropped 48");
    CHECK(network.arrived() == 117);
  }
}

TEST_CASE("packet_stats counts packets, drops UDP to the port, and detects malformed packets") {
  for (const std::string mode : {"generic", "native"}) {
    INFO(mode);
    Network network;
    const std::string line = last_line(network, "packet_stats", mode, {"--set", "port=5353"}, [&] {
      network.send(udp4(5353), 20, Network::Fate::dropped);
      network.send(udp4(5354), 30);
      network.send(udp6(5353), 5, Network::Fate::dropped);
      network.send(udp6_behind_options(5353), 4, Network::Fate::dropped);
      network.send(with_vlan_tag(udp4(5353)), 3, Network::Fate::dropped);
      network.send(tcp4(5353), 7);
      network.send(cut(udp4(5353), 14 + 10), 6);      // a truncated IPv4 header
      network.send(cut(udp4(5353), 14 + 20 + 4), 2);  // a truncated UDP header
      network.send(frame_of(private_protocol), 9);
    });
    CHECK(line == "processed 86  dropped 32  errors 8");
    CHECK(network.arrived() == 54);
  }
}

TEST_CASE("packet_stats drops nothing without a port") {
  Network network;
  const std::string line =
      last_line(network, "packet_stats", "native", {}, [&] { network.send(udp4(5353), 11); });
  CHECK(line == "processed 11  dropped 0  errors 0");
}

TEST_CASE("the error for an interface that does not exist names it and suggests a similar one") {
  Network network;
  const std::string wrong = network.iface() + "x";
  const Finished done =
      run(in_network(network.name(), probe_command(spec_file("xdp_count"), {"--set", "iface=" + wrong})));
  CHECK(done.status == 1);
  CHECK(done.out.empty());
  CHECK(contains(done.err, "network interface \"" + wrong + "\" is not found"));
  CHECK(contains(done.err, "did you mean \"" + network.iface() + "\"?"));
}
