#include "network.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <fstream>
#include <stdexcept>

#include "machine.h"
#include "support/process.h"

namespace test {
namespace {

constexpr std::uint16_t all_protocols = 3;  // ETH_P_ALL

void ip(std::vector<std::string> words) {
  words.insert(words.begin(), "ip");
  const Finished done = run(words);
  std::string text;
  for (const std::string& word : words) text += word + ' ';
  if (done.status != 0) throw std::runtime_error(text + "failed: " + done.err);
}

// Calls the function in the network namespace of that name.
void in_namespace(const std::string& name, const std::function<void()>& call) {
  const int before = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  const int there = ::open(("/run/netns/" + name).c_str(), O_RDONLY | O_CLOEXEC);
  if (before < 0 || there < 0 || ::setns(there, CLONE_NEWNET) != 0)
    throw std::runtime_error("cannot enter " + name);
  std::exception_ptr failure;
  try {
    call();
  } catch (...) {
    failure = std::current_exception();
  }
  ::setns(before, CLONE_NEWNET);
  ::close(before);
  ::close(there);
  if (failure) std::rethrow_exception(failure);
}

// A kernel without IPv6 has no such file, and no such noise.
void silence_ipv6() {
  for (const char* const which : {"default", "all"}) {
    std::ofstream(std::string("/proc/sys/net/ipv6/conf/") + which + "/disable_ipv6") << "1\n";
  }
}

int packet_socket(const std::string& iface, std::uint16_t protocol) {
  const int fd = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(protocol));
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(protocol);
  address.sll_ifindex = static_cast<int>(::if_nametoindex(iface.c_str()));
  const void* const generic = &address;
  if (fd < 0 || ::bind(fd, static_cast<const sockaddr*>(generic), sizeof address) != 0) {
    throw std::runtime_error("cannot open a packet socket on " + iface + ": " + std::strerror(errno));
  }
  return fd;
}

void send_frame(int fd, const Frame& frame) {
  if (::send(fd, frame.data(), frame.size(), 0) != static_cast<ssize_t>(frame.size())) {
    throw std::runtime_error(std::string("cannot send a frame: ") + std::strerror(errno));
  }
}

// So that no frame overtakes another in the queues of two CPUs.
class OneCpu {
 public:
  OneCpu() {
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    ::sched_getaffinity(0, sizeof before_, &before_);
    ::sched_setaffinity(0, sizeof first, &first);
  }
  ~OneCpu() { ::sched_setaffinity(0, sizeof before_, &before_); }
  OneCpu(const OneCpu&) = delete;
  OneCpu& operator=(const OneCpu&) = delete;

 private:
  cpu_set_t before_{};
};

}  // namespace

Network::Network()
    : near_(unique_name("prn")),
      far_(unique_name("prf")),
      near_iface_(unique_name("n")),
      far_iface_(unique_name("f")) {
  try {
    ip({"netns", "add", near_});
    ip({"netns", "add", far_});
    in_namespace(near_, silence_ipv6);
    in_namespace(far_, silence_ipv6);
    join();
    open_sockets();
  } catch (...) {
    remove();
    throw;
  }
}

Network::~Network() {
  remove();
}

void Network::remove() {
  ::close(sender_);
  ::close(receiver_);
  run({"ip", "netns", "del", near_});
  run({"ip", "netns", "del", far_});
}

void Network::join() {
  ip({"-n", near_, "link", "add", near_iface_, "type", "veth", "peer", "name", far_iface_, "netns", far_});
  ip({"-n", near_, "link", "set", near_iface_, "arp", "off", "up"});
  ip({"-n", far_, "link", "set", far_iface_, "arp", "off", "up"});
}

void Network::open_sockets() {
  in_namespace(near_, [&] { receiver_ = packet_socket(near_iface_, all_protocols); });
  in_namespace(far_, [&] { sender_ = packet_socket(far_iface_, 0); });
}

void Network::inside(const std::function<void()>& call) const {
  in_namespace(near_, call);
}

std::size_t Network::arrived() {
  char bytes[2048];
  for (ssize_t size = 0; (size = ::recv(receiver_, bytes, sizeof bytes, 0)) > 0;) ++arrived_;
  return arrived_;
}

void Network::send(const Frame& frame, std::size_t count, Fate fate) {
  if (fate == Fate::dropped && count > most_unanswered)
    throw std::logic_error("too many frames without an answer");
  const OneCpu one_cpu;
  while (count > 0) {
    const std::size_t some = std::min(count, most_unanswered);
    const std::size_t all = arrived() + some;
    for (std::size_t i = 0; i < some; ++i) send_frame(sender_, frame);
    if (fate == Fate::arrives && !eventually([&] { return arrived() >= all; })) {
      throw std::runtime_error("frames did not arrive");
    }
    count -= some;
  }
}

}  // namespace test
