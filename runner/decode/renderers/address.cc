// Network addresses, in network byte order as in packets and sockets.
#include <arpa/inet.h>
#include <fmt/format.h>

#include "decode/renderer.h"
#include "support/integer.h"

namespace probe_run {
namespace {

void print_inet(int family, const Field& field, Bytes record, TextBuffer& out) noexcept {
  char text[INET6_ADDRSTRLEN];
  if (inet_ntop(family, record.data() + field.offset(), text, sizeof text) != nullptr) out.append(text);
}

void print_ipv4(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  print_inet(AF_INET, field, record, out);
}

void print_ipv6(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  print_inet(AF_INET6, field, record, out);
}

void print_ip(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  print_inet(field.size == 4 ? AF_INET : AF_INET6, field, record, out);
}

void print_mac(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  for (std::size_t i = 0; i < 6; ++i) {
    if (i > 0) out.append(':');
    append_hex(out, record[field.offset() + i]);
  }
}

void print_port(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  const auto high = std::to_integer<std::uint64_t>(record[field.offset()]);
  const auto low = std::to_integer<std::uint64_t>(record[field.offset() + 1]);
  append_number(out, high << 8 | low);
}

using Compared = Renderer::Compared;
using enum Renderer::Takes;
using Form = Renderer::Form;
constexpr Renderer table[] = {
    {.name = "ipv4",
     .doc = "An IPv4 address.",
     .takes = bytes_4,
     .form = Form::string,
     .print = print_ipv4,
     .compared = Compared::ip,
     .network_bytes = 4},
    {.name = "ipv6",
     .doc = "An IPv6 address.",
     .takes = bytes_16,
     .form = Form::string,
     .print = print_ipv6,
     .compared = Compared::ip},
    {.name = "ip",
     .doc = "An IPv4 address in 4 bytes, an IPv6 address in 16.",
     .takes = bytes_4_or_16,
     .form = Form::string,
     .print = print_ip,
     .compared = Compared::ip,
     .network_bytes = 4},
    {.name = "mac",
     .doc = "An Ethernet address.",
     .takes = bytes_6,
     .form = Form::string,
     .print = print_mac,
     .compared = Compared::mac},
    {.name = "port",
     .doc = "A port in network byte order.",
     .takes = bytes_2_or_integer,
     .form = Form::number,
     .print = print_port,
     .network_bytes = 2},
};

}  // namespace

std::span<const Renderer> address_renderers() {
  return table;
}

}  // namespace probe_run
