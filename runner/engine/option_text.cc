// --help and the reference of options, generated from the option table; and the text around it.
#include <fmt/format.h>

#include <algorithm>

#include "engine/option_table.h"

namespace probe_run {
namespace {

constexpr Usage usage_rows[] = {
    {"[OPTIONS] SPEC...", "run specs, all in one process"},
    {"--check SPEC...", "validate specs"},
    {"--describe SPEC...", "explain specs or recordings"},
    {"--replay FILE [SPEC]", "render a recording"},
    {"--test DIR...", "compare recordings with expected files"},
    {"--list [PATTERN...]", "list attach points of this machine"},
    {"--schema", "print the JSON schema of specs"},
};

constexpr Example example_rows[] = {
    {"probe-run opensnoop", "run an installed spec"},
    {"probe-run --set comm=bash --duration 10s opensnoop", "set a parameter and stop after 10 seconds"},
    {"probe-run --check my-spec.json", "validate a spec"},
    {"probe-run --record run.rec opensnoop", "record what the run sees"},
    {"probe-run --replay run.rec --format csv", "render the recording in another format"},
    {"probe-run --list 'tracepoint:sched:*'", "find attach points"},
};

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

// "NAME ARGUMENT", or NAME alone.
std::string with_argument(const OptionRow& row) {
  return row.argument.empty() ? std::string(row.name) : fmt::format("{} {}", row.name, row.argument);
}

}  // namespace

std::span<const Usage> usages() {
  return usage_rows;
}

std::span<const Example> examples() {
  return example_rows;
}

std::string help_text(unsigned width) {
  std::string out = "Run eBPF probes from spec files.\n\nUsage:\n";
  for (const Usage& usage : usages())
    out += fmt::format("  probe-run {:<22}{}\n", usage.arguments, usage.meaning);
  out += fmt::format("\n{}\n", wrapped(spec_argument, 0, width));
  for (const auto& [group, title] : option_groups()) {
    out += fmt::format("\n{}:\n", title);
    for (const OptionRow& row : option_table()) {
      if (row.group != group) continue;
      const std::string letter = row.letter == 0 ? "   " : fmt::format("-{},", row.letter);
      out += fmt::format("  {} {:<20}  {}\n", letter, with_argument(row), wrapped(help_of(row), 28, width));
    }
  }
  out += "\nExamples:\n";
  for (const Example& example : examples())
    out += fmt::format("  # {}\n  {}\n", example.meaning, example.command);
  return out + fmt::format("\n{}\n", wrapped("Ctrl-C stops the probes and prints the remaining output; a "
                                             "second Ctrl-C kills the process.",
                                             0, width));
}

std::string options_reference() {
  constexpr std::size_t columns = 120;
  std::string out;
  for (const auto& [group, title] : option_groups()) {
    out += fmt::format("{}**{}**\n\n", out.empty() ? "" : "\n", title);
    for (const OptionRow& row : option_table()) {
      if (row.group != group) continue;
      const std::string letter = row.letter == 0 ? "" : fmt::format("`-{}`, ", row.letter);
      std::string text = help_of(row) + ".";
      if (!row.detail.empty()) text += fmt::format(" {}", row.detail);
      if (!row.see.empty()) text += fmt::format(" See {}.", row.see);
      out += fmt::format("- {}`{}`\\\n  {}\n", letter, with_argument(row), wrapped(text, 2, columns));
    }
  }
  return out;
}

}  // namespace probe_run
