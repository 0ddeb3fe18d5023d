// An interface takes one XDP program; and nothing of a run outlives it.
#include <csignal>

#include "actor.h"
#include "bpf_objects.h"
#include "network.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;

namespace {

std::vector<std::string> counting(const Network& network) {
  return in_network(network.name(),
                    probe_command(spec_file("xdp_count"), {"--set", "iface=" + network.iface()}));
}

std::uint32_t program_on(const Network& network) {
  std::uint32_t id = 0;
  network.inside([&] { id = xdp_program_on(network.iface()); });
  return id;
}

// Programs on tracepoints have links since Linux 5.15; before that, the descriptors of their events hold
// them.
std::size_t links_of_tracepoints(std::size_t programs) {
  return kernel_is_at_least(5, 15) ? programs : 0;
}

void check_killed(Probe& probe, std::size_t links) {
  const BpfIds ids = bpf_ids_of(probe.pid());
  CHECK(ids.links.size() == links);
  CHECK(ids.programs.size() >= links);
  CHECK_FALSE(ids.maps.empty());
  CHECK(remaining(ids).size() == ids.links.size() + ids.programs.size() + ids.maps.size());
  CHECK(probe.stop(SIGKILL).status == 128 + SIGKILL);
  // The kernel frees them a little later.
  std::vector<std::string> left;
  CHECK(eventually([&] { return (left = remaining(ids)).empty(); }));
  CAPTURE(left);
  CHECK(left.empty());
}

}  // namespace

TEST_CASE("an interface that another run uses is refused, and the other run continues") {
  Network network;
  Probe first(counting(network));
  const std::uint32_t before = program_on(network);
  REQUIRE(before != 0);

  const Finished second = run(counting(network));
  INFO(second.err);
  CHECK(second.status == 1);
  CHECK(second.out.empty());
  CHECK(contains(second.err, network.iface()));
  CHECK(contains(second.err,
                 "already has the XDP program \"count_packets\" (id " + std::to_string(before) + ")"));
  CHECK(contains(second.err, "bpftool link show id"));
  CHECK(program_on(network) == before);

  network.send(frame_of(private_protocol), 10);
  const std::vector<std::string> lines = split_lines(first.stop().out);
  REQUIRE_FALSE(lines.empty());
  CHECK(lines.back() == "Received 10 packets");
  CHECK(program_on(network) == 0);
}

TEST_CASE("an interface with an XDP program attached without a link is refused, and that program stays") {
  Network network;
  std::uint32_t before = 0;
  network.inside([&] { before = put_xdp_program_on(network.iface()); });
  const Finished done = run(counting(network));
  INFO(done.err);
  CHECK(done.status == 1);
  CHECK(contains(done.err, "xdp on " + network.iface()));
  CHECK(contains(done.err, " already has the XDP program \"first_comer\" (id " + std::to_string(before) +
                               ") in native mode"));
  CHECK(contains(done.err, "`ip link set dev " + network.iface() + " xdpdrv off` removes it"));
  CHECK(program_on(network) == before);
  // The command of the hint works.
  CHECK(run({"ip", "-n", network.name(), "link", "set", "dev", network.iface(), "xdpdrv", "off"}).status ==
        0);
  CHECK(program_on(network) == 0);
}

TEST_CASE("a run that is killed leaves no XDP program") {
  Network network;
  Probe probe(counting(network));
  REQUIRE(program_on(network) != 0);
  check_killed(probe, 1);
  CHECK(program_on(network) == 0);
}

TEST_CASE("a run that is killed leaves no tracepoint program") {
  Probe probe(probe_command(spec_file("opensnoop"), {"--set", "pid=1"}));
  check_killed(probe, links_of_tracepoints(6));
}

TEST_CASE("a run that is killed leaves no tracefs instance") {
  Probe probe(probe_command(spec_file("hello")));
  check_killed(probe, 1 + links_of_tracepoints(1));
}

TEST_CASE("a run that ends normally leaves nothing either") {
  Probe probe(probe_command(own_spec_file("flood"), {"--set", "pid=1"}));
  const BpfIds ids = bpf_ids_of(probe.pid());
  CHECK(ids.links.size() == 1);
  CHECK(probe.stop().status == 0);
  CHECK(eventually([&] { return remaining(ids).empty(); }));
}
