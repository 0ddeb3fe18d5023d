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
#include <string_view>

#include "sink/listen_address.h"
#include "support/duration.h"
#include "support/text_buffer.h"

namespace probe_run {

// Which of the forms of metrics a scraper wants, from the header Accept of its request.
enum class MetricsForm {
  text,         // text/plain; version=0.0.4
  openmetrics,  // application/openmetrics-text; version=1.0.0
  protobuf      // application/vnd.google.protobuf: the only one with native histograms
};

// The one it likes best (q), of equals the first; text for what is not understood or not there.
MetricsForm wanted_form(std::string_view accept) noexcept;

std::string_view content_type(MetricsForm form) noexcept;

class HttpEndpoint {
 public:
  // Appends the document of this moment.
  using Write = std::function<void(MetricsForm, TextBuffer&)>;

  // Listens from now on; answers as soon as run() is called. Throws Error naming the address.
  explicit HttpEndpoint(const ListenAddress& address);
  ~HttpEndpoint();
  HttpEndpoint(const HttpEndpoint&) = delete;
  HttpEndpoint& operator=(const HttpEndpoint&) = delete;

  void set_write(Write write);
  std::string url() const;  // "http://127.0.0.1:9435/metrics"

  int fd() const;  // readable when run() has something to do
  void run() noexcept;
  // CLOCK_MONOTONIC, of when run() is to be called even so; nullopt for never.
  std::optional<std::int64_t> deadline() const noexcept;

  std::uint64_t scrapes() const;
  std::uint64_t dropped_connections() const;  // that had to go before they were served

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

}  // namespace probe_run
