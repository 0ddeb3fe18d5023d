// HTTP as a test speaks it: raw bytes over a socket, so that it can be wrong on purpose.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "support/fd.h"

namespace test {

// A connection to 127.0.0.1; throws where there is none.
probe_run::Fd connect_to(std::uint16_t port);
void send_bytes(const probe_run::Fd& socket, std::string_view bytes);  // what the other side takes
// Until the other side closes, or the time is over.
std::string receive_all(const probe_run::Fd& socket, std::chrono::milliseconds patience);

// The whole answer to GET `path`.
std::string http_get(std::uint16_t port, std::string_view path, std::string_view headers = {});
// What stands behind the headers.
std::string http_body(const std::string& answer);

}  // namespace test
