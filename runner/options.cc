#include "options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <utility>

#include "attach/attach_type.h"
#include "listing/pattern.h"
#include "sink/listen_address.h"
#include "spec/output_format.h"
#include "support/error.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

Duration duration_option(const std::string& text) {
  const std::optional<Duration> duration = parse_duration(text);
  if (!duration || duration->count() == 0) {
    throw Error(fmt::format("--duration takes a time such as \"10s\" or \"500ms\", not \"{}\"",
                            escape_for_terminal(text)));
  }
  return *duration;
}

std::vector<std::string_view> format_names() {
  std::vector<std::string_view> names;
  names.reserve(EnumNames<OutputFormat>::names.size());
  for (const auto& entry : EnumNames<OutputFormat>::names) names.push_back(entry.name);
  return names;
}

OutputFormat format_option_value(const std::string& text) {
  for (const auto& entry : EnumNames<OutputFormat>::names) {
    if (entry.name == text) return entry.value;
  }
  throw Error(fmt::format("there is no format \"{}\"", escape_for_terminal(text)),
              suggestion(text, format_names(), "formats"));
}

std::uint64_t count_option_value(const std::string& text) {
  std::uint64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc() || stop != end || count == 0) {
    throw Error(fmt::format("--count takes a whole number from 1, not \"{}\"", escape_for_terminal(text)));
  }
  return count;
}

// "10x", "10" or "0.5x"; nothing for "max".
std::optional<double> speed_option(std::string_view text) {
  if (text == "max") return std::nullopt;
  const std::string given(text);
  if (text.ends_with('x')) text.remove_suffix(1);
  double speed = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, speed, std::chars_format::fixed);
  if (error != std::errc() || stop != end || !(speed >= 0.001 && speed <= 1e6)) {
    throw Error(fmt::format(
        "--speed takes 1x for real time, another factor from 0.001x to 1000000x, or max; not \"{}\"",
        escape_for_terminal(given)));
  }
  return speed;
}

// Bits of the kernel's BPF_LOG_LEVEL and BPF_LOG_STATS.
unsigned verifier_log_level(const std::string& text) {
  if (text == "1") return 1;
  if (text == "2") return 2;
  if (text == "stats") return 4;
  throw Error(fmt::format("--verifier-log takes 1, 2 or stats, not \"{}\"", escape_for_terminal(text)));
}

ParameterValues parameter_options(const std::vector<std::string>& settings) {
  ParameterValues values;
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Error(fmt::format("--set takes NAME=VALUE, not \"{}\"", escape_for_terminal(setting)));
    }
    values[setting.substr(0, equals)] = setting.substr(equals + 1);
  }
  return values;
}

// What a case of a test needs stands in its folder, so that it comes out the same for everyone.
void check_test_options(const Options& options) {
  const std::pair<bool, std::string_view> given[] = {{!options.specs.empty(), "A spec"},
                                                     {!options.parameters.empty(), "--set"},
                                                     {options.output.has_value(), "--output"},
                                                     {options.duration.has_value(), "--duration"},
                                                     {options.count.has_value(), "--count"}};
  for (const auto& [is_given, what] : given) {
    if (is_given) {
      throw Error(fmt::format("{} does not go with --test", what),
                  "what a case needs stands in its folder's case.json");
    }
  }
}

void check_list_options(const Options& options) {
  const std::pair<bool, std::string_view> given[] = {{!options.specs.empty(), "A spec"},
                                                     {!options.parameters.empty(), "--set"},
                                                     {!options.object_dirs.empty(), "--object-dir"},
                                                     {options.duration.has_value(), "--duration"},
                                                     {options.count.has_value(), "--count"}};
  for (const auto& [is_given, what] : given) {
    if (is_given) {
      throw Error(fmt::format("{} does not go with --list", what),
                  "--list takes patterns, such as 'tracepoint:sched:*', and --verbose, --format, --output");
    }
  }
  const std::string_view format = options.format ? name_of(*options.format) : "text";
  if (format != "text" && format != "json" && format != "jsonl")
    throw Error(fmt::format("--list writes text, json or jsonl, not {}", format));
}

bool is_pattern(const std::string& argument) {
  if (argument.find(':') != std::string::npos || has_wildcards(argument)) return true;
  return std::any_of(families().begin(), families().end(),
                     [&](const Family& family) { return family.type == argument; });
}

// Behind "--list --verbose" or "--list --format json", CLI11 takes patterns for specs.
void take_patterns(Options& options) {
  if (options.specs.empty() || !std::all_of(options.specs.begin(), options.specs.end(), is_pattern)) return;
  std::erase(options.patterns, "");
  options.patterns.insert(options.patterns.end(), options.specs.begin(), options.specs.end());
  options.specs.clear();
}

