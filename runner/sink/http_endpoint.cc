#include "sink/http_endpoint.h"

#include <fmt/format.h>
#include <microhttpd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <list>
#include <utility>
#include <vector>

#include "sink/gzip.h"
#include "support/clock.h"
#include "support/error.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::size_t most_connections = 64;
constexpr unsigned backstop_connections = 512;  // while dropped ones are still being closed
constexpr std::int64_t patience_ns = 10'000'000'000;
constexpr unsigned idle_seconds = 10;
constexpr std::size_t header_memory = std::size_t{32} * 1024;
// Answers that are on their way. A client that does not read costs no more than this.
constexpr std::size_t most_in_flight = std::size_t{64} << 20;

constexpr std::string_view landing =
    "<!DOCTYPE html><html><head><title>probe-run</title></head><body><h1>probe-run</h1>"
    "<p><a href=\"/metrics\">Metrics</a></p></body></html>\n";

}  // namespace

class HttpEndpoint::Server {
 public:
  Server(const ListenAddress& address, PermittedHosts hosts)
      : listener_(listen_on(address)), hosts_(std::move(hosts)) {
    // The date of the first answer would read /etc/localtime, when probes of opens are attached.
    ::tzset();
    daemon_ =
        MHD_start_daemon(MHD_USE_EPOLL, 0, nullptr, nullptr, &Server::handle, this, MHD_OPTION_LISTEN_SOCKET,
                         listener_.get(), MHD_OPTION_CONNECTION_LIMIT, backstop_connections,
                         MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                         header_memory, MHD_OPTION_NOTIFY_CONNECTION, &Server::connection_changed, this,
                         MHD_OPTION_NOTIFY_COMPLETED, &Server::request_ended, this, MHD_OPTION_END);
    if (daemon_ == nullptr) {
      throw Error(fmt::format("cannot serve metrics at {}: the HTTP server failed to start: {}",
                              address.text(), errno_text(errno)));
    }
    address_ = bound_address(listener_);
    static_cast<void>(listener_.release());  // the daemon closes it
    const MHD_DaemonInfo* const info = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD);
    epoll_ = info != nullptr ? info->epoll_fd : -1;
  }
  ~Server() { MHD_stop_daemon(daemon_); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void run() noexcept {
    MHD_run(daemon_);
    const std::int64_t now = clock_ns(CLOCK_MONOTONIC);
    for (Connection& connection : connections_) {
      if (!connection.gone && now >= connection.since + patience_ns) drop(connection);
    }
    if (!has_gone_) return;
    has_gone_ = false;
    MHD_run(daemon_);  // closes what was dropped
  }

  std::optional<std::int64_t> deadline() const noexcept {
    std::optional<std::int64_t> first;
    for (const Connection& connection : connections_) {
      const std::int64_t end = connection.since + patience_ns;
      if (!first || end < *first) first = end;
    }
    MHD_UNSIGNED_LONG_LONG ms = 0;
    if (MHD_get_timeout(daemon_, &ms) != MHD_YES) return first;
    const std::int64_t end = clock_ns(CLOCK_MONOTONIC) +
                             static_cast<std::int64_t>(std::min<unsigned long long>(ms, 60'000)) * 1'000'000;
    return first ? std::min(*first, end) : end;
  }

  int epoll() const { return epoll_; }
  const ListenAddress& address() const { return address_; }
  void set_write(Write write, Interlude& interlude) {
    write_ = std::move(write);
    interlude_ = &interlude;
  }
  std::uint64_t scrapes() const { return scrapes_; }
  std::uint64_t dropped() const { return dropped_; }
  std::uint64_t refused() const { return refused_; }
  std::string take_refused_name() { return std::exchange(refused_name_, {}); }

 private:
  struct Connection {
    int fd = -1;
    std::int64_t since = 0;     // of its first byte, or of the end of its last answer
    std::size_t in_flight = 0;  // bytes of the answer
    bool gone = false;
  };

  // Closes a connection from both sides; the daemon notices and forgets it.
  void drop(Connection& connection) noexcept {
    if (connection.gone) return;
    connection.gone = has_gone_ = true;
    ++dropped_;
    ::shutdown(connection.fd, SHUT_RDWR);
  }

  // The oldest that `can_go`.
  template <class CanGo>
  void drop_oldest(CanGo can_go) noexcept {
    Connection* oldest = nullptr;
    for (Connection& connection : connections_) {
      if (connection.gone || !can_go(connection)) continue;
      if (oldest == nullptr || connection.since < oldest->since) oldest = &connection;
    }
    if (oldest != nullptr) drop(*oldest);
  }

  void opened(MHD_Connection* connection, void** context) {
    const auto* const info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    Connection& added = connections_.emplace_front();
    added.fd = info != nullptr ? info->connect_fd : -1;
    added.since = clock_ns(CLOCK_MONOTONIC);
    *context = &added;
    const auto open =
        std::count_if(connections_.begin(), connections_.end(), [](const Connection& c) { return !c.gone; });
    if (static_cast<std::size_t>(open) > most_connections) {
      drop_oldest([&](const Connection& other) { return &other != &added; });
    }
  }

  void closed(void** context) {
    const auto* const connection = static_cast<Connection*>(*context);
    *context = nullptr;
    connections_.remove_if([&](const Connection& other) { return &other == connection; });
  }

  static void connection_changed(void* self, MHD_Connection* connection, void** context,
                                 MHD_ConnectionNotificationCode code) noexcept {
    Server& server = *static_cast<Server*>(self);
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
      server.opened(connection, context);
    } else if (*context != nullptr) {
      server.closed(context);
    }
  }

  static Connection* connection_of(MHD_Connection* connection) {
    const auto* const info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != nullptr ? static_cast<Connection*>(info->socket_context) : nullptr;
  }

  static void request_ended(void* self, MHD_Connection* handle, void**, MHD_RequestTerminationCode) noexcept {
    Connection* const connection = connection_of(handle);
    if (connection == nullptr) return;
    Server& server = *static_cast<Server*>(self);
    server.in_flight_ -= connection->in_flight;
    connection->in_flight = 0;
    connection->since = clock_ns(CLOCK_MONOTONIC);
  }

  // Called when the headers are there, for each part of a body, and when the request is complete.
  static MHD_Result handle(void* self, MHD_Connection* connection, const char* url, const char* method,
                           const char*, const char*,
                           std::size_t* body_size,  // NOLINT(*-non-const-parameter): the library's signature
                           void** request) noexcept {
    Server& server = *static_cast<Server*>(self);
    const std::string_view name = method;
    const bool reads = name == "GET" || name == "HEAD";
    // To answer before the request is complete closes the connection: what a body deserves, and a reader does
    // not.
    if (reads && *request == nullptr) {
      *request = self;
      return MHD_YES;
    }
    if (reads && *body_size > 0) return MHD_NO;
    return server.answer(connection, url, reads);
  }

  static std::string_view header(MHD_Connection* connection, const char* name) {
    const char* const value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
    return value != nullptr ? value : "";
  }

  struct Header {
    const char* name;
    std::string value;
  };
  using Headers = std::vector<Header>;

  MHD_Result answer(MHD_Connection* connection, std::string_view url, bool reads) {
    const std::string_view host = header(connection, MHD_HTTP_HEADER_HOST);
    if (!hosts_.permits(host)) return refuse(connection, PermittedHosts::name_in(host));
    if (!reads) {
      return text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n",
                  {{MHD_HTTP_HEADER_ALLOW, "GET, HEAD"}});
    }
    if (url == "/") return send(connection, MHD_HTTP_OK, landing, "text/html; charset=utf-8", {});
    if (url != "/metrics")
      return text(connection, MHD_HTTP_NOT_FOUND, "not found: only /metrics is served\n", {});
    return metrics(connection);
  }

  MHD_Result metrics(MHD_Connection* connection) {
    const MetricsForm form = wanted_form(header(connection, MHD_HTTP_HEADER_ACCEPT));
    document_.clear();
    ++scrapes_;
    if (write_) write_(form, document_);
    const std::string_view type = content_type(form);
    Headers headers{{MHD_HTTP_HEADER_VARY, "Accept-Encoding, Accept"}};
    const bool compressed = takes_gzip(header(connection, MHD_HTTP_HEADER_ACCEPT_ENCODING)) &&
                            interlude_ != nullptr &&
                            gzip_.compress(document_.view(), *interlude_, compressed_);
    if (!compressed) return send(connection, MHD_HTTP_OK, document_.view(), type, headers);
    headers.push_back({MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip"});
    return send(connection, MHD_HTTP_OK, compressed_.view(), type, headers);
  }

  MHD_Result refuse(MHD_Connection* connection, std::string_view host) {
    constexpr std::size_t longest = 253;  // of a name in the DNS
    const std::string name = escape_for_terminal(host.substr(0, longest));
    if (refused_++ == 0) refused_name_ = name;
    return text(
        connection, MHD_HTTP_FORBIDDEN,
        fmt::format("the host name \"{}\" is not permitted\nask by an IP address or as localhost{}\n", name,
                    PermittedHosts::is_valid(host)
                        ? fmt::format(", or run probe-run with --allow-host {}", name)
                        : std::string()),
        {});
  }

  MHD_Result text(MHD_Connection* connection, unsigned status, std::string_view text,
                  const Headers& headers) {
    return send(connection, status, text, "text/plain; charset=utf-8", headers);
  }

  MHD_Result send(MHD_Connection* handle, unsigned status, std::string_view body, std::string_view type,
                  const Headers& headers) {
    Connection* const connection = connection_of(handle);
    // The library copies what it is given to keep.
    MHD_Response* const response =
        MHD_create_response_from_buffer(body.size(), const_cast<char*>(body.data()), MHD_RESPMEM_MUST_COPY);
    if (response == nullptr || connection == nullptr) return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, std::string(type).c_str());
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    for (const Header& header : headers) MHD_add_response_header(response, header.name, header.value.c_str());
    const MHD_Result queued = MHD_queue_response(handle, status, response);
    MHD_destroy_response(response);
    if (queued != MHD_YES) return queued;
    connection->since = clock_ns(CLOCK_MONOTONIC);
    connection->in_flight += body.size();
    in_flight_ += body.size();
    if (in_flight_ > most_in_flight) {
      drop_oldest([&](const Connection& other) { return other.in_flight > 0 && &other != connection; });
    }
    return queued;
  }

  Fd listener_;
  PermittedHosts hosts_;
  ListenAddress address_;
  MHD_Daemon* daemon_ = nullptr;
  int epoll_ = -1;
  Write write_;
  std::list<Connection> connections_;  // the daemon holds pointers to them
  TextBuffer document_, compressed_;
  Gzip gzip_;
  Interlude* interlude_ = nullptr;  // set with write_
  std::size_t in_flight_ = 0;
  std::uint64_t scrapes_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint64_t refused_ = 0;
  std::string refused_name_;
  bool has_gone_ = false;
};

HttpEndpoint::HttpEndpoint(const ListenAddress& address, PermittedHosts hosts)
    : server_(std::make_unique<Server>(address, std::move(hosts))) {}
HttpEndpoint::~HttpEndpoint() = default;

void HttpEndpoint::set_write(Write write, Interlude& interlude) {
  server_->set_write(std::move(write), interlude);
}
std::string HttpEndpoint::url() const {
  return fmt::format("http://{}/metrics", server_->address().text());
}
int HttpEndpoint::fd() const {
  return server_->epoll();
}
void HttpEndpoint::run() noexcept {
  server_->run();
}
std::optional<std::int64_t> HttpEndpoint::deadline() const noexcept {
  return server_->deadline();
}
std::uint64_t HttpEndpoint::scrapes() const {
  return server_->scrapes();
}
std::uint64_t HttpEndpoint::dropped_connections() const {
  return server_->dropped();
}
std::uint64_t HttpEndpoint::refused_requests() const {
  return server_->refused();
}
std::string HttpEndpoint::take_refused_name() {
  return server_->take_refused_name();
}

}  // namespace probe_run
