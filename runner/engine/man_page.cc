// The man page probe-run(1), from the table of options.
#include <fmt/format.h>

#include <algorithm>

#include "engine/option_table.h"

namespace probe_run {
namespace {

// Escapes text for roff: hyphens that can be copied, backslashes, and no accidental control lines.
std::string roff(std::string_view text) {
  std::string out;
  if (text.starts_with('.') || text.starts_with('\'')) out += "\\&";
  for (const char c : text) {
    if (c == '-') {
      out += "\\-";
    } else if (c == '\\') {
      out += "\\e";
    } else if (c == '\'') {
      out += "\\(aq";
    } else {
      out += c;
    }
  }
  return out;
}

// Sentences of prose, one on each line, with `code` in bold.
std::string paragraph(std::string_view text) {
  std::string out;
  bool bold = false;
  while (!text.empty()) {
    const std::size_t mark = text.find('`');
    out += roff(text.substr(0, mark));
    if (mark == std::string_view::npos) break;
    bold = !bold;
    out += bold ? "\\fB" : "\\fR";
    text.remove_prefix(mark + 1);
  }
  for (std::size_t at = 0; (at = out.find(". ", at)) != std::string::npos;) out.replace(at, 2, ".\n");
  return out + "\n";
}

// Options in bold, names in capitals in italics.
std::string synopsis(std::string_view arguments) {
  constexpr std::string_view capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  constexpr std::string_view of_option = "-abcdefghijklmnopqrstuvwxyz";
  std::string out;
  while (!arguments.empty()) {
    const bool option = arguments.starts_with("--");
    const std::size_t length =
        std::min(arguments.size(), arguments.find_first_not_of(option ? of_option : capitals));
    if (length == 0) {
      out += arguments.front();
      arguments.remove_prefix(1);
      continue;
    }
    out += fmt::format("\\f{}{}\\fR", option ? 'B' : 'I', roff(arguments.substr(0, length)));
    arguments.remove_prefix(length);
  }
  return out;
}

// "../lib/probe-run/bpf" relative to the installation prefix.
std::string below_prefix(std::string_view from_bin) {
  return "PREFIX/" + std::string(from_bin.substr(std::string_view("../").size()));
}

// A term and its meaning. Both are prose.
struct Entry {
  std::string_view term, meaning;
};

std::string section(std::string_view title, std::span<const Entry> entries) {
  std::string out = fmt::format(".SH {}\n", title);
  for (const Entry& entry : entries) out += ".TP\n" + paragraph(entry.term) + paragraph(entry.meaning);
  return out;
}

constexpr Entry exit_status[] = {
    {"`0`", "Success. Also a run that was stopped by a signal, `--duration` or `--count`."},
    {"`1`", "The run or one of its specs failed, a test differs, or nothing matches a pattern of `--list`."},
    {"`2`", "The command line or a spec is wrong, or a test could not be run."}};
constexpr Entry signals[] = {
    {"`SIGINT`, `SIGTERM`",
     "Detach the programs, print the remaining output and exit with 0. A second signal kills the process."},
    {"`SIGHUP`",
     "Open the output files again. A run that writes to no file stops as after `SIGTERM`, unless it was "
     "started with `nohup`."}};
constexpr Entry environment[] = {
    {"`PATH`, `LD_LIBRARY_PATH`",
     "Where the binary of a uprobe is searched if its name does not contain a /."},
    {"`TZ`", "The time zone of local times."},
    {"`TERM`", "A `live` table is drawn only if it is set and not `dumb`."},
    {"`NO_COLOR`", "If it is not empty, terminals get no colours and no bold text."},
    {"`LC_ALL`, `LC_CTYPE`, `LANG`", "Whether a terminal takes UTF-8."}};

std::string options() {
  std::string out = ".SH OPTIONS\n";
  for (const auto& [group, title] : option_groups()) {
    out += fmt::format(".SS {}\n", title);
    for (const OptionRow& row : option_table()) {
      if (row.group != group) continue;
      const std::string letter = row.letter == 0 ? "" : fmt::format("\\fB\\-{}\\fR, ", row.letter);
      const std::string argument = row.argument.empty() ? "" : " " + synopsis(row.argument);
      out += fmt::format(".TP\n{}\\fB{}\\fR{}\n{}", letter, roff(row.name), argument,
                         paragraph(help_of(row) + "."));
      if (!row.detail.empty()) out += paragraph(row.detail);
    }
  }
  return out;
}

}  // namespace

std::string man_page() {
  std::string out = fmt::format(
      ".TH PROBE\\-RUN 1 \"\" \"probe\\-run {}\" \"User Commands\"\n"
      ".SH NAME\nprobe\\-run \\- run eBPF probes from spec files\n.SH SYNOPSIS\n.nf\n",
      PROBE_RUN_VERSION);
  for (const Usage& usage : usages())
    out += fmt::format("\\fBprobe\\-run\\fR {}\n", synopsis(usage.arguments));
  out += ".fi\n.SH DESCRIPTION\n";
  out += paragraph(
      "`probe-run` loads the BPF object of each spec, attaches its programs and prints what they report. "
      "It runs until it is stopped. A run needs root or capabilities; most other modes need no privileges.");
  out += ".PP\n" + paragraph(spec_argument);
  out += options();
  out += section("EXIT STATUS", exit_status);
  out += section("SIGNALS", signals);
  out += section("ENVIRONMENT", environment);
  const std::string specs = below_prefix(PROBE_RUN_DATA_FROM_BIN "/specs");
  const std::string objects = below_prefix(PROBE_RUN_LIB_FROM_BIN);
  out += fmt::format(
      ".SH FILES\nPREFIX is the parent of the directory of the executable, such as /usr/local.\n"
      ".TP\n.I {}\nThe installed specs.\n.TP\n.I {}\nTheir BPF objects.\n",
      roff(specs), roff(objects));
  out += ".SH EXAMPLES\n";
  for (const Example& example : examples()) {
    if (!out.ends_with(".SH EXAMPLES\n")) out += ".PP\n";
    std::string meaning(example.meaning);
    meaning.front() = static_cast<char>(meaning.front() - 'a' + 'A');
    out += fmt::format("{}:\n.PP\n.RS 4\n.EX\n{}\n.EE\n.RE\n", meaning, roff(example.command));
  }
  return out + ".SH SEE ALSO\n.BR bpf (2),\n.BR bpftool (8)\n";
}

}  // namespace probe_run
