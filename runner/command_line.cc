#include "command_line.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <utility>

#include "attach/attach_type.h"
#include "engine/option_table.h"
#include "engine/spec_path.h"
#include "listing/pattern.h"
#include "spec/outline.h"
#include "support/error.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

bool is_pattern(const std::string& argument) {
  if (argument.find(':') != std::string::npos || has_wildcards(argument)) return true;
  return std::any_of(families().begin(), families().end(),
                     [&](const Family& family) { return family.type == argument; });
}

// After "--list --verbose" or "--list --format json", CLI11 takes patterns for specs.
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
  return escape_for_terminal(fmt::format("{} requires {}", mistake.substr(0, at), value));
}

// Options of other tools, and what they are here.
struct OtherName {
  std::string_view name, ours;
};
constexpr OtherName other_names[] = {{"-o", "--output"},
                                     {"-V", "--version"},
                                     {"-f", "--format"},
                                     {"-d", "--duration"},
                                     {"-t", "--duration"},
                                     {"-n", "--count"},
                                     {"-c", "--count"},
                                     {"-r", "--record"},
                                     {"-w", "--record"},
                                     {"-s", "--set"},
                                     {"-?", "--help"},
                                     {"--usage", "--help"},
                                     {"--timeout", "--duration"},
                                     {"--time", "--duration"},
                                     {"--limit", "--count"},
                                     {"--param", "--set"},
                                     {"--silent", "--quiet"},
                                     {"--validate", "--check"},
                                     {"--dry-run", "--check"},
                                     {"--completion", "--generate"}};

// A parameter of a spec of the command line that was given as an option: "--uid 5" is "--set uid=5".
std::string meant_parameter(const CLI::App& app, int argc, char** argv, const std::string& given,
                            const std::string& argument) {
  if (!given.starts_with("--")) return {};
  const std::string name = given.substr(2);
  std::string value =
      argument.size() > given.size() ? argument.substr(given.size() + 1) : std::string("VALUE");
  for (int i = 1; i + 1 < argc; ++i) {
    if (argv[i] == given && argv[i + 1][0] != '-') value = argv[i + 1];
  }
  for (const std::string& spec : app.get_option("SPEC")->results()) {
    try {
      const std::optional<SpecOutline> outline = outline_spec(read_spec(spec));
      if (!outline) continue;
      const std::vector<std::string>& names = outline->parameters;
      if (std::find(names.begin(), names.end(), name) == names.end()) continue;
      return fmt::format("to set the parameter use --set {}={}", name, escape_for_terminal(value));
    } catch (const Error&) {
      continue;  // only the option is reported: it may be its value
    }
  }
  return {};
}

// An argument that no option takes is a mistyped option: specs take all the others.
Error unknown_option(const CLI::App& app, int argc, char** argv) {
  const std::vector<std::string> rest = app.remaining();
  const std::string argument = rest.empty() ? std::string() : rest.front();
  const std::string given = argument.substr(0, argument.find('='));
  const auto refused = [&](const std::string& hint) {
    return Error(fmt::format("unknown option {}", escape_for_terminal(given)), hint);
  };
  if (std::string hint = meant_parameter(app, argc, argv, given, argument); !hint.empty())
    return refused(hint);
  std::vector<std::string> known, longer;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      known.push_back("--" + name);
      if (given.size() > 3 && known.back().starts_with(given)) longer.push_back(known.back());
    }
  }
  for (const auto& [name, ours] : other_names) {
    if (name == given) return refused(fmt::format("did you mean {}?", ours));
  }
  for (const auto& entry : EnumNames<OutputFormat>::names) {
    if (given == fmt::format("--{}", entry.name))
      return refused(fmt::format("did you mean --format {}?", entry.name));
  }
  if (!longer.empty()) return refused(fmt::format("did you mean {}?", join(views(longer), " or ")));
  const std::string_view near = nearest(given, views(known));
  return refused(near.empty() ? std::string("run probe-run --help for the options")
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
    throw Error(fmt::format("{} requires a file name, not an empty string", option->get_name()),
                "give a name or leave the option out; an unset shell variable is an empty string");
  }
}

// What CLI11 says of it counts values.
void refuse_repeated(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_items_expected_max() != 1 || option->get_expected_max() != 1 || option->count() < 2)
      continue;
    throw Error(fmt::format("{} is given {} times", option->get_name(), option->count()),
                "give it once: it applies to the whole run");
  }
}

// Registers the row with the parser; its values are read from the option after parsing.
CLI::Option* add(CLI::App& app, const OptionRow& row) {
  const std::string names =
      row.letter == 0 ? std::string(row.name) : fmt::format("{},-{}", row.name, row.letter);
  if (row.kind == ArgumentKind::none) return app.add_flag(names);
  CLI::Option* const option = app.add_option(names)->type_name(std::string(row.argument));
  if (row.repeat == Repeat::many) option->expected(1, -1)->allow_extra_args();
  if (row.repeat == Repeat::many_or_none) option->expected(0, -1)->allow_extra_args();
  if (row.repeat == Repeat::each) option->expected(1, -1)->allow_extra_args(false);
  return option;
}

struct StoreValues {
  Options& options;
  const CLI::Option& given;

  void operator()(Unstated) const {}  // option_table.cc has no such row
  void operator()(AnsweredByParser) const {}
  void operator()(SelectsModeOnly) const {}
  void operator()(bool Options::*member) const { options.*member = given.as<bool>(); }
  void operator()(std::string Options::*member) const { options.*member = given.results().front(); }
  void operator()(std::vector<std::string> Options::*member) const { options.*member = given.results(); }
  void operator()(void (*store)(Options&, const std::string&)) const {
    for (const std::string& value : given.results()) store(options, value);
  }
};

