#include "attach/tc_filter.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "attach/detach_again.h"
#include "support/error.h"
#include "support/status.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::size_t answer_size = 32768;  // the largest part of a dump

bpf_tc_hook hook_of(int interface, bpf_tc_attach_point direction) {
  auto hook = zeroed_options<bpf_tc_hook>();
  hook.ifindex = interface;
  hook.attach_point = direction;
  return hook;
}

struct Request {
  nlmsghdr header{};
  tcmsg message{};
  Request(std::uint16_t type, int interface) {
    header.nlmsg_len = sizeof *this;
    header.nlmsg_type = type;
    header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    message.tcm_family = AF_UNSPEC;
    message.tcm_ifindex = interface;
  }
};

// Netlink's own macros for this are C. Headers and their contents lie at multiples of 4 bytes.
constexpr std::size_t aligned(std::size_t size) {
  return (size + 3) & ~std::size_t{3};
}

// The header at the beginning; nullopt if it is missing or its length exceeds the buffer.
template <class Header>
std::optional<Header> header_of(std::string_view bytes, std::size_t (*size)(const Header&)) {
  Header header{};
  if (bytes.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (size(header) < sizeof header || size(header) > bytes.size()) return std::nullopt;
  return header;
}

std::size_t size_of_message(const nlmsghdr& header) {
  return header.nlmsg_len;
}
std::size_t size_of_attribute(const rtattr& attribute) {
  return attribute.rta_len;
}

// Calls visit with the type and the contents of each attribute.
template <class Call>
void for_each_attribute(std::string_view bytes, Call call) {
  while (const std::optional<rtattr> attribute = header_of<rtattr>(bytes, size_of_attribute)) {
    call(attribute->rta_type & NLA_TYPE_MASK,
         bytes.substr(sizeof *attribute, attribute->rta_len - sizeof *attribute));
    bytes.remove_prefix(std::min(aligned(attribute->rta_len), bytes.size()));
  }
}

std::string text_of(std::string_view bytes) {
  return std::string(bytes.substr(0, bytes.find('\0')));
}

// The common header of filters and qdiscs; all 0 if the message is too short.
tcmsg head_of(std::string_view bytes) {
  tcmsg message{};
  if (bytes.size() >= sizeof message) std::memcpy(&message, bytes.data(), sizeof message);
  return message;
}

TcFilterInfo read_filter(std::string_view bytes) {
  TcFilterInfo info;
  const tcmsg message = head_of(bytes);
  info.priority = message.tcm_info >> 16;
  info.handle = message.tcm_handle;
  for_each_attribute(bytes.substr(std::min(aligned(sizeof message), bytes.size())),
                     [&](int type, std::string_view value) {
                       if (type == TCA_KIND) info.kind = text_of(value);
                       if (type != TCA_OPTIONS) return;
                       for_each_attribute(value, [&](int option, std::string_view name) {
                         if (option == TCA_BPF_NAME) info.program = text_of(name);
                       });
                     });
  return info;
}

// Calls visit with the contents of each message of that type in the kernel's answer. False if the answer is
// incomplete.
template <class Call>
bool dump(const Request& request, std::uint16_t type, Call call) {
  const Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!socket || ::send(socket.get(), &request, sizeof request, 0) != sizeof request) return false;
  std::vector<char> answer(answer_size);
  while (true) {
    const ssize_t got = ::recv(socket.get(), answer.data(), answer.size(), 0);
    if (got <= 0) return false;
    std::string_view bytes(answer.data(), static_cast<std::size_t>(got));
    while (const std::optional<nlmsghdr> header = header_of<nlmsghdr>(bytes, size_of_message)) {
      if (header->nlmsg_type == NLMSG_DONE) return true;
      if (header->nlmsg_type == NLMSG_ERROR) return false;
      if (header->nlmsg_type == type) call(bytes.substr(sizeof *header, header->nlmsg_len - sizeof *header));
      bytes.remove_prefix(std::min(aligned(header->nlmsg_len), bytes.size()));
    }
  }
}

}  // namespace

