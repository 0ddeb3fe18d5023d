#include "sink/permitted_hosts.h"

#include <arpa/inet.h>

#include <algorithm>

namespace probe_run {
namespace {

bool same(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

bool is_address(int family, std::string_view text) {
  in6_addr address{};
  char zero_ended[INET6_ADDRSTRLEN] = {};
  if (text.size() >= sizeof zero_ended) return false;
  text.copy(zero_ended, text.size());
  return ::inet_pton(family, static_cast<const char*>(zero_ended), &address) == 1;
}

std::string_view without_last_dot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

}  // namespace

std::string_view PermittedHosts::name_in(std::string_view host) noexcept {
  if (host.starts_with('[')) return host.substr(0, std::min(host.find(']'), host.size() - 1) + 1);
  return host.substr(0, host.find(':'));
}

bool PermittedHosts::permits(std::string_view host) const noexcept {
  const std::string_view name = without_last_dot(name_in(host));
  if (name.empty() || same(name, "localhost") || is_address(AF_INET, name)) return true;
  if (name.starts_with('[') && name.ends_with(']') && is_address(AF_INET6, name.substr(1, name.size() - 2)))
    return true;
  return std::any_of(names_.begin(), names_.end(), [&](std::string_view permitted) {
    if (permitted == "*") return true;
    permitted = without_last_dot(permitted);
    if (!permitted.starts_with('.')) return same(name, permitted);
    return same(name, permitted.substr(1)) ||
           (name.size() > permitted.size() && same(name.substr(name.size() - permitted.size()), permitted));
  });
}

bool PermittedHosts::is_valid(std::string_view name) noexcept {
  if (name == "*") return true;
  if (name.starts_with('.')) name.remove_prefix(1);
  name = without_last_dot(name);
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return !name.empty() && !name.starts_with('.') && name.find("..") == std::string_view::npos &&
         std::all_of(name.begin(), name.end(), is_part);
}

}  // namespace probe_run
