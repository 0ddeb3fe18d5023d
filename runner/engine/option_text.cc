// --help and the reference of options, from the table of options.
#include <fmt/format.h>

#include <algorithm>

#include "engine/option_table.h"
#include "support/suggest.h"

namespace probe_run {
namespace {

struct Usage {
  std::string_view arguments, meaning;
};

constexpr Usage usages[] = {
    {"[OPTIONS] SPEC...", "run specs, all in one process"},
    {"--check SPEC...", "validate specs"},
    {"--describe SPEC...", "explain specs or recordings"},
    {"--replay FILE [SPEC]", "render a recording"},
    {"--test DIR...", "compare recordings with expected files"},
    {"--list [PATTERN...]", "list attach points of this machine"},
};

struct Group {
  OptionGroup group;
  std::string_view title;
};

constexpr Group groups[] = {{OptionGroup::modes, "Modes"},   {OptionGroup::input, "Input"},
                            {OptionGroup::output, "Output"}, {OptionGroup::limits, "Limits"},
                            {OptionGroup::tests, "Tests"},   {OptionGroup::other, "Other"}};

struct Example {
  std::string_view command, meaning;
};

constexpr Example examples[] = {
    {"probe-run opensnoop", "run an installed spec"},
    {"probe-run --set comm=bash --duration 10s opensnoop", "set a parameter, stop after 10 seconds"},
    {"probe-run --check my-spec.json", "validate a spec without privileges"},
    {"probe-run --record run.rec opensnoop", "keep what the run sees"},
    {"probe-run --replay run.rec --format csv", "render it again in another format"},
    {"probe-run --list 'tracepoint:sched:*'", "find attach points"},
};

std::string formats() {
  std::vector<std::string_view> names;
  for (const auto& entry : EnumNames<OutputFormat>::names) names.push_back(entry.name);
  return join(names, " or ");
}

// The one fact that stands in a table of its own: the names of formats.
std::string help_of(const OptionRow& row) {
  if (row.kind != ArgumentKind::format) return std::string(row.help);
  return fmt::format("{}: {}", row.help, formats());
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out;
  std::size_t column = indent;
  while (!text.empty()) {
    const std::size_t length = std::min(text.find(' '), text.size());
    if (column > indent && column + 1 + length > width) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += text.substr(0, length);
    column += length;
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  return out;
}

}  // namespace

std::string help_text(unsigned width) {
  std::string out = "Run eBPF probes from spec files.\n\nUsage:\n";
  for (const Usage& usage : usages)
    out += fmt::format("  probe-run {:<22}{}\n", usage.arguments, usage.meaning);
  out += "\nSPEC is a file, when it contains a / or ends in .json, or the name of an installed spec.\n";
  for (const Group& group : groups) {
    out += fmt::format("\n{}:\n", group.title);
    for (const OptionRow& row : option_table()) {
      if (row.group != group.group) continue;
      const std::string letter = row.letter == 0 ? "   " : fmt::format("-{},", row.letter);
      const std::string name =
          fmt::format("{} {}{}{}", letter, row.name, row.argument.empty() ? "" : " ", row.argument);
      out += fmt::format("  {:<24}  {}\n", name, wrapped(help_of(row), 28, width));
    }
  }
  out += "\nExamples:\n";
  for (const Example& example : examples)
    out += fmt::format("  # {}\n  {}\n", example.meaning, example.command);
  out += "\nThe first Ctrl-C stops the probes and prints what is left; a second one kills the process.\n";
  return out;
}

std::string options_reference() {
  std::string out = "| Option | |\n|---|---|\n";
  for (const Group& group : groups) {
    for (const OptionRow& row : option_table()) {
      if (row.group != group.group) continue;
      const std::string letter = row.letter == 0 ? "" : fmt::format("`-{}`, ", row.letter);
      out += fmt::format("| {}`{}{}{}` | {}.{}{} |\n", letter, row.name, row.argument.empty() ? "" : " ",
                         row.argument, help_of(row), row.detail.empty() ? "" : " ", row.detail);
    }
  }
  return out;
}

}  // namespace probe_run
