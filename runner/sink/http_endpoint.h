// /metrics over HTTP, answered by the thread that calls run(): the caller waits for fd() and deadline()
// beside everything else it waits for.
//
// Whoever can connect may be slow, silent or hostile. There are at most `most_connections`: for a new one the
// oldest that waits has to go, so nobody can keep a scraper out by holding connections. A request has to be
// there after `patience` and an answer taken after `patience` more. Requests have no bodies and short
// headers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "sink/http_accept.h"
#include "sink/listen_address.h"
#include "sink/permitted_hosts.h"
#include "support/interlude.h"
#include "support/text_buffer.h"

namespace probe_run {

class HttpEndpoint {
 public:
  // Appends the document of this moment.
  using Write = std::function<void(MetricsForm, TextBuffer&)>;

  // Listens from now on; answers as soon as run() is called. Throws Error naming the address.
  explicit HttpEndpoint(const ListenAddress& address, PermittedHosts hosts = PermittedHosts());
  ~HttpEndpoint();
  HttpEndpoint(const HttpEndpoint&) = delete;
  HttpEndpoint& operator=(const HttpEndpoint&) = delete;

  // `interlude` acts while an answer is compressed, and must outlive the endpoint's use.
  void set_write(Write write, Interlude& interlude);
  std::string url() const;  // "http://127.0.0.1:9435/metrics"

  int fd() const;  // readable when run() has something to do
  void run() noexcept;
  // CLOCK_MONOTONIC, of when run() is to be called even so; nullopt for never.
  std::optional<std::int64_t> deadline() const noexcept;

  std::uint64_t scrapes() const;
  std::uint64_t dropped_connections() const;  // that had to go before they were served
  std::uint64_t refused_requests() const;     // by a host name that is not permitted
  // The first such name, returned once; "" for none.
  std::string take_refused_name();

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

}  // namespace probe_run
