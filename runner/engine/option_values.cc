#include "engine/option_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/option_table.h"
#include "sink/listen_address.h"
#include "sink/permitted_hosts.h"
#include "spec/output_format.h"
#include "support/error.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {

void store_format(Options& options, const std::string& text) {
  if (options.mode == Options::Mode::test) {
    options.test_format = text;
    if (text == "default") return;
  }
  for (const auto& entry : EnumNames<OutputFormat>::names) {
    if (entry.name != text) continue;
    options.format = entry.value;
    return;
  }
  std::vector<std::string_view> names;
  for (const auto& entry : EnumNames<OutputFormat>::names) names.push_back(entry.name);
  throw Error(fmt::format("unknown format \"{}\"", escape_for_terminal(text)),
              suggestion(text, names, "formats"));
}

void store_duration(Options& options, const std::string& text) {
  options.duration = parse_duration(text);
  if (options.duration && options.duration->count() != 0) return;
  throw Error(fmt::format("--duration takes a time such as \"10s\" or \"500ms\", not \"{}\"",
                          escape_for_terminal(text)));
}

void store_count(Options& options, const std::string& text) {
  std::uint64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc() || stop != end || count == 0) {
    throw Error(
        fmt::format("--count takes a whole number of at least 1, not \"{}\"", escape_for_terminal(text)));
  }
  options.count = count;
}

// "10x", "10" or "0.5x"; "max" is stored as nothing.
void store_speed(Options& options, const std::string& given) {
  if (given == "max") return;
  std::string_view text = given;
  if (text.ends_with('x')) text.remove_suffix(1);
  double speed = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, speed, std::chars_format::fixed);
  if (error != std::errc() || stop != end || !(speed >= 0.001 && speed <= 1e6)) {
    throw Error(fmt::format("--speed takes a factor from 0.001x to 1000000x, or max, not \"{}\"",
                            escape_for_terminal(given)),
                "use 1x for real time");
  }
  options.speed = speed;
}

// Bits of the kernel's BPF_LOG_LEVEL and BPF_LOG_STATS.
void store_verifier_log(Options& options, const std::string& text) {
  if (text == "1") {
    options.verifier_log = 1;
  } else if (text == "2") {
    options.verifier_log = 2;
  } else if (text == "stats") {
    options.verifier_log = 4;
  } else {
    throw Error(fmt::format("--verifier-log takes 1, 2 or stats, not \"{}\"", escape_for_terminal(text)));
  }
}

void store_parameter(Options& options, const std::string& setting) {
  const std::size_t equals = setting.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw Error(fmt::format("--set takes NAME=VALUE, not \"{}\"", escape_for_terminal(setting)));
  }
  options.parameters[setting.substr(0, equals)] = setting.substr(equals + 1);
}

// "-" is stdout, as with --record, and not a file of that name.
void store_output(Options& options, const std::string& file) {
  options.output = file == "-" ? "stdout" : file;
}

void store_allowed_host(Options& options, const std::string& name) {
  if (!PermittedHosts::is_valid(name)) {
    throw Error(
        fmt::format("--allow-host takes a host name, not \"{}\"", escape_for_terminal(name)),
        "give the name without a port: metrics.example.org, .example.org for all names below it, or * for any");
  }
  options.allowed_hosts.push_back(name);
}

void store_listen(Options& options, const std::string& address) {
  if (!parse_listen_address(address)) throw listen_mistake(address);
  options.listen = address;
}

void store_generate(Options& options, const std::string& what) {
  std::vector<std::string_view> names;
  for (const Generated& one : generated()) names.push_back(one.name);
  if (std::find(names.begin(), names.end(), what) == names.end()) {
    throw Error(
        fmt::format("--generate takes {}, not \"{}\"", join(names, " or "), escape_for_terminal(what)));
  }
  options.generate = what;
}

}  // namespace probe_run