std::optional<std::vector<TcFilterInfo>> tc_filters(int interface, bpf_tc_attach_point direction) {
  Request request(RTM_GETTFILTER, interface);
  request.message.tcm_parent =
      TC_H_MAJ(TC_H_CLSACT) | (direction == BPF_TC_INGRESS ? TC_H_MIN_INGRESS : TC_H_MIN_EGRESS);
  std::vector<TcFilterInfo> filters;
  const bool whole = dump(request, RTM_NEWTFILTER, [&](std::string_view message) {
    TcFilterInfo info = read_filter(message);
    // Each priority is first listed alone, without a handle.
    if (info.handle != 0) filters.push_back(std::move(info));
  });
  if (!whole) return std::nullopt;
  return filters;
}

bool has_ingress_qdisc(int interface) {
  bool found = false;
  // The kernel always lists the qdiscs of all interfaces.
  dump(Request(RTM_GETQDISC, interface), RTM_NEWQDISC, [&](std::string_view message) {
    const tcmsg qdisc = head_of(message);
    found = found || (qdisc.tcm_ifindex == interface && read_filter(message).kind == "ingress");
  });
  return found;
}

TcFilter::TcFilter(const Place& place) : place_(place), reserved_(::open("/", O_PATH | O_CLOEXEC)) {}

TcFilter::TcFilter(TcFilter&& other) noexcept
    : place_(std::exchange(other.place_, Place{})), reserved_(std::move(other.reserved_)) {}

// 0 where it is gone, or is another's by now.
int TcFilter::remove() const noexcept {
  const auto gone = [](int error) { return error == ENOENT || error == ENODEV || error == EINVAL; };
  const bpf_tc_hook hook = hook_of(place_.interface, place_.direction);
  auto options = zeroed_options<bpf_tc_opts>();
  options.handle = place_.handle;
  options.priority = place_.priority;
  if (const int error = -bpf_tc_query(&hook, &options); error != 0) return gone(error) ? 0 : error;
  // Another process may have replaced it.
  if (place_.program_id != 0 && options.prog_id != place_.program_id) return 0;
  auto own = zeroed_options<bpf_tc_opts>();
  own.handle = place_.handle;
  own.priority = place_.priority;
  const int error = -bpf_tc_detach(&hook, &own);
  return gone(error) ? 0 : error;
}

TcFilter::~TcFilter() {
  if (place_.interface == 0) return;
  reserved_.reset();
  int error = detach_again([&] { return remove(); });
  char name[IF_NAMESIZE] = "";
  if (error != 0 && ::if_indextoname(static_cast<unsigned>(place_.interface), name) != nullptr) {
    print_status(
        Patience::of_a_run,
        "warning: the filter of tc on {0} stays in force: {1}; to remove it: tc filter del dev {0} {2} "
        "prio {3} handle {4:#x} bpf",
        escape_for_terminal(name), errno_text(error),
        place_.direction == BPF_TC_INGRESS ? "ingress" : "egress", place_.priority, place_.handle);
  }
  if (error == 0 && place_.made_qdisc) {
    error = detach_again([&] { return remove_empty_clsact(place_.interface); });
    if (error != 0 && ::if_indextoname(static_cast<unsigned>(place_.interface), name) != nullptr) {
      print_status(Patience::of_a_run,
                   "warning: the qdisc clsact of {0} stays: {1}; to remove it: tc qdisc del dev {0} clsact",
                   escape_for_terminal(name), errno_text(error));
    }
  }
}

void remove_filters(int interface, bpf_tc_attach_point direction, std::uint32_t program_id) {
  const std::string own = fmt::format(":[{}]", program_id);
  for (const TcFilterInfo& filter : tc_filters(interface, direction).value_or(std::vector<TcFilterInfo>())) {
    if (filter.program.ends_with(own))
      static_cast<void>(TcFilter({interface, direction, filter.handle, filter.priority, program_id, false}));
  }
}

int remove_empty_clsact(int interface) noexcept {
  for (const bpf_tc_attach_point direction : {BPF_TC_INGRESS, BPF_TC_EGRESS}) {
    const auto filters = tc_filters(interface, direction);
    if (!filters) return errno;
    if (!filters->empty()) return 0;
  }
  bpf_tc_hook hook = hook_of(interface, static_cast<bpf_tc_attach_point>(BPF_TC_INGRESS | BPF_TC_EGRESS));
  const int error = -bpf_tc_hook_destroy(&hook);
  return error == ENOENT || error == ENODEV || error == EINVAL ? 0 : error;
}

}  // namespace probe_run
