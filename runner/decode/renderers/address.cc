// Network addresses, in network byte order as packets and sockets have them.
#include <arpa/inet.h>
#include <fmt/format.h>

#include "decode/renderer.h"
#include "support/digits.h"

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

using enum Renderer::Takes;
using enum Renderer::Form;
constexpr Renderer table[] = {
    {"ipv4", "An IPv4 address.", bytes_4, string, print_ipv4, nullptr, {}, 4},
    {"ipv6", "An IPv6 address.", bytes_16, string, print_ipv6},
    {"ip",
     "An IPv4 address in 4 bytes, an IPv6 address in 16.",
     bytes_4_or_16,
     string,
     print_ip,
     nullptr,
     {},
     4},
    {"mac", "An Ethernet address.", bytes_6, string, print_mac},
    {"port", "A port in network byte order.", bytes_2_or_integer, number, print_port, nullptr, {}, 2},
};

}  // namespace

std::span<const Renderer> address_renderers() {
  return table;
}

}  // namespace probe_run