struct GivenOption {
  const OptionRow& row;
  const CLI::Option& option;
};

void select_mode(Options& options, const std::vector<GivenOption>& given) {
  const OptionRow* selected = nullptr;
  for (const auto& [row, option] : given) {
    if (row.group != OptionGroup::modes) continue;
    if (selected != nullptr) {
      throw Error(fmt::format("{} and {} cannot be used together", selected->name, row.name),
                  "run them one after the other");
    }
    selected = &row;
    for (unsigned mode = 0; mode <= static_cast<unsigned>(Options::Mode::schema); ++mode) {
      if (row.modes == 1U << mode) options.mode = static_cast<Options::Mode>(mode);
    }
  }
}

// The option that selects the mode, or nullptr for a run.
const OptionRow* option_of(Options::Mode mode) {
  const auto row =
      std::find_if(option_table().begin(), option_table().end(), [&](const OptionRow& candidate) {
        return candidate.group == OptionGroup::modes && candidate.modes == in(mode);
      });
  return row == option_table().end() ? nullptr : &*row;
}

// Throws when an option cannot be used in the mode. `what` is the option, or "a SPEC argument".
void check_mode(std::string_view what, ModeSet allowed, std::string_view hint, Options::Mode mode) {
  if ((allowed & in(mode)) != 0) return;
  std::vector<std::string_view> names;
  for (const OptionRow& row : option_table()) {
    if (row.group == OptionGroup::modes && (row.modes & allowed) != 0) names.push_back(row.name);
  }
  const OptionRow* const current = option_of(mode);
  if (current == nullptr)
    throw Error(fmt::format("{} requires {}", what, join(names, " or ")), std::string(hint));
  std::string advice(hint);
  if (advice.empty()) {
    const std::string with = names.empty() ? "" : fmt::format("with {}", join(names, " or "));
    const bool runs = (allowed & in(Options::Mode::run)) != 0;
    advice = fmt::format("use it {}{}{}", runs ? "in a run" : "", runs && !with.empty() ? " or " : "", with);
  }
  throw Error(fmt::format("{} cannot be used with {}", what, current->name), advice);
}

void check_specs(const Options& options) {
  using Mode = Options::Mode;
  const ModeSet need = in(Mode::run) | in(Mode::check) | in(Mode::describe);
  if (options.specs.empty()) {
    if ((need & in(options.mode)) == 0) return;
    throw Error("no spec given",
                "name a spec, such as probe-run opensnoop; probe-run --help lists the options");
  }
  check_mode("a SPEC argument", need | in(Mode::replay), "", options.mode);
  if (options.mode == Mode::replay && options.specs.size() > 1)
    throw Error("--replay takes at most one SPEC");
}

void check_record(Options& options) {
  if (options.record.empty()) return;
  if (options.specs.size() > 1)
    throw Error("--record takes only one SPEC", "record each spec in a run of its own");
  if (options.output == options.record) throw Error("--record and --output name the same file");
  if (options.record != "-") return;
  if (options.output == "stdout") throw Error("--record - and --output - cannot share stdout");
  if (options.stats == "-") throw Error("--record - and --stats - cannot share stdout");
  // The recording has stdout: a replay shows what a run without --record would print.
  if (!options.output) options.output = "/dev/null";
}

void check_list_format(const Options& options) {
  if (options.mode != Options::Mode::list || !options.format) return;
  const std::string_view format = name_of(*options.format);
  if (format == "text" || format == "json" || format == "jsonl") return;
  throw Error(fmt::format("--list cannot write {}", format), "use text, json or jsonl");
}

unsigned terminal_width() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return std::clamp<unsigned>(size.ws_col, 80, 100);
}

}  // namespace

std::variant<Options, int> read_command_line(int argc, char** argv, Sink& out) {
  CLI::App app("", "probe-run");
  app.set_version_flag("--version", "probe-run " PROBE_RUN_VERSION " (libbpf " PROBE_RUN_LIBBPF_VERSION ")");
  Options options;
  app.add_option("SPEC", options.specs)->type_name("");
  std::vector<GivenOption> given;
  for (const OptionRow& row : option_table()) {
    if (std::holds_alternative<AnsweredByParser>(row.store)) continue;
    given.push_back({row, *add(app, row)});
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    print(out, "{}", help_text(terminal_width()));
    return exit_ok;
  } catch (const CLI::CallForVersion& version) {
    print(out, "{}\n", version.what());
    return exit_ok;
  } catch (const CLI::ExtrasError&) {
    throw unknown_option(app, argc, argv);
  } catch (const CLI::ParseError& error) {
    refuse_repeated(app);
    throw Error(in_words(error.what()), "run probe-run --help for the options");
  }
  refuse_repeated(app);
  refuse_empty_names(app);
  std::vector<GivenOption> present;
  std::copy_if(given.begin(), given.end(), std::back_inserter(present),
               [](const GivenOption& one) { return one.option.count() > 0; });
  select_mode(options, present);
  for (const auto& [row, option] : present) std::visit(StoreValues{options, option}, row.store);
  if (!options.generate.empty()) {
    for (const Generated& one : generated()) {
      if (one.name == options.generate) print(out, "{}", one.text());
    }
    return exit_ok;
  }
  if (options.mode == Options::Mode::list) take_patterns(options);
  // No pattern stands for all; CLI11 makes an empty one of it.
  std::replace(options.patterns.begin(), options.patterns.end(), std::string(), std::string("*"));
  for (const auto& [row, option] : present) check_mode(row.name, row.modes, row.hint, options.mode);
  check_specs(options);
  check_record(options);
  check_list_format(options);
  return options;
}

}  // namespace probe_run
