#include "prometheus.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "support/http_client.h"

namespace test {
namespace {

std::string url_encoded(const std::string& text) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    result += '%';
    result += digits[byte >> 4];
    result += digits[byte & 15];
  }
  return result;
}

// The body of a response in chunked encoding.
std::string joined(const std::string& body) {
  std::string text;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t line = body.find("\r\n", at);
    const std::size_t size = std::stoul(body.substr(at, line - at), nullptr, 16);
    if (size == 0) break;
    text += body.substr(line + 2, size);
    at = line + 2 + size + 2;
  }
  return text;
}

}  // namespace

Prometheus::Prometheus(std::uint16_t target, std::uint16_t port, const std::vector<std::string>& wrap)
    : port_(port) {
  const std::string binary = "/usr/bin/prometheus";
  if (!std::filesystem::exists(binary))
    throw std::runtime_error(binary + " is not found: run tools/install-dependencies");
  const std::string config = directory_ / "prometheus.yml";
  std::ofstream(config) << "global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
                        << "scrape_configs: [{job_name: probe, static_configs: [{targets: ['127.0.0.1:"
                        << target << "']}]}]\n";
  std::vector<std::string> command = wrap;
  command.insert(
      command.end(),
      {binary, "--config.file=" + config, "--storage.tsdb.path=" + (directory_ / "data"),
       "--enable-feature=native-histograms", "--web.listen-address=127.0.0.1:" + std::to_string(port)});
  process_ = std::make_unique<Process>(command);
  if (!process_->wait_for_err("Server is ready to receive web requests", std::chrono::seconds(60)))
    throw std::runtime_error("Prometheus did not start: " + process_->finish(std::chrono::seconds(1)).err);
}

std::map<std::string, double> Prometheus::query(const std::string& promql, const std::string& label) const {
  const std::string answer = http_get(port_, "/api/v1/query?query=" + url_encoded(promql));
  std::string body = http_body(answer);
  if (answer.find("Transfer-Encoding: chunked") != std::string::npos) body = joined(body);
  const nlohmann::json json = nlohmann::json::parse(body);
  std::map<std::string, double> values;
  for (const nlohmann::json& result : json.at("data").at("result")) {
    values[result.at("metric").value(label, "")] = std::stod(result.at("value").at(1).get<std::string>());
  }
  return values;
}

std::string Prometheus::targets() const {
  return http_body(http_get(port_, "/api/v1/targets"));
}

std::chrono::seconds scrape_time() {
  const char* const wanted = std::getenv("PROBE_RUN_SCRAPE_SECONDS");
  return std::chrono::seconds(wanted != nullptr ? std::stol(wanted) : 20);
}

}  // namespace test
