// The command-line options, one row each. The parser, the mode checks, --help, the reference in
// docs/command-line.md, the man page and shell completion are generated from these rows.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/options.h"

namespace probe_run {

// What shell completion offers for an argument.
enum class ArgumentKind { none, text, file, directory, format, pattern, parameter, level, generated };

enum class OptionGroup { unstated, modes, input, output, limits, tests, other };

using ModeSet = unsigned;
constexpr ModeSet in(Options::Mode mode) {
  return 1U << static_cast<unsigned>(mode);
}

// How a value is stored. A function throws Error when the value is wrong.
struct Unstated {};
struct AnsweredByParser {};  // --help and --version
struct SelectsModeOnly {};
using StoreOption =
    std::variant<Unstated, AnsweredByParser, SelectsModeOnly, bool Options::*, std::string Options::*,
                 std::vector<std::string> Options::*, void (*)(Options&, const std::string&)>;

enum class Repeat { once, each, many, many_or_none };  // many: several values after one name

struct OptionRow {
  std::string_view name;  // with its dashes
  char letter = 0;        // 0 for none
  std::string_view argument = "";
  ArgumentKind kind = ArgumentKind::none;
  Repeat repeat = Repeat::once;
  OptionGroup group = OptionGroup::unstated;
  ModeSet modes = 0;  // the modes in which it is allowed
  StoreOption store = Unstated{};
  std::string_view help;         // one line, imperative, without a full stop
  std::string_view detail = "";  // more sentences for the reference and the man page; code in backquotes
  std::string_view see = "";     // a Markdown link, for the reference
  std::string_view hint = "";    // shown in other modes, instead of the list of its modes
};

std::span<const OptionRow> option_table();

// The help line; that of --format lists the formats.
std::string help_of(const OptionRow& row);

// In the order in which they are shown.
struct OptionGroupTitle {
  OptionGroup group;
  std::string_view title;
};
std::span<const OptionGroupTitle> option_groups();

struct Usage {
  std::string_view arguments, meaning;
};
std::span<const Usage> usages();

struct Example {
  std::string_view command, meaning;
};
std::span<const Example> examples();

// What a SPEC argument is: a sentence.
inline constexpr std::string_view spec_argument =
    "SPEC is a file if it contains a / or ends in .json; otherwise it is the name of an installed spec.";

// --help, wrapped to `width` columns.
std::string help_text(unsigned width);

// The lists of options in docs/command-line.md, as Markdown.
std::string options_reference();

// What --generate prints.
struct Generated {
  std::string_view name;
  std::string (*text)();
};
std::span<const Generated> generated();

std::string man_page();
std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

}  // namespace probe_run
