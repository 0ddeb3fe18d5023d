// Attach points at network interfaces and in netfilter.
#include <net/if.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "attach_spec.h"
#include "attach_variants.h"
#include "machine.h"
#include "network.h"
#include "socket_acts.h"
#include "support/process.h"

namespace test {
namespace {

using nlohmann::json;

constexpr std::size_t packets = 5;

void add_xdp(std::vector<AttachVariant>& all, const std::shared_ptr<Network>& network) {
  for (const std::string mode : {"generic", "native", "auto", "offload"}) {
    all.push_back({"xdp",
                   mode,
                   {spec_of("on_xdp", {{"type", "xdp"}, {"iface", network->iface()}, {"mode", mode}})},
                   [network](pid_t) { network->send(frame_of(private_protocol), packets); },
                   network->name(),
                   packets});
  }
}

void add_tc(std::vector<AttachVariant>& all, const std::shared_ptr<Network>& network) {
  for (const auto& [type, program] : {std::pair("tc", "on_tc"), std::pair("tcx", "on_tcx")}) {
    const json point{{"type", type}, {"iface", network->iface()}};
    json ingress = point, egress = point;
    ingress["direction"] = "ingress";
    egress["direction"] = "egress";
    all.push_back({type,
                   "ingress",
                   {spec_of(program, ingress)},
                   [network](pid_t) { network->send(frame_of(private_protocol), packets); },
                   network->name(),
                   packets});
    all.push_back({type,
                   "egress",
                   {spec_of(program, egress)},
                   [network](pid_t) { network->inside([&] { send_out_of(network->iface(), true); }); },
                   network->name(),
                   1});
  }
}

// The name that the kernel gave the other end.
std::string peer_of(const std::string& primary, const Network& network) {
  std::string peer;
  network.inside([&] {
    for (unsigned index = 1; index < 100; ++index) {
      char name[IF_NAMESIZE] = {};
      if (::if_indextoname(index, name) == nullptr) continue;
      if (name != primary && name != network.iface() && name != std::string("lo")) peer = name;
    }
  });
  return peer;
}

// `ip` of some distributions does not know the options of netkit. Without options, the kernel names the peer.
void add_netkit(std::vector<AttachVariant>& all, const std::shared_ptr<Network>& network) {
  const std::string primary = unique_name("k");
  const bool has_netkit =
      run({"ip", "-n", network->name(), "link", "add", primary, "type", "netkit"}).status == 0;
  const std::string peer = has_netkit ? peer_of(primary, *network) : std::string();
  if (has_netkit) {
    for (const std::string& end : {primary, peer})
      run({"ip", "-n", network->name(), "link", "set", end, "up"});
  }
  for (const auto& [end, sender] : {std::pair("primary", primary), std::pair("peer", peer)}) {
    // A kernel without netkit cannot create the interface; the attach must then fail as it does for any other
    // interface.
    all.push_back(
        {"netkit",
         end,
         {spec_of("on_netkit",
                  {{"type", "netkit"}, {"iface", has_netkit ? primary : network->iface()}, {"end", end}})},
         [network, sender = sender](pid_t) { network->inside([&] { send_out_of(sender, false); }); },
         network->name(),
         1});
  }
}

// A namespace that sends through the namespace of the network, which must forward.
class Forwarded {
 public:
  explicit Forwarded(const Network& network)
      : network_(network.name()), name_(unique_name("fwd")), near_(unique_name("w")), far_(unique_name("v")) {
    run({"ip", "netns", "add", name_});
    ip(network_, {"link", "add", near_, "type", "veth", "peer", "name", far_, "netns", name_});
    ip(network_, {"addr", "add", "198.51.100.1/24", "dev", near_});
    ip(network_, {"link", "set", near_, "up"});
    ip(network_, {"route", "add", "203.0.113.0/24", "dev", network.iface()});
    ip(name_, {"addr", "add", "198.51.100.2/24", "dev", far_});
    ip(name_, {"link", "set", far_, "up"});
    ip(name_, {"route", "add", "default", "via", "198.51.100.1"});
    network.inside([] {
      std::ofstream("/proc/sys/net/ipv4/ip_forward") << "1\n";
      std::ofstream("/proc/sys/net/ipv4/conf/all/rp_filter") << "0\n";
    });
  }
  ~Forwarded() { run({"ip", "netns", "del", name_}); }
  Forwarded(const Forwarded&) = delete;
  Forwarded& operator=(const Forwarded&) = delete;
  // Returns once the packet was forwarded. First waits until the neighbour's address is resolved.
  void send() const {
    const std::uint64_t before = forwarded();
    run({"ip", "netns", "exec", name_, "bash", "-c", "echo test > /dev/udp/203.0.113.9/9"});
    if (!eventually([&] { return forwarded() > before; }))
      throw std::runtime_error("a packet was not forwarded");
  }

 private:
  // ForwDatagrams in the two lines of /proc/net/snmp that begin with "Ip:", of names and of values.
  std::uint64_t forwarded() const {
    const Finished done = run({"ip", "netns", "exec", network_, "cat", "/proc/net/snmp"});
    std::istringstream text(done.out);
    std::string line;
    std::getline(text, line);
    std::istringstream names(line);
    std::getline(text, line);
    std::istringstream values(line);
    std::string name, value;
    while (names >> name && values >> value) {
      if (name == "ForwDatagrams") return std::stoull(value);
    }
    throw std::runtime_error("no ForwDatagrams in: " + done.out);
  }
  static void ip(const std::string& where, std::vector<std::string> words) {
    words.insert(words.begin(), {"ip", "-n", where});
    const Finished done = run(words);
    if (done.status != 0) throw std::runtime_error("ip failed: " + done.err);
  }
  std::string network_, name_, near_, far_;
};

void add_netfilter(std::vector<AttachVariant>& all, const std::shared_ptr<Network>& network) {
  network->inside([] {
    run({"ip", "link", "set", "lo", "up"});
    std::ofstream("/proc/sys/net/ipv6/conf/lo/disable_ipv6") << "0\n";
    run({"ip", "-6", "addr", "add", "::1/128", "dev", "lo"});
  });
  const auto forwarded = std::make_shared<Forwarded>(*network);
  for (const auto& [family, name] : {std::pair(AF_INET, "ipv4"), std::pair(AF_INET6, "ipv6")}) {
    for (const std::string hook : {"pre_routing", "local_in", "local_out", "post_routing", "forward"}) {
      const bool forwards = hook == "forward";
      if (forwards && family == AF_INET6) continue;
      all.push_back({"netfilter",
                     std::string(name) + " " + hook,
                     {spec_of("on_netfilter",
                              {{"type", "netfilter"}, {"family", name}, {"hook", hook}, {"priority", 10}})},
                     [network, forwarded, forwards, family = family](pid_t) {
                       if (forwards) return forwarded->send();
                       network->inside([&] { exchange_datagram(family); });
                     },
                     network->name()});
    }
  }
}

}  // namespace

std::vector<AttachVariant> packet_variants() {
  const auto network = std::make_shared<Network>();
  std::vector<AttachVariant> all;
  add_xdp(all, network);
  add_tc(all, network);
  add_netkit(all, network);
  add_netfilter(all, network);
  return all;
}

}  // namespace test
