// Attach points at network namespaces, at the sockets of a map, and in the kernel's TCP.
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <linux/if_packet.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "attach_spec.h"
#include "attach_variants.h"
#include "bpf_objects.h"
#include "network.h"
#include "socket_acts.h"
#include "support/process.h"

namespace test {
namespace {

using nlohmann::json;
using probe_run::Fd;

// A socket in a fanout group by hash: the kernel has to dissect the headers of its packets.
Fd fanout_socket() {
  Fd fd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(private_protocol)));
  const int group = 7 | PACKET_FANOUT_HASH << 16;
  if (!fd || ::setsockopt(fd.get(), SOL_PACKET, PACKET_FANOUT, &group, sizeof group) != 0)
    throw std::runtime_error(std::string("no fanout: ") + std::strerror(errno));
  return fd;
}

// The sockmap of a running probe.
Fd sockets_of(pid_t probe) {
  for (const std::uint32_t id : bpf_ids_of(probe).maps) {
    Fd map(bpf_map_get_fd_by_id(id));
    bpf_map_info info{};
    std::uint32_t size = sizeof info;
    if (map && bpf_obj_get_info_by_fd(map.get(), &info, &size) == 0 && info.type == BPF_MAP_TYPE_SOCKMAP)
      return map;
  }
  throw std::runtime_error("the probe has no sockmap");
}

// A byte passes between two sockets that are in the map.
void pass_byte_through(pid_t probe) {
  const Fd map = sockets_of(probe);
  const Connection connection = connect_loopback();
  std::uint32_t key = 0;
  for (const Fd* const fd : {&connection.server, &connection.client}) {
    const auto value = static_cast<std::uint64_t>(fd->get());
    if (bpf_map_update_elem(map.get(), &key, &value, BPF_ANY) != 0)
      throw std::runtime_error(std::string("cannot add a socket to the map: ") + std::strerror(errno));
    ++key;
  }
  pass_byte(connection);
}

void add_sockmap(std::vector<AttachVariant>& all, const std::shared_ptr<Network>& network) {
  const json point{{"type", "sockmap"}, {"map", "sockets"}};
  const auto add = [&](const std::string& variant, const json& spec) {
    all.push_back({"sockmap",
                   variant,
                   {spec},
                   [network](pid_t probe) { network->inside([&] { pass_byte_through(probe); }); },
                   network->name()});
  };
  json parser = spec_of("on_parser", point);
  parser["programs"].push_back({{"name", "passes"}, {"attach", point}});
  add("sk_skb/stream_parser", parser);
  add("sk_skb/stream_verdict", spec_of("on_stream_verdict", point));
  add("sk_skb/verdict", spec_of("on_verdict", point));
  add("sk_msg", spec_of("on_message", point));
}

// A connection that uses the probe's congestion control.
void send_with_own_control() {
  const Connection connection = connect_loopback();
  constexpr std::string_view name = "probe_run_cc";
  if (::setsockopt(connection.client.get(), IPPROTO_TCP, TCP_CONGESTION, name.data(), name.size()) != 0)
    throw std::runtime_error(std::string("TCP_CONGESTION: ") + std::strerror(errno));
  for (int i = 0; i < 3; ++i) pass_byte(connection);
}

}  // namespace

std::vector<AttachVariant> socket_variants() {
  const auto network = std::make_shared<Network>();
  network->inside([] { run({"ip", "link", "set", "lo", "up"}); });
  std::vector<AttachVariant> all;
  all.push_back({"sk_lookup",
                 "",
                 {spec_of("on_lookup", {{"type", "sk_lookup"}, {"netns", network->name()}})},
                 [network](pid_t) { network->inside([] { exchange_datagram(AF_INET); }); }});
  all.push_back({"flow_dissector",
                 "",
                 {spec_of("on_dissector", {{"type", "flow_dissector"}, {"netns", network->name()}})},
                 [network](pid_t) {
                   network->inside([&] {
                     const Fd fanout = fanout_socket();
                     network->send(frame_of(private_protocol), 3);
                   });
                 }});
  add_sockmap(all, network);
  all.push_back(
      {"struct_ops",
       "TCP congestion control",
       {spec_of("threshold", {{"type", "struct_ops"}, {"map", "probe_run_cc"}}, "congestion.bpf.o")},
       [network](pid_t) { network->inside(send_with_own_control); }});
  return all;
}

}  // namespace test
