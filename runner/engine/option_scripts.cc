// The man page and the completion scripts, from the table of options.
#include <fmt/format.h>

#include "attach/attach_type.h"
#include "engine/option_table.h"
#include "support/suggest.h"

namespace probe_run {
namespace {

// roff: a hyphen that can be copied, backslashes, and no control line by accident.
std::string roff(std::string_view text) {
  std::string out;
  if (text.starts_with('.') || text.starts_with('\'')) out += "\\&";
  for (const char c : text) {
    if (c == '-') {
      out += "\\-";
    } else if (c == '\\') {
      out += "\\e";
    } else {
      out += c;
    }
  }
  return out;
}

// Markdown of the table: `code` becomes bold, a link its text or, where it says "below", the file.
std::string roff_of_markdown(std::string_view text) {
  std::string out;
  bool bold = false;
  while (!text.empty()) {
    const std::size_t mark = text.find_first_of("`[");
    out += roff(text.substr(0, mark));
    if (mark == std::string_view::npos) break;
    const char kind = text[mark];
    text.remove_prefix(mark + 1);
    if (kind == '`') {
      bold = !bold;
      out += bold ? "\\fB" : "\\fR";
      continue;
    }
    const std::size_t end = text.find("](");
    const std::size_t close = text.find(')', end);
    if (end == std::string_view::npos || close == std::string_view::npos) {
      out += '[';
      continue;
    }
    const std::string_view name = text.substr(0, end);
    out += name == "below" ? "docs/command\\-line.md" : roff(name);
    text.remove_prefix(close + 1);
  }
  return out;
}

constexpr std::string_view man_tail = R"(.SH EXIT STATUS
.TP
.B 0
Success, also of a run that a signal, \fB\-\-duration\fR or \fB\-\-count\fR stopped.
.TP
.B 1
The run or one of its specs failed, a test differs, or nothing matches a pattern of \fB\-\-list\fR.
.TP
.B 2
The command line or a spec is wrong, or a test could not be run.
.SH SIGNALS
.TP
.BR SIGINT ", " SIGTERM
Detach the programs, print what is left and exit with 0. A second one kills the process.
.TP
.B SIGHUP
Open the output files again. A run that writes to no file stops as after SIGTERM, unless
.BR nohup (1)
started it.
.SH ENVIRONMENT
.TP
.BR PATH ", " LD_LIBRARY_PATH
Where a uprobe's binary without a / is searched.
.TP
.B TZ
Time zone of local times.
.TP
.BR NO_COLOR ", " TERM ", " LC_ALL ", " LC_CTYPE ", " LANG
How \fBlive\fR tables and \fB\-\-test\fR draw on a terminal.
.SH FILES
.TP
.I PREFIX/share/probe\-run/specs
Installed specs.
.TP
.I PREFIX/lib/probe\-run/bpf
Their BPF objects.
.SH EXAMPLES
.EX
probe\-run opensnoop
probe\-run \-\-set comm=bash \-\-duration 10s opensnoop
probe\-run \-\-check my\-spec.json
probe\-run \-\-record run.rec opensnoop
probe\-run \-\-replay run.rec \-\-format csv
probe\-run \-\-list 'tracepoint:sched:*'
.EE
.SH SEE ALSO
.BR bpftool (8),
.BR bpf (2)
)";

std::string man_page() {
  std::string out = fmt::format(
      ".TH PROBE\\-RUN 1 \"\" \"probe\\-run {}\" \"User Commands\"\n.SH NAME\n"
      "probe\\-run \\- run eBPF probes from spec files\n.SH SYNOPSIS\n.nf\n",
      PROBE_RUN_VERSION);
  out +=
      "\\fBprobe\\-run\\fR [\\fIOPTIONS\\fR] \\fISPEC\\fR...\n"
      "\\fBprobe\\-run \\-\\-check\\fR|\\fB\\-\\-describe\\fR \\fISPEC\\fR...\n"
      "\\fBprobe\\-run \\-\\-replay\\fR \\fIFILE\\fR [\\fISPEC\\fR]\n"
      "\\fBprobe\\-run \\-\\-test\\fR \\fIDIR\\fR...\n"
      "\\fBprobe\\-run \\-\\-list\\fR [\\fIPATTERN\\fR...]\n.fi\n"
      ".SH DESCRIPTION\nLoads the BPF object of each spec, attaches its programs and prints what they report.\n"
      "SPEC is a file, when it contains a / or ends in .json, or the name of an installed spec.\n"
      ".SH OPTIONS\n";
  constexpr std::pair<OptionGroup, std::string_view> groups[] = {
      {OptionGroup::modes, "Modes"},   {OptionGroup::input, "Input"}, {OptionGroup::output, "Output"},
      {OptionGroup::limits, "Limits"}, {OptionGroup::tests, "Tests"}, {OptionGroup::other, "Other"}};
  for (const auto& [group, title] : groups) {
    out += fmt::format(".SS {}\n", title);
    for (const OptionRow& row : option_table()) {
      if (row.group != group) continue;
      const std::string letter = row.letter == 0 ? "" : fmt::format("\\fB\\-{}\\fR, ", row.letter);
      const std::string argument = row.argument.empty() ? "" : fmt::format(" \\fI{}\\fR", roff(row.argument));
      out += fmt::format(".TP\n{}\\fB{}\\fR{}\n{}.\n", letter, roff(row.name), argument, roff(row.help));
      if (!row.detail.empty()) out += roff_of_markdown(row.detail) + "\n";
    }
  }
  return out + std::string(man_tail);
}

std::string words_for(ArgumentKind kind) {
  std::vector<std::string_view> words;
  if (kind == ArgumentKind::format) {
    for (const auto& entry : EnumNames<OutputFormat>::names) words.push_back(entry.name);
  } else if (kind == ArgumentKind::level) {
    words = {"1", "2", "stats"};
  } else if (kind == ArgumentKind::script) {
    words = {"man", "bash", "zsh", "fish"};
  } else if (kind == ArgumentKind::pattern) {
    for (const Family& family : families()) words.push_back(family.type);
  }
  return fmt::format("{}", fmt::join(words, " "));
}

// Installed specs lie beside the executable that the shell would run.
constexpr std::string_view find_specs =
    "for f in \"$(dirname \"$(readlink -f \"$(command -v probe-run)\")\")\"/" PROBE_RUN_DATA_FROM_BIN
    "/specs/*.json; do test -e \"$f\" && basename \"$f\" .json; done";

std::string bash_completion() {
  std::string names, cases;
  for (const OptionRow& row : option_table()) {
    names += fmt::format("{}{}", names.empty() ? "" : " ", row.name);
    const std::string spelled =
        row.letter == 0 ? std::string(row.name) : fmt::format("{}|-{}", row.name, row.letter);
    const std::string words = words_for(row.kind);
    if (row.kind == ArgumentKind::none) continue;
    std::string action = ":";
    if (!words.empty()) action = fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$cur\"))", words);
    if (row.kind == ArgumentKind::file)
      action = "compopt -o filenames; COMPREPLY=($(compgen -f -- \"$cur\"))";
    if (row.kind == ArgumentKind::directory)
      action = "compopt -o filenames; COMPREPLY=($(compgen -d -- \"$cur\"))";
    cases += fmt::format("    {}) {}; return ;;\n", spelled, action);
  }
  return fmt::format(R"bash(# bash completion for probe-run
_probe_run() {{
  local IFS=$' \t\n' cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}}
  if [[ $cur == '=' ]]; then
    cur=
  elif [[ $prev == '=' && $COMP_CWORD -ge 2 ]]; then
    prev=${{COMP_WORDS[COMP_CWORD-2]}}
  fi
  COMPREPLY=()
  case $prev in
{}  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W '{}' -- "$cur"))
    return
  fi
  compopt -o filenames
  COMPREPLY=($(compgen -W "$({})" -- "$cur") $(compgen -f -X '!*.json' -- "$cur") $(compgen -d -- "$cur"))
}}
complete -F _probe_run probe-run
)bash",
                     cases, names, find_specs);
}