// CLI11 says "--set: 1 required NAME=VALUE missing".
std::string in_words(std::string_view mistake) {
  constexpr std::string_view middle = ": 1 required ", end = " missing";
  const std::size_t at = mistake.find(middle);
  if (at == std::string_view::npos || !mistake.ends_with(end)) return escape_for_terminal(mistake);
  std::string_view value = mistake.substr(at + middle.size());
  value.remove_suffix(end.size());
  return escape_for_terminal(fmt::format("{} needs its {}", mistake.substr(0, at), value));
}

// An argument that no option takes is a mistyped option: specs take all the others.
Error unknown_option(const CLI::App& app) {
  const std::vector<std::string> rest = app.remaining();
  const std::string given = rest.empty() ? std::string() : rest.front().substr(0, rest.front().find('='));
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  }
  const std::string_view near = nearest(given, views(known));
  return Error(fmt::format("there is no option {}", escape_for_terminal(given)),
               near.empty() ? std::string("probe-run --help lists the options")
                            : fmt::format("did you mean {}?", near));
}

// `--record "$FILE"` without a FILE would else be a run that is not recorded, and the same with --replay a
// run.
void refuse_empty_names(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    const std::string type = option->get_type_name();
    if (type != "FILE" && type != "DIR" && type != "DIR...") continue;
    const std::vector<std::string> given = option->results();
    if (std::find(given.begin(), given.end(), std::string()) == given.end()) continue;
    throw Error(fmt::format("{} has an empty name", option->get_name()),
                "give the name, or leave the option out; a shell's variable that is not set is empty");
  }
}

// What CLI11 says of it counts values.
void refuse_repeated(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_items_expected_max() != 1 || option->get_expected_max() != 1 || option->count() < 2)
      continue;
    throw Error(fmt::format("{} is given {} times", option->get_name(), option->count()),
                "it is one for the whole run: give it once");
  }
}

}  // namespace

