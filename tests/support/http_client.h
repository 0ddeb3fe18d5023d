// HTTP with raw bytes over a socket, so that a test can send invalid requests.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "support/fd.h"

namespace test {

// A connection to 127.0.0.1; throws if it is refused.
probe_run::Fd connect_to(std::uint16_t port);
void send_bytes(const probe_run::Fd& socket, std::string_view bytes);  // sends what the peer accepts
// Reads until the peer closes the connection, or the time is over.
std::string receive_all(const probe_run::Fd& socket, std::chrono::milliseconds patience);

// The whole response to GET `path`.
std::string http_get(std::uint16_t port, std::string_view path, std::string_view headers = {});
// The body, after the headers.
std::string http_body(const std::string& answer);

}  // namespace test
