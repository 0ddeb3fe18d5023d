#include "engine/option_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sink/listen_address.h"
#include "support/error.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

using Mode = Options::Mode;

std::vector<std::string_view> format_names() {
  std::vector<std::string_view> names;
  for (const auto& entry : EnumNames<OutputFormat>::names) names.push_back(entry.name);
  return names;
}

void store_format(Options& options, const std::string& text) {
  if (options.mode == Mode::test) {
    options.test_format = text;
    if (text == "default") return;
  }
  for (const auto& entry : EnumNames<OutputFormat>::names) {
    if (entry.name != text) continue;
    options.format = entry.value;
    return;
  }
  throw Error(fmt::format("unknown format \"{}\"", escape_for_terminal(text)),
              suggestion(text, format_names(), "formats"));
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

void store_listen(Options& options, const std::string& address) {
  if (!parse_listen_address(address)) throw listen_mistake(address);
  options.listen = address;
}

void store_generate(Options& options, const std::string& what) {
  constexpr std::string_view known[] = {"man", "bash", "zsh", "fish"};
  if (std::find(std::begin(known), std::end(known), what) == std::end(known)) {
    throw Error(
        fmt::format("--generate takes man, bash, zsh or fish, not \"{}\"", escape_for_terminal(what)));
  }
  options.generate = what;
}

constexpr ModeSet run = in(Mode::run), check = in(Mode::check), describe = in(Mode::describe),
                  replay = in(Mode::replay), test = in(Mode::test), list = in(Mode::list),
                  schema = in(Mode::schema);
constexpr ModeSet everywhere = run | check | describe | replay | test | list | schema;

using enum OptionGroup;
using Kind = ArgumentKind;
constexpr OptionRow rows[] = {
    {"--check", 0, "", Kind::none, Repeat::once, modes, check, SelectsModeOnly{},
     "Validate specs; needs no privileges and loads nothing",
     "Does all that a run does before it loads anything, and prints `FILE: ok` or what is wrong. "
     "A parameter without a default takes its `example`.",
     ""},
    {"--describe", 0, "", Kind::none, Repeat::once, modes, describe, SelectsModeOnly{},
     "Explain what specs would do, or what a recording contains",
     "Prints the object, the parameters, the programs and their attach points, the maps and their fields. "
     "For a recording: where and when it was made, what it contains, and whether it is complete. "
     "Needs no privileges.",
     ""},
    {"--replay", 0, "FILE", Kind::file, Repeat::once, modes, replay, &Options::replay,
     "Render a recording with its own spec or with SPEC",
     "`-` is stdin, which is rendered as it arrives. Needs no privileges. `--set` works for parameters that "
     "the spec uses as `${NAME}`; those that set a global took effect when the recording was made.",
     ""},
    {"--test", 0, "DIR...", Kind::directory, Repeat::many, modes, test, &Options::tests,
     "Compare rendered recordings with expected files",
     "Renders the recordings in DIR and below it, and compares the output with the expected files next to "
     "them: see [testing.md](testing.md). Needs no privileges. With `--format`, only that format is compared; "
     "`default` is the output without `--format`.",
     ""},
    {"--list", 'l', "[PATTERN...]", Kind::pattern, Repeat::many_or_none, modes, list, &Options::patterns,
     "List attach points of this machine, such as 'tracepoint:sched:*'",
     "See [below](#what-can-be-attached-to). Most types need no privileges.", ""},
    {"--schema", 0, "", Kind::none, Repeat::once, modes, schema, SelectsModeOnly{},
     "Print the JSON schema of specs", "", ""},
    {"--set", 0, "NAME=VALUE", Kind::parameter, Repeat::each, input, run | check | describe | replay,
     &store_parameter, "Set a parameter of the specs; may be repeated", "", ""},
    {"--object-dir", 0, "DIR", Kind::directory, Repeat::each, input, everywhere & ~(list | schema),
     &Options::object_dirs, "Search DIR for objects, too; may be repeated",
     "It is searched after the spec's own directory.", ""},
    {"--btf", 0, "FILE", Kind::file, Repeat::once, input, run | check | describe, &Options::btf,
     "Read the kernel's types from FILE",
     "FILE is raw BTF or an ELF file and overrides the specs' `btf`: see [the spec "
     "language](spec.md#object).",
     ""},
    {"--speed", 0, "SPEED", Kind::text, Repeat::once, input, replay, &store_speed,
     "Replay at SPEED: 1x is real time, max (the default) does not wait",
     "`1x` waits between events as long as the recorded run did, `10x` a tenth of that.", ""},
    {"--format", 0, "FORMAT", Kind::format, Repeat::once, output, everywhere & ~schema, &store_format,
     "Use FORMAT for every output", "", ""},
    {"--output", 0, "FILE", Kind::file, Repeat::once, output, everywhere & ~(test | schema), &store_output,
     "Write to FILE instead of stdout",
     "The file is truncated when the run begins, and kept when the run is refused. `-` is stdout.", ""},
    {"--record", 0, "FILE", Kind::file, Repeat::once, output, run, &Options::record,
     "Save everything that the run of one spec sees to a recording",
     "The output is shown, too. The file is truncated first; when it cannot be written any more, the run "
     "ends. `-` is stdout: the output is then shown only where `--output` sends it.",
     ""},
    {"--listen", 0, "ADDRESS", Kind::text, Repeat::once, output, run | check, &store_listen,
     "Serve metrics to Prometheus at ADDRESS, such as 9435",
     "The metrics are at `http://ADDRESS/metrics`. ADDRESS is a port of the loopback interface, or "
     "`ADDRESS:PORT`. See [Prometheus](prometheus.md).",
     "use --format prometheus to render a recording as metrics"},
    {"--stats", 0, "FILE", Kind::file, Repeat::once, output, run | replay, &Options::stats,
     "Write the figures of the summary to FILE as JSON",
     "They are written at the end: see [below](#output). The file is truncated first. `-` is stdout, after "
     "all other output.",
     ""},
    {"--verifier-log", 0, "LEVEL", Kind::level, Repeat::once, output, run, &store_verifier_log,
     "Print the verifier's log: 1, 2 (more) or stats",
     "The log of each program goes to stderr, in full for a rejected one, too. `1` shows the path to the "
     "rejected instruction; `2` every path, with the state at each instruction; `stats` the time and size.",
     "use it in a run: the kernel verifies programs when it loads them"},
    {"--quiet", 'q', "", Kind::none, Repeat::once, output, everywhere, &Options::quiet,
     "Print only errors and warnings", "Leaves out the status, the summary, and the `ok` of `--check`.", ""},
    {"--verbose", 'v', "", Kind::none, Repeat::once, output, list, &Options::verbose,
     "List attach points with their arguments and fields", "", ""},
    {"--duration", 0, "TIME", Kind::text, Repeat::once, limits, run | check | describe | replay,
     &store_duration, "Stop after TIME, such as 10s",
     "TIME is a number with `ns`, `us`, `ms`, `s`, `m` or `h`. In a replay it is recorded time.", ""},
    {"--count", 0, "N", Kind::text, Repeat::once, limits, run | check | describe | replay, &store_count,
     "Stop each spec after N events and map reads", "", ""},
    {"--strict", 0, "", Kind::none, Repeat::once, limits, run, &Options::strict,
     "Stop all specs when one fails", "See [below](#several-specs).", ""},
    {"--accept", 0, "", Kind::none, Repeat::once, tests, test, &Options::accept,
     "Overwrite the expected files with the actual output",
     "Reports which files changed. With `--format`, also creates new ones.", ""},
    {"--help", 'h', "", Kind::none, Repeat::once, other, everywhere, AnsweredByParser{}, "Print this help",
     "", ""},
    {"--version", 0, "", Kind::none, Repeat::once, other, everywhere, AnsweredByParser{},
     "Print the versions of probe-run and libbpf", "Some attach types need a newer libbpf.", ""},
    {"--generate", 0, "KIND", Kind::script, Repeat::once, other, everywhere, &store_generate,
     "Print the man page (man), or completion for bash, zsh or fish", "", ""},
};

}  // namespace