std::variant<Options, int> read_command_line(int argc, char** argv) {
  CLI::App app("Runs eBPF probes from spec files.", "probe-run");
  app.set_version_flag("--version", "probe-run " PROBE_RUN_VERSION " (libbpf " PROBE_RUN_LIBBPF_VERSION ")");
  app.get_formatter()->column_width(28);
  Options options;
  std::vector<std::string> settings;
  std::string duration;
  std::string count;
  std::string output;
  std::string speed;
  std::string listen;
  std::string verifier_log;
  bool check_specs = false;
  bool describe_specs = false;
  bool print_schema = false;
  std::string format;

  app.add_option("SPEC", options.specs, "Spec files, or names of installed specs")->type_name("");
  app.add_flag("--check", check_specs, "Validate the specs; needs no privileges, loads nothing");
  app.add_flag("--describe", describe_specs, "Say what the specs would do, or what recordings hold");
  const auto* list_option = app.add_option("--list,-l", options.patterns,
                                           "List what can be attached to here, such as 'tracepoint:sched:*'")
                                ->type_name("PATTERN...")
                                ->expected(0, -1);
  app.add_flag("--verbose,-v", options.verbose, "Of --list: with arguments and fields");
  app.add_flag("--schema", print_schema, "Print the JSON schema of specs");
  app.add_option("--set", settings, "Set a parameter of the specs")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  app.add_option("--record", options.record, "Keep what the run sees in a recording")->type_name("FILE");
  app.add_option("--replay", options.replay, "Render a recording, with its own spec or SPEC")
      ->type_name("FILE");
  const auto* speed_option_given =
      app.add_option("--speed", speed, "Of a replay: 1x is real time, max (the default) does not wait")
          ->type_name("SPEED");
  app.add_option("--test", options.tests, "Compare what recordings render to with expected files")
      ->type_name("DIR...");
  app.add_flag("--accept", options.accept, "Of tests: expect from now on what was received");
  const auto* format_option =
      app.add_option("--format", format, fmt::format("Of every output: {}", join(format_names())))
          ->type_name("FORMAT");
  const auto* output_option =
      app.add_option("--output", output, "Write to a file what would go to stdout")->type_name("FILE");
  const auto* duration_flag =
      app.add_option("--duration", duration, "Stop after this time, such as 10s")->type_name("TIME");
  const auto* count_option =
      app.add_option("--count", count, "Stop after so many events, or map reads")->type_name("N");
  app.add_option("--object-dir", options.object_dirs, "Look for objects here too")
      ->type_name("DIR")
      ->allow_extra_args(false);
  app.add_option("--btf", options.btf, "Take the kernel's types from this file")->type_name("FILE");
  const auto* verifier_log_option =
      app.add_option("--verifier-log", verifier_log, "Show what the verifier says: 1, 2 (more) or stats")
          ->type_name("LEVEL");
  const auto* listen_option =
      app.add_option("--listen", listen, "Serve metrics to Prometheus there: 9435 or ADDRESS:9435")
          ->type_name("ADDRESS");
  app.add_option("--stats", options.stats, "Write the figures of the summary to a file, as JSON")
      ->type_name("FILE");
  app.add_flag("--strict", options.strict, "Of several specs, one that fails ends all");
  app.add_flag("--quiet,-q", options.quiet, "No status and no summary; errors and warnings remain");
  app.footer("The first Ctrl-C stops the probes, shows what is left and ends; a second one kills.");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError&) {
    throw unknown_option(app);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error) == 0 ? exit_ok : exit_invalid;
    refuse_repeated(app);
    throw Error(in_words(error.what()), "probe-run --help lists the options");
  }
  refuse_empty_names(app);
  using Mode = Options::Mode;
  const bool tests = !options.tests.empty();
  const bool lists = list_option->count() > 0;
  if (lists) take_patterns(options);
  // No pattern stands for all; CLI11 makes an empty one of it.
  std::replace(options.patterns.begin(), options.patterns.end(), std::string(), std::string("*"));
  if (check_specs + describe_specs + print_schema + tests + lists + !options.replay.empty() > 1) {
    throw Error("--check, --describe, --schema, --list, --replay and --test exclude one another");
  }
  if (check_specs) options.mode = Mode::check;
  if (describe_specs) options.mode = Mode::describe;
  if (print_schema) options.mode = Mode::schema;
  if (!options.replay.empty()) options.mode = Mode::replay;
  if (tests) options.mode = Mode::test;
  if (lists) options.mode = Mode::list;
  options.parameters = parameter_options(settings);
  if (tests && *format_option) options.test_format = format;
  if (*format_option && !(tests && format == "default")) options.format = format_option_value(format);
  if (*speed_option_given) options.speed = speed_option(speed);
  // As with --record and --replay, not a file of that name.
  if (*output_option) options.output = output == "-" ? "stdout" : output;
  if (*listen_option) {
    if (!parse_listen_address(listen)) throw listen_mistake(listen);
    options.listen = listen;
  }
  if (*verifier_log_option) options.verifier_log = verifier_log_level(verifier_log);
  if (*duration_flag) options.duration = duration_option(duration);
  if (*count_option) options.count = count_option_value(count);

  const bool needs_spec =
      options.mode == Mode::run || options.mode == Mode::check || options.mode == Mode::describe;
  if (needs_spec && options.specs.empty()) {
    throw Error("no spec given", "probe-run SPEC runs one; probe-run --help lists the options");
  }
  if (options.mode == Mode::replay && options.specs.size() > 1)
    throw Error("--replay takes one spec, or none");
  if (tests) check_test_options(options);
  if (lists) check_list_options(options);
  if (options.verbose && !lists) throw Error("--verbose belongs to --list");
  if (options.accept && !tests) throw Error("--accept belongs to --test");
  if (*speed_option_given && options.mode != Mode::replay) throw Error("--speed belongs to a replay");
  if (options.listen && options.mode != Mode::run && options.mode != Mode::check) {
    throw Error("--listen belongs to a run", "--format prometheus renders a recording as metrics");
  }
  if (options.verifier_log != 0 && options.mode != Mode::run) {
    throw Error("--verifier-log belongs to a run", "the kernel verifies programs when it loads them");
  }
  if (!options.btf.empty() && !needs_spec) throw Error("--btf belongs to a run, --check or --describe");
  if (!options.stats.empty() && options.mode != Mode::run && options.mode != Mode::replay) {
    throw Error("--stats belongs to a run or a replay");
  }
  if (options.strict && options.mode != Mode::run) throw Error("--strict belongs to a run");
  if (!options.record.empty() && (options.mode != Mode::run || options.specs.size() > 1)) {
    throw Error("--record belongs to a run of one spec");
  }
  if (!options.record.empty() && options.output == options.record) {
    throw Error("--record and --output are the same file");
  }
  if (options.record == "-") {
    // Standard output is the recording's then: what would be shown there, the replay shows.
    if (options.output == "stdout") throw Error("--record - has standard output for itself");
    if (options.stats == "-") throw Error("--record - has standard output for itself");
    if (!options.output) options.output = "/dev/null";
  }
  return options;
}

}  // namespace probe_run
