// A running probe as Prometheus and other clients see it over HTTP.
#include "prometheus.h"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <list>
#include <thread>

#include "actor.h"
#include "format/metric_protobuf.h"
#include "network.h"
#include "probe.h"
#include "sink/http_endpoint.h"
#include "support/catch.h"
#include "support/exposition.h"
#include "support/http_client.h"

using namespace test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint16_t metrics_port = 9435, prometheus_port = 9490;

void loopback_up(const Network& network) {
  REQUIRE(run(in_network(network.name(), {"ip", "link", "set", "lo", "up"})).status == 0);
}

std::vector<Family> scrape(std::uint16_t port = metrics_port) {
  return read_exposition(http_body(http_get(port, "/metrics")), Exposition::prometheus);
}

// The metric has no sample before the first event, and the first scrape may come before it.
double events_in(const std::vector<Family>& families) {
  for (const Family& family : families) {
    for (const Sample& one : family.samples) {
      if (one.name == "flood_events_total") return one.value;
    }
  }
  return 0;
}

}  // namespace

TEST_CASE("Prometheus shows the values in the map of a running probe", "[prometheus][host]") {
  Network network;
  loopback_up(network);
  Probe probe(in_network(
      network.name(), probe_command(spec_file("xdp_count"), {"--set", "iface=" + network.iface(), "--listen",
                                                             std::to_string(metrics_port)})));
  CHECK(probe.process().wait_for_err("metrics at http://127.0.0.1:9435/metrics"));
  const Prometheus prometheus(metrics_port, prometheus_port, in_network(network.name(), {}));
  const auto end = std::chrono::steady_clock::now() + scrape_time();
  std::size_t sent = 0;
  while (std::chrono::steady_clock::now() < end) {
    network.send(frame_of(private_protocol), 37);
    sent += 37;
    std::this_thread::sleep_for(100ms);
  }
  std::this_thread::sleep_for(3s);  // one more scrape
  network.inside([&] {
    const auto packets = prometheus.query("xdp_count_packets_total");
    REQUIRE(packets.size() == 1);
    CHECK(packets.at("probe") == static_cast<double>(sent));
    CHECK(prometheus.query("min_over_time(up[1h])").at("probe") == 1);
    const double scrapes = prometheus.query("probe_run_scrapes_total").at("probe");
    CHECK(scrapes >= static_cast<double>(scrape_time().count()) - 2);
    CHECK(prometheus.query("process_resident_memory_bytes").at("probe") > 1e6);
    // The response is the current state, not that of the last poll.
    network.send(frame_of(private_protocol), 1);
    CHECK(sample(scrape(), "xdp_count_packets_total").value == static_cast<double>(sent + 1));
  });
  CHECK(probe.stop().status == 0);
}

TEST_CASE("native histograms reach Prometheus unchanged", "[prometheus][host]") {
  using namespace probe_run;
  MetricFamily family({"sizes", MetricType::histogram, "Sizes.", "", {}});
  MetricHistogram histogram;
  histogram.exponential = true;
  histogram.scale = 3;
  histogram.zeros = 2;
  histogram.positive = {{1, 4}, {2, 1}, {9, 7}, {40, 1}};
  histogram.negative = {{-3, 2}, {5, 1}};
  histogram.count = 18;
  histogram.sum = MetricNumber(123.5);
  family.put({}, histogram);

  HttpEndpoint endpoint(*parse_listen_address("0"));
  Interlude nothing_else;
  const auto write = [&](MetricsForm form, TextBuffer& out) {
    const MetricFamily* const families[] = {&family};
    if (form == MetricsForm::protobuf) append_metrics_protobuf(out, families, nothing_else);
  };
  endpoint.set_write(write, nothing_else);
  std::atomic<bool> stop = false;
  std::thread server([&] {
    while (!stop) {
      pollfd ready{endpoint.fd(), POLLIN, 0};
      ::poll(&ready, 1, 20);
      endpoint.run();
    }
  });
  const std::string url = endpoint.url();
  const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  {
    const Prometheus prometheus(port, prometheus_port);
    const auto value = [&](const std::string& promql) {
      const auto values = prometheus.query(promql);
      return values.size() == 1 ? values.begin()->second : std::nan("");
    };
    CHECK(eventually([&] { return value("histogram_count(sizes)") == 18; }, patiently(30s)));
    INFO(prometheus.targets());
    CHECK(value("histogram_sum(sizes)") == 123.5);
    // 2 of 18 are 0, 3 below: the seventh of the eighteen is in the bucket that ends at 2^(1/8).
    CHECK(value("histogram_fraction(-Inf, 0, sizes)") == Approx(4.0 / 18).margin(0.06));
    CHECK(value("histogram_quantile(0.99, sizes)") <= std::exp2(40.0 / 8));
    CHECK(value("histogram_quantile(0.99, sizes)") > std::exp2(39.0 / 8));
  }
  stop = true;
  server.join();
}