std::span<const OptionRow> option_table() {
  return rows;
}

const OptionRow* option_of(Mode mode) {
  const auto* const row = std::find_if(std::begin(rows), std::end(rows), [&](const OptionRow& candidate) {
    return candidate.group == modes && candidate.modes == in(mode);
  });
  return row == std::end(rows) ? nullptr : row;
}

void check_mode(std::string_view what, ModeSet allowed, std::string_view hint, Mode mode) {
  if ((allowed & in(mode)) != 0) return;
  std::vector<std::string_view> names;
  for (const OptionRow& row : rows) {
    if (row.group == modes && (row.modes & allowed) != 0) names.push_back(row.name);
  }
  const OptionRow* const current = option_of(mode);
  if (current == nullptr)
    throw Error(fmt::format("{} requires {}", what, join(names, " or ")), std::string(hint));
  std::string advice(hint);
  if (advice.empty()) {
    const std::string with = names.empty() ? "" : fmt::format("with {}", join(names, " or "));
    const bool runs = (allowed & run) != 0;
    advice = fmt::format("use it {}{}{}", runs ? "in a run" : "", runs && !with.empty() ? " or " : "", with);
  }
  throw Error(fmt::format("{} cannot be used with {}", what, current->name), advice);
}

}  // namespace probe_run
