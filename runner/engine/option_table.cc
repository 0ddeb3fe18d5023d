#include "engine/option_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/option_values.h"
#include "spec/output_format.h"
#include "support/suggest.h"

namespace probe_run {
namespace {

using Mode = Options::Mode;

std::vector<std::string_view> format_names() {
  std::vector<std::string_view> names;
  for (const auto& entry : EnumNames<OutputFormat>::names) names.push_back(entry.name);
  return names;
}

constexpr ModeSet run = in(Mode::run), check = in(Mode::check), describe = in(Mode::describe),
                  replay = in(Mode::replay), test = in(Mode::test), list = in(Mode::list),
                  schema = in(Mode::schema);
constexpr ModeSet everywhere = run | check | describe | replay | test | list | schema;

using enum OptionGroup;
using Kind = ArgumentKind;
constexpr OptionRow rows[] = {
    {.name = "--check",
     .group = modes,
     .modes = check,
     .store = SelectsModeOnly{},
     .help = "Validate specs without loading anything; needs no privileges",
     .detail =
         "Does everything that a run does before it loads anything, and prints `FILE: ok` or the errors. "
         "A parameter without a default takes its `example`."},
    {.name = "--describe",
     .group = modes,
     .modes = describe,
     .store = SelectsModeOnly{},
     .help = "Explain what specs would do, or what a recording contains",
     .detail = "Prints the object, the parameters, the programs and their attach points, the maps and their "
               "fields. For a recording, prints where and when it was made, what it contains, and whether it "
               "is complete. Needs no privileges."},
    {.name = "--replay",
     .argument = "FILE",
     .kind = Kind::file,
     .group = modes,
     .modes = replay,
     .store = &Options::replay,
     .help = "Render a recording with its own spec or with SPEC",
     .detail = "`-` is stdin, which is rendered as it arrives. Needs no privileges. `--set` works for "
               "parameters that the spec uses as `${NAME}`; those that set a global took effect when the "
               "recording was made."},
    {.name = "--test",
     .argument = "DIR...",
     .kind = Kind::directory,
     .repeat = Repeat::many,
     .group = modes,
     .modes = test,
     .store = &Options::tests,
     .help = "Compare rendered recordings with expected files",
     .detail =
         "Renders the recordings in DIR and its subdirectories, and compares the output with the expected files "
         "next to them. Needs no privileges. With `--format`, only that format is compared; `default` "
         "is the output without `--format`.",
     .see = "[testing.md](testing.md)"},
    {.name = "--list",
     .letter = 'l',
     .argument = "[PATTERN...]",
     .kind = Kind::pattern,
     .repeat = Repeat::many_or_none,
     .group = modes,
     .modes = list,
     .store = &Options::patterns,
     .help = "List attach points of this machine, such as 'tracepoint:sched:*'",
     .detail = "Most types need no privileges.",
     .see = "[Attach points of this machine](#attach-points-of-this-machine)"},
    {.name = "--schema",
     .group = modes,
     .modes = schema,
     .store = SelectsModeOnly{},
     .help = "Print the JSON schema of specs"},

    {.name = "--set",
     .argument = "NAME=VALUE",
     .kind = Kind::parameter,
     .repeat = Repeat::each,
     .group = input,
     .modes = run | check | describe | replay,
     .store = &store_parameter,
     .help = "Set a parameter of the specs; may be repeated",
     .detail = "With several specs, it is set in those that have it; `SPEC.NAME=VALUE` sets it in one.",
     .see = "[Several specs](#several-specs)"},
    {.name = "--object-dir",
     .argument = "DIR",
     .kind = Kind::directory,
     .repeat = Repeat::each,
     .group = input,
     .modes = run | check | describe | replay | test,
     .store = &Options::object_dirs,
     .help = "Also search DIR for objects; may be repeated",
     .detail = "DIR is searched after the spec's own directory.",
     .see = "[Where objects are found](#where-objects-are-found)"},
    {.name = "--btf",
     .argument = "FILE",
     .kind = Kind::file,
     .group = input,
     .modes = run | check | describe,
     .store = &Options::btf,
     .help = "Read the kernel's types from FILE",
     .detail = "FILE is raw BTF or an ELF file, and overrides the `btf` of the specs."},
    {.name = "--speed",
     .argument = "SPEED",
     .kind = Kind::text,
     .group = input,
     .modes = replay,
     .store = &store_speed,
     .help = "Replay at SPEED: 1x is real time, max (the default) does not wait",
     .detail = "`1x` waits between events as long as the recorded run did, `10x` a tenth of that."},

    {.name = "--format",
     .argument = "FORMAT",
     .kind = Kind::format,
     .group = output,
     .modes = everywhere & ~schema,
     .store = &store_format,
     .help = "Use FORMAT for every output"},
    {.name = "--output",
     .argument = "FILE",
     .kind = Kind::file,
     .group = output,
     .modes = everywhere & ~(test | schema),
     .store = &store_output,
     .help = "Write to FILE instead of stdout",
     .detail =
         "The file is truncated when the run begins; a run that cannot start does not change it. `-` is "
         "stdout."},
    {.name = "--record",
     .argument = "FILE",
     .kind = Kind::file,
     .group = output,
     .modes = run,
     .store = &Options::record,
     .help = "Record all events and map reads of one spec",
     .detail =
         "The output is still shown. The file is truncated when the run begins; the run ends if writing it "
         "fails. `-` is stdout: the output is then shown only with `--output`."},
    {.name = "--listen",
     .argument = "ADDRESS",
     .kind = Kind::text,
     .group = output,
     .modes = run | check,
     .store = &store_listen,
     .help = "Serve metrics to Prometheus at ADDRESS, such as 9435",
     .detail = "The metrics are at `http://ADDRESS/metrics`. ADDRESS is a port of the loopback interface, or "
               "`ADDRESS:PORT`.",
     .see = "[Prometheus](prometheus.md)",
     .hint = "use --format prometheus to render a recording as metrics"},
    {.name = "--allow-host",
     .argument = "NAME",
     .kind = Kind::text,
     .repeat = Repeat::each,
     .group = output,
     .modes = run | check,
     .store = &store_allowed_host,
     .help = "Let clients ask for metrics by this host name; may be repeated",
     .detail =
         "Without it, only by IP addresses and localhost. `.example.org` permits the names below a domain, `*` "
         "any name.",
     .see = "[Prometheus](prometheus.md#host-names)"},
    {.name = "--stats",
     .argument = "FILE",
     .kind = Kind::file,
     .group = output,
     .modes = run | replay,
     .store = &Options::stats,
     .help = "Write the counts of the summary to FILE as JSON",
     .detail =
         "The file is opened at the start, and truncated and written at the end. `-` is stdout, after all other "
         "output.",
     .see = "[Output](#output)"},
    {.name = "--verifier-log",
     .argument = "LEVEL",
     .kind = Kind::level,
     .group = output,
     .modes = run,
     .store = &store_verifier_log,
     .help = "Print the verifier's log: 1, 2 (more) or stats",
     .detail = "The log of each program goes to stderr, complete for a rejected one. `1` shows the "
               "path to the rejected instruction; `2` shows every path, with the state at each instruction; "
               "`stats` shows the time and the size.",
     .hint = "use it in a run: the kernel only verifies programs that it loads"},
    {.name = "--no-sandbox",
     .group = output,
     .modes = run,
     .store = &Options::no_sandbox,
     .help = "Run without seccomp and Landlock, for debugging",
     .detail =
         "A run forbids itself what it does not need once its programs are attached, by seccomp and Landlock. "
         "`--stats` tells whether they are in force.",
     .see = "[Security](security.md#what-a-run-gives-up)"},
    {.name = "--quiet",
     .letter = 'q',
     .group = output,
     .modes = everywhere,
     .store = &Options::quiet,
     .help = "Print only errors and warnings",
     .detail = "Omits the status, the summary, and the `ok` of `--check`."},
    {.name = "--verbose",
     .letter = 'v',
     .group = output,
     .modes = list,
     .store = &Options::verbose,
     .help = "List attach points with their arguments and fields"},

    {.name = "--duration",
     .argument = "TIME",
     .kind = Kind::text,
     .group = limits,
     .modes = run | check | describe | replay,
     .store = &store_duration,
     .help = "Stop after TIME, such as 10s",
     .detail = "TIME is a number with `ns`, `us`, `ms`, `s`, `m` or `h`. In a replay it is recorded time."},
    {.name = "--count",
     .argument = "N",
     .kind = Kind::text,
     .group = limits,
     .modes = run | check | describe | replay,
     .store = &store_count,
     .help = "Stop each spec after N events and map reads"},
    {.name = "--strict",
     .group = limits,
     .modes = run,
     .store = &Options::strict,
     .help = "Stop all specs when one fails",
     .see = "[Several specs](#several-specs)"},

    {.name = "--accept",
     .group = tests,
     .modes = test,
     .store = &Options::accept,
     .help = "Overwrite the expected files with the actual output",
     .detail = "Reports which files changed. With `--format`, also creates new ones."},

    {.name = "--help",
     .letter = 'h',
     .group = other,
     .modes = everywhere,
     .store = AnsweredByParser{},
     .help = "Print this help"},
    {.name = "--version",
     .group = other,
     .modes = everywhere,
     .store = AnsweredByParser{},
     .help = "Print the versions of probe-run and libbpf",
     .detail = "Some attach types need a newer libbpf."},
    {.name = "--generate",
     .argument = "KIND",
     .kind = Kind::generated,
     .group = other,
     .modes = everywhere,
     .store = &store_generate,
     .help = "Print the man page (man) or shell completion (bash, zsh or fish)"},
};

constexpr OptionGroupTitle groups[] = {{modes, "Modes"},   {input, "Input"}, {output, "Output"},
                                       {limits, "Limits"}, {tests, "Tests"}, {other, "Other"}};

constexpr Generated generated_rows[] = {
    {"man", man_page}, {"bash", bash_completion}, {"zsh", zsh_completion}, {"fish", fish_completion}};

// A flag is stored without an argument; everything else has one.
constexpr bool complete(const OptionRow& row) {
  if (!row.name.starts_with("--") || row.help.empty() || row.help.ends_with('.')) return false;
  if (row.modes == 0 || std::holds_alternative<Unstated>(row.store)) return false;
  const bool flag = std::holds_alternative<AnsweredByParser>(row.store) ||
                    std::holds_alternative<SelectsModeOnly>(row.store) ||
                    std::holds_alternative<bool Options::*>(row.store);
  if (flag != row.argument.empty() || flag != (row.kind == Kind::none)) return false;
  const bool several = row.repeat == Repeat::many || row.repeat == Repeat::many_or_none;
  if (several && !std::holds_alternative<std::vector<std::string> Options::*>(row.store)) return false;
  return row.group != modes || (row.modes & (row.modes - 1)) == 0;
}

constexpr bool complete() {
  for (const OptionRow& row : rows) {
    std::size_t names = 0, letters = 0, titles = 0;
    for (const OptionRow& other : rows) {
      if (other.name == row.name) ++names;
      if (other.letter != 0 && other.letter == row.letter) ++letters;
    }
    for (const OptionGroupTitle& title : groups) {
      if (title.group == row.group) ++titles;
    }
    if (!complete(row) || names != 1 || letters > 1 || titles != 1) return false;
  }
  return true;
}
static_assert(complete(), "a row of the option table is incomplete, or its name is not unique");

}  // namespace

std::span<const OptionRow> option_table() {
  return rows;
}

std::span<const OptionGroupTitle> option_groups() {
  return groups;
}

std::span<const Generated> generated() {
  return generated_rows;
}

std::string help_of(const OptionRow& row) {
  if (row.kind != Kind::format) return std::string(row.help);
  return fmt::format("{}: {}", row.help, join(format_names(), " or "));
}

}  // namespace probe_run
