// The options of the command line, each one a row. The parser, the mode checks, --help, the reference in
// docs/command-line.md, the man page and shell completion are made from these rows.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/options.h"

namespace probe_run {

// What shell completion offers for an argument.
enum class ArgumentKind { none, text, file, directory, format, pattern, parameter, level, script };

enum class OptionGroup { modes, input, output, limits, tests, other };

using ModeSet = unsigned;
constexpr ModeSet in(Options::Mode mode) {
  return 1U << static_cast<unsigned>(mode);
}

// How a value is stored. A function throws Error when the value is wrong.
struct AnsweredByParser {};  // --help and --version
struct SelectsModeOnly {};
using StoreOption = std::variant<AnsweredByParser, SelectsModeOnly, bool Options::*, std::string Options::*,
                                 std::vector<std::string> Options::*, void (*)(Options&, const std::string&)>;

enum class Repeat { once, each, many, many_or_none };  // many: several values after one name

struct OptionRow {
  std::string_view name;  // with its dashes
  char letter;            // 0 for none
  std::string_view argument;
  ArgumentKind kind;
  Repeat repeat;
  OptionGroup group;
  ModeSet modes;  // where it may be given
  StoreOption store;
  std::string_view help;    // one line, imperative
  std::string_view detail;  // Markdown: what the reference says after the help line
  std::string_view hint;    // where the option is refused, instead of the list of its modes
};

std::span<const OptionRow> option_table();

// The option that selects the mode, or nullptr for a run.
const OptionRow* option_of(Options::Mode mode);

// Throws when an option cannot be used in the mode. `what` is the option, or "a SPEC argument".
void check_mode(std::string_view what, ModeSet modes, std::string_view hint, Options::Mode mode);

// --help, wrapped to `width` columns.
std::string help_text(unsigned width);

// The table of options in docs/command-line.md, as Markdown.
std::string options_reference();

// What --generate prints: "man", "bash", "zsh" or "fish".
std::string generated(std::string_view what);

}  // namespace probe_run