// In single quotes of zsh and fish; the help lines have no backslash.
std::string quoted(std::string_view text, std::string_view quote) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += quote;
    } else {
      out += c;
    }
  }
  return out;
}

std::string zsh_completion() {
  std::string out = "#compdef probe-run\n_probe_run_specs() {\n  local -a specs\n  specs=(${(f)\"$(";
  out += find_specs;
  out +=
      ")\"})\n  _alternative 'specs:installed spec:compadd -a specs' 'files:spec file:_files -g \"*.json\"'\n}\n";
  out += "_arguments -s \\\n";
  for (const OptionRow& row : option_table()) {
    std::string help = quoted(row.help, "'\\''");
    for (std::size_t at = 0; (at = help.find(':', at)) != std::string::npos; at += 2) help.insert(at, "\\");
    std::string argument;
    if (row.kind != ArgumentKind::none) {
      const std::string words = words_for(row.kind);
      std::string action = " ";
      if (!words.empty()) action = fmt::format("({})", words);
      if (row.kind == ArgumentKind::file) action = "_files";
      if (row.kind == ArgumentKind::directory) action = "_files -/";
      argument = fmt::format(":{}:{}", row.kind == ArgumentKind::pattern ? "PATTERN" : row.argument, action);
    }
    const std::string_view star = row.repeat == Repeat::each ? "*" : "";
    out += fmt::format("  '{}{}[{}]{}' \\\n", star, row.name, help, argument);
    if (row.letter != 0) out += fmt::format("  '-{}[{}]{}' \\\n", row.letter, help, argument);
  }
  return out + "  '*:spec:_probe_run_specs'\n";
}

std::string fish_completion() {
  std::string out = "complete -c probe-run -f\n";
  for (const OptionRow& row : option_table()) {
    out += fmt::format("complete -c probe-run -l {}", row.name.substr(2));
    if (row.letter != 0) out += fmt::format(" -s {}", row.letter);
    const std::string words = words_for(row.kind);
    if (row.kind == ArgumentKind::file)
      out += " -r -F";
    else if (row.kind == ArgumentKind::directory)
      out += " -x -a '(__fish_complete_directories)'";
    else if (!words.empty())
      out += fmt::format(" -x -a '{}'", words);
    else if (row.kind != ArgumentKind::none)
      out += " -x";
    out += fmt::format(" -d '{}'\n", quoted(row.help, "\\'"));
  }
  out += "complete -c probe-run -k -a '(__fish_complete_suffix .json)'\n";
  return out + fmt::format("complete -c probe-run -a '(sh -c \\'{}\\')'\n", find_specs);
}

}  // namespace

std::string generated(std::string_view what) {
  if (what == "man") return man_page();
  if (what == "bash") return bash_completion();
  if (what == "zsh") return zsh_completion();
  return fish_completion();
}

}  // namespace probe_run
