#include "sink/http_endpoint.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <zlib.h>

#include <atomic>
#include <list>
#include <thread>

#include "support/catch.h"
#include "support/clock.h"
#include "support/error.h"
#include "support/http_client.h"

using namespace probe_run;
using namespace std::chrono_literals;

namespace {

// An endpoint with an event loop like that of the runner.
class Served {
 public:
  explicit Served(std::size_t document_size = 100) {
    const auto write = [document_size](MetricsForm form, TextBuffer& out) {
      out.append(form == MetricsForm::text ? "text " : form == MetricsForm::openmetrics ? "open " : "proto ");
      out.append(document_size, 'x');
      out.append(" end");
    };
    endpoint_.set_write(write, nothing_else_);
    thread_ = std::thread([this] { loop(); });
  }
  ~Served() {
    stop_ = true;
    thread_.join();
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  std::uint16_t port() const {
    const std::string url = endpoint_.url();
    return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  }

 private:
  void loop() {
    while (!stop_) {
      pollfd ready{endpoint_.fd(), POLLIN, 0};
      ::poll(&ready, 1, 20);
      endpoint_.run();
    }
  }

  Interlude nothing_else_;
  HttpEndpoint endpoint_{*parse_listen_address("0"), PermittedHosts({"web1", ".example.org"})};
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

bool answers_soon(std::uint16_t port) {
  const auto begin = std::chrono::steady_clock::now();
  const std::string answer = test::http_get(port, "/metrics");
  return answer.starts_with("HTTP/1.1 200") && answer.ends_with(" end") &&
         std::chrono::steady_clock::now() - begin < 8s;  // a slow client has 10
}

}  // namespace

TEST_CASE("the endpoint has /metrics, a landing page and nothing else") {
  const Served served;
  const std::string metrics = test::http_get(served.port(), "/metrics");
  CHECK(metrics.starts_with("HTTP/1.1 200"));
  CHECK(metrics.find("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n") != std::string::npos);
  CHECK(test::http_body(metrics).starts_with("text "));
  const std::string open =
      test::http_get(served.port(), "/metrics", "Accept: application/openmetrics-text; version=1.0.0\r\n");
  CHECK(test::http_body(open).starts_with("open "));
  CHECK(test::http_get(served.port(), "/").starts_with("HTTP/1.1 200"));
  CHECK(test::http_get(served.port(), "/other").starts_with("HTTP/1.1 404"));

  const auto ask = [&](std::string_view request) {
    const Fd socket = test::connect_to(served.port());
    test::send_bytes(socket, request);
    return test::receive_all(socket, 2s);
  };
  const std::string head = ask("HEAD /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  CHECK(head.starts_with("HTTP/1.1 200"));
  CHECK(test::http_body(head).empty());
  const std::string post =
      ask("POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc");
  CHECK(post.starts_with("HTTP/1.1 405"));
  CHECK(post.find("Allow: GET, HEAD\r\n") != std::string::npos);
  const std::string two = ask(
      "GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  CHECK(two.ends_with(" end"));  // one behind the other
}

namespace {

std::string unpacked(std::string_view compressed) {
  z_stream stream{};
  constexpr int gzip = 15 + 16;
  REQUIRE(inflateInit2(&stream, gzip) == Z_OK);
  std::vector<Bytef> in(compressed.begin(), compressed.end()), out(std::size_t{8} << 20);
  stream.next_in = in.data();
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  CHECK(stream.avail_in == 0);
  const std::string text(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(stream.total_out));
  inflateEnd(&stream);
  return text;
}

}  // namespace

TEST_CASE("the metrics are compressed for clients that accept it, and only for those") {
  // Sizes around the pieces in which it is compressed.
  for (const std::size_t size : {std::size_t{0}, std::size_t{100}, (std::size_t{64} << 10) - 9,
                                 std::size_t{64} << 10, std::size_t{5} << 20}) {
    const Served served(size);
    const std::string plain = test::http_get(served.port(), "/metrics");
    CHECK(plain.find("Content-Encoding") == std::string::npos);
    CHECK(plain.find("Vary: Accept-Encoding") != std::string::npos);
    for (int i = 0; i < 2; ++i) {
      const std::string answer = test::http_get(served.port(), "/metrics", "Accept-Encoding: gzip\r\n");
      CHECK(answer.find("Content-Encoding: gzip\r\n") != std::string::npos);
      CHECK(answer.find("Vary: Accept-Encoding") != std::string::npos);
      CHECK(unpacked(test::http_body(answer)) == test::http_body(plain));
    }
    if (size > 1000) {
      const std::string answer =
          test::http_get(served.port(), "/metrics", "Accept-Encoding: br, gzip;q=0.5\r\n");
      CHECK(test::http_body(answer).size() < size / 10);
    }
    CHECK(test::http_get(served.port(), "/metrics", "Accept-Encoding: gzip;q=0\r\n").ends_with(" end"));
  }
}

TEST_CASE("requests by a host name that nobody permitted are refused") {
  const Served served;
  const auto ask = [&](std::string_view request) {
    const Fd socket = test::connect_to(served.port());
    test::send_bytes(socket, request);
    return test::receive_all(socket, 2s);
  };
  const auto as = [&](std::string_view host, std::string_view path = "/metrics") {
    return ask(fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", path, host));
  };
  for (const std::string_view good :
       {"127.0.0.1", "127.0.0.1:9435", "192.0.2.7:80", "[::1]:9435", "[2001:db8::1]", "localhost",
        "LOCALHOST:9435", "localhost.", "web1", "Web1:9435", "example.org", "a.b.example.org:1"}) {
    INFO(std::string(good));
    CHECK(as(good).starts_with("HTTP/1.1 200"));
  }
  for (const std::string_view bad : {"evil.example", "evil.example:9435", "localhost.evil.example",
                                     "127.0.0.1.evil.example", "web1.evil.example", "notexample.org", "web11",
                                     "[::1", "[evil]", "2130706433", "127.1", "[fe80::1%25eth0]"}) {
    INFO(std::string(bad));
    const std::string answer = as(bad);
    CHECK(answer.starts_with("HTTP/1.1 403"));
    // What is no name cannot be permitted, and nobody is told to paste it into a command.
    const std::string_view name = PermittedHosts::name_in(bad);
    CHECK((test::http_body(answer).find("--allow-host") != std::string::npos) ==
          PermittedHosts::is_valid(name));
    CHECK(as(bad, "/").starts_with("HTTP/1.1 403"));
  }
  // Browsers always name the host.
  CHECK(ask("GET /metrics HTTP/1.0\r\n\r\n").find(" 200 ") != std::string::npos);
  const std::string refusal = as("evil.example:9435");
  CHECK(test::http_body(refusal) ==
        "the host name \"evil.example\" is not permitted\n"
        "ask by an IP address or as localhost, or run probe-run with --allow-host evil.example\n");
  CHECK(refusal.find("X-Content-Type-Options: nosniff\r\n") != std::string::npos);
}

TEST_CASE("names that can be permitted") {
  for (const std::string_view good :
       {"web1", "metrics.example.org", "example.org.", ".example.org", "*", "a_b-c.d"})
    CHECK(PermittedHosts::is_valid(good));
  for (const std::string_view bad :
       {"", ".", "..", "a..b", "web1:9435", "*.example.org", "http://a", "a b", "a/b"}) {
    INFO(std::string(bad));
    CHECK_FALSE(PermittedHosts::is_valid(bad));
  }
  CHECK(PermittedHosts({"*"}).permits("anything.example"));
}

TEST_CASE("slow, silent or hostile clients do not keep others from the metrics") {
  const Served served(std::size_t{4} << 20);
  std::list<Fd> clients;
  const auto connect = [&]() -> Fd& { return clients.emplace_back(test::connect_to(served.port())); };
  SECTION("200 connections that send nothing") {
    for (int i = 0; i < 200; ++i) connect();
  }
  SECTION("requests that never end") {
    for (int i = 0; i < 100; ++i)
      test::send_bytes(connect(), "GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
  }
  SECTION("garbage") {
    std::string bytes;
    for (int i = 0; i < 100'000; ++i) bytes += static_cast<char>(i * 7919 >> 3);
    for (int i = 0; i < 20; ++i) test::send_bytes(connect(), bytes);
  }
  SECTION("endless headers") {
    std::string header = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n";
    for (int i = 0; i < 10'000; ++i)
      header += "X-" + std::to_string(i) + ": " + std::string(50, 'h') + "\r\n";
    for (int i = 0; i < 5; ++i) test::send_bytes(connect(), header);
  }
  SECTION("100 clients that send a request and never read") {
    for (int i = 0; i < 100; ++i) {
      Fd& client = connect();
      const int small = 4096;
      ::setsockopt(client.get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
      test::send_bytes(client, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }
  }
  SECTION("connections closed during the response") {
    for (int i = 0; i < 50; ++i) {
      test::send_bytes(connect(), "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
      clients.clear();
    }
  }
  for (int i = 0; i < 3; ++i) CHECK(answers_soon(served.port()));
}

TEST_CASE("the error for an address in use names it, with a hint") {
  const Served served;
  const std::string address = "127.0.0.1:" + std::to_string(served.port());
  try {
    const HttpEndpoint second(*parse_listen_address(address));
    FAIL("it listens");
  } catch (const Error& error) {
    CHECK(std::string(error.what()) == "cannot serve metrics at " + address + ": Address already in use");
    CHECK(error.diagnostics().front().hint.find("take another port") != std::string::npos);
  }
}

TEST_CASE("addresses to listen at") {
  const auto text = [](std::string_view address) {
    const auto parsed = parse_listen_address(address);
    return parsed ? parsed->text() : "none";
  };
  CHECK(text("9435") == "127.0.0.1:9435");
  CHECK(text(":9435") == "127.0.0.1:9435");
  CHECK(text("localhost:1") == "127.0.0.1:1");
  CHECK(text("0.0.0.0:9435") == "0.0.0.0:9435");
  CHECK(text("[::1]:9435") == "[::1]:9435");
  for (const std::string_view wrong :
       {"", ":", "a", "70000", "-1", "1.2.3:1", "::1:9435", "[::1]", "host:1", "9435 "}) {
    INFO(std::string(wrong));
    CHECK(text(wrong) == "none");
  }
}