TEST_CASE("Prometheus has the true buckets, the count and the sum of histograms in slots",
          "[prometheus][host]") {
  // 50 of 700, 40 of 3001 and 10 of 600000, each time.
  Actor actor([] {
    for (const auto& [times, number] : {std::pair{50, 700}, std::pair{40, 3001}, std::pair{10, 600'000}}) {
      for (int i = 0; i < times; ++i) ::syscall(SYS_getpgid, number);
    }
    return std::string();
  });
  Probe probe(probe_command(own_spec_file("slots"), {"--set", "pid=" + actor.id(), "--listen", "9438"}));
  REQUIRE(probe.process().wait_for_err("metrics at http://127.0.0.1:9438/metrics"));
  actor.act();
  const Prometheus prometheus(9438, prometheus_port);
  const auto value = [&](const std::string& promql) {
    const auto values = prometheus.query(promql);
    return values.size() == 1 ? values.begin()->second : std::nan("");
  };
  CHECK(eventually(
      [&] {
        actor.act();
        return value("rate(slots_log2_seconds_count[10s])") > 0 &&
               value("sum(rate(slots_exp2_seconds_count[10s]))") > 0;
      },
      patiently(60s)));
  INFO(prometheus.targets());
  const auto quantile = [&](double part, const std::string& buckets) {
    return value("histogram_quantile(" + std::to_string(part) + ", " + buckets + ")") * 1e6;
  };
  const std::string log2 = "slots_log2_seconds_bucket";
  const std::string exp2 = "sum by (le) (slots_exp2_seconds_bucket)";
  // Half of the numbers are 700, two in five are 3001, and the rest are above the last bound of log2.
  CHECK(quantile(0.01, log2) >= 511);
  CHECK(quantile(0.499, log2) <= 1023);
  CHECK(quantile(0.51, log2) >= 2047);
  CHECK(quantile(0.899, log2) <= 4095);
  CHECK(quantile(0.91, log2) == Approx(524'287));  // the lower bound of the last
  CHECK(quantile(0.01, exp2) >= 512);
  CHECK(quantile(0.499, exp2) <= 1024);
  CHECK(quantile(0.51, exp2) >= 2048);
  CHECK(quantile(0.899, exp2) <= 4096);
  CHECK(value("sum(slots_exp2_seconds_sum) / sum(slots_exp2_seconds_count)") * 1e6 ==
        Approx((50 * 700 + 40 * 3001 + 10 * 600'000) / 100.0));
  CHECK(value("sum(rate(slots_exp2_seconds_sum[1m])) / sum(rate(slots_exp2_seconds_count[1m]))") > 0);
  // An estimate, from the middle of each bucket and the lower bound of the last one.
  CHECK(value("slots_log2_seconds_sum / slots_log2_seconds_count") * 1e6 ==
        Approx((50 * 767.5 + 40 * 3071.5 + 10 * 524'288) / 100.0));
  const std::vector<Family> families = scrape(9438);
  CHECK(families.at(0).help == "Without a sum. The sum is an estimate from the buckets.");
  CHECK(families.at(1).help == "With a sum.");
  CHECK(probe.stop().status == 0);
}

TEST_CASE("hostile clients cost a running probe no event, and other clients get their metrics",
          "[prometheus][host]") {
  const std::uint64_t size = flood_size();
  const Directory directory;
  Actor actor(calling_getppid(size));
  // The lines are discarded: a pipe that is not read during a scrape would stop the run.
  const std::string spec = edited_spec(directory, own_spec_file("flood"), [](nlohmann::json& edited) {
    edited["outputs"][0]["to"] = "/dev/null";
  });
  Probe probe(probe_command(spec, {"--set", "pid=" + actor.id(), "--listen", "9436"}));
  REQUIRE(probe.process().wait_for_err("metrics at http://127.0.0.1:9436/metrics"));
  std::list<probe_run::Fd> clients;
  const auto connect = [&]() -> probe_run::Fd& { return clients.emplace_back(connect_to(9436)); };
  for (int i = 0; i < 200; ++i) connect();
  for (int i = 0; i < 50; ++i) send_bytes(connect(), "GET /metrics HTTP/1.1\r\nX: ");
  for (int i = 0; i < 50; ++i) send_bytes(connect(), "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  for (int i = 0; i < 10; ++i) send_bytes(connect(), std::string(200'000, '\xff'));
  actor.begin();
  // Fifty answers at once do not drain the flood to its end: they come while it goes on.
  std::size_t answered_in_between = 0;
  double before = 0;
  probe.read_until([&] {
    const double events = events_in(scrape(9436));
    CHECK(events >= before);
    before = events;
    if (events < static_cast<double>(size)) ++answered_in_between;
    return actor.has_acted();
  });
  CHECK(answered_in_between > 0);
  // A backlog of this size takes more than one scrape.
  CHECK(eventually([&] { return events_in(scrape(9436)) == static_cast<double>(size); }, patiently(10s)));
  const auto families = scrape(9436);
  CHECK(sample(families, "flood_counts_produced", {{"key", "0"}}).value == static_cast<double>(size));
  const Finished done = probe.stop();
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(summary_of(done.err).events == size);
  CHECK(summary_of(done.err).lost == 0);
}

TEST_CASE("the textfile collector always finds a complete file", "[prometheus][host]") {
  Network network;
  const Directory directory;
  const std::string file = directory / "xdp.prom";
  Probe probe(in_network(
      network.name(), probe_command(spec_file("xdp_count"), {"--set", "iface=" + network.iface(), "--format",
                                                             "prometheus", "--output", file})));
  network.send(frame_of(private_protocol), 9);
  const auto packets = [&] {
    const auto families = read_exposition(read_file(file), Exposition::prometheus);
    return sample(families, "xdp_count_packets_total").value;
  };
  CHECK(eventually([&] { return std::filesystem::exists(file) && packets() == 9; }));
  network.send(frame_of(private_protocol), 2);
  CHECK(probe.stop().status == 0);
  CHECK(packets() == 11);
  CHECK(std::distance(std::filesystem::directory_iterator(directory.path()),
                      std::filesystem::directory_iterator()) == 1);
}

TEST_CASE("a port in use is reported before anything is attached", "[prometheus][host]") {
  probe_run::HttpEndpoint taken(*probe_run::parse_listen_address("9437"));
  const Finished done =
      run(probe_command(spec_file("execve_count"), {"--listen", "9437", "--duration", "1s"}));
  CHECK(done.status == 1);
  CHECK(contains(done.err, "cannot serve metrics at 127.0.0.1:9437: Address already in use"));
  CHECK_FALSE(contains(done.err, "attached"));
}
