// Completion scripts for bash, zsh and fish, from the table of options.
//
// After --list and --test, every argument that is not an option belongs to them; other arguments are specs. The
// parameters of --set come from --describe of the specs on the line, or of the recording of --replay.
#include <fmt/format.h>

#include "attach/attach_type.h"
#include "engine/option_table.h"
#include "spec/output_format.h"

namespace probe_run {
namespace {

// A completion, and the description that some shells show next to it.
struct Word {
  std::string_view text, meaning;
};

std::vector<Word> words_for(ArgumentKind kind) {
  std::vector<Word> words;
  if (kind == ArgumentKind::format) {
    for (const auto& entry : EnumNames<OutputFormat>::names)
      words.push_back({entry.name, about(entry.value)});
  } else if (kind == ArgumentKind::level) {
    words = {{"1", "the path to the rejected instruction"}, {"2", "every path"}, {"stats", "time and size"}};
  } else if (kind == ArgumentKind::generated) {
    for (const Generated& one : generated()) words.push_back({one.name, ""});
  } else if (kind == ArgumentKind::pattern) {
    for (const Family& family : families()) {
      if (family.nothing.empty()) words.push_back({family.type, ""});
    }
  }
  return words;
}

std::string texts_of(const std::vector<Word>& words) {
  std::string out;
  for (const Word& word : words) out += fmt::format("{}{}", out.empty() ? "" : " ", word.text);
  return out;
}

// Takes all arguments up to the next option, so that it is completed as one without an argument.
bool takes_many(const OptionRow& row) {
  return row.repeat == Repeat::many || row.repeat == Repeat::many_or_none;
}

// "--list" or "--list|-l", as shell patterns.
std::string spellings(const OptionRow& row) {
  return row.letter == 0 ? std::string(row.name) : fmt::format("{}|-{}", row.name, row.letter);
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out(text);
  for (std::size_t at = 0; (at = out.find(from, at)) != std::string::npos; at += to.size())
    out.replace(at, from.size(), to);
  return out;
}

// Prints the names of installed specs. $1 is the executable, by name or path.
constexpr std::string_view print_specs =
    R"sh(for spec in "$(dirname "$(readlink -f "$(command -v "$1")")")/)sh" PROBE_RUN_DATA_FROM_BIN
    R"sh(/specs/"*.json; do test -e "$spec" && basename "$spec" .json; done)sh";

constexpr std::string_view bash_begin = R"bash(# bash completion for probe-run

# Adds the lines of stdin that begin with $value.
_probe_run_add() {
  local line
  while IFS= read -r line; do
    [[ $line == "$value"* ]] && COMPREPLY+=("$before$line")
  done
}

_probe_run_specs() {
  @SPECS@
}

_probe_run_parameters() { # PROGRAM SPEC...
  (($# > 1)) && "$1" --describe "${@:2}" 2>/dev/null </dev/null | sed -n 's/^  --set \([^=]*=\).*/\1/p'
}

# Arguments: the option, the program and its specs. Returns 1 when the option takes no argument.
_probe_run_argument() {
  case $1 in
)bash";

constexpr std::string_view bash_middle = R"bash(    *) return 1 ;;
  esac
}

_probe_run() {
  # The words up to the cursor. Readline also breaks them at "=" and ":"; here they are whole.
  local line=${COMP_LINE:0:COMP_POINT} rest word i
  local -a words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    rest=${line#"${line%%[![:blank:]]*}"}
    word=${COMP_WORDS[i]}
    ((i == COMP_CWORD)) && word=$rest
    if ((i > 0)) && [[ $rest == "$line" ]]; then
      words[-1]+=$word
    else
      words+=("$word")
    fi
    line=${rest#"$word"}
  done

  local many='' skip='' current=${words[-1]}
  local -a specs=()
  for word in "${words[@]:1:${#words[@]}-2}"; do
    if [[ $skip ]]; then
      [[ $skip == --replay ]] && specs+=("$word")
      skip=
      continue
    fi
    case $word in
      @MANY@) many=$word ;;
      @VALUED@) skip=$word ;;
      -*) ;;
      *) specs+=("$word") ;;
    esac
  done

  COMPREPLY=()
  local before='' value=$current
  if [[ ! $skip && $current == --*=* ]]; then
    skip=${current%%=*} before=${current%%=*}= value=${current#*=}
  fi
  if [[ $skip ]]; then
    _probe_run_argument "$skip" "$1" "${specs[@]}"
  elif [[ $current == -* ]]; then
    _probe_run_add < <(printf '%s\n' @NAMES@)
  elif [[ $many ]]; then
    _probe_run_argument "$many" "$1"
  else
    compopt -o filenames -o plusdirs
    value=${value//\\/}
    _probe_run_add < <(_probe_run_specs "$1"; compgen -f -X '!*.json' -- "$value")
  fi

  # Readline replaces only what follows the last "=" or ":".
  local breaks=${COMP_WORDBREAKS//[!:=]/}
  if [[ $breaks ]]; then
    local kept=${current%"${current##*[$breaks]}"}
    COMPREPLY=("${COMPREPLY[@]#"$kept"}")
  fi
}
complete -F _probe_run probe-run
)bash";

std::string bash_action(const OptionRow& row) {
  if (const auto words = words_for(row.kind); !words.empty())
    return fmt::format("_probe_run_add < <(printf '%s\\n' {})", texts_of(words));
  // Readline itself completes names of files and directories, and quotes them.
  if (row.kind == ArgumentKind::file) return "compopt -o default";
  if (row.kind == ArgumentKind::directory) return "compopt -o dirnames -o filenames";
  if (row.kind == ArgumentKind::parameter)
    return "compopt -o nospace; _probe_run_add < <(_probe_run_parameters \"${@:2}\")";
  return ":";
}

constexpr std::string_view zsh_begin = R"zsh(#compdef probe-run

_probe_run_specs() {
  local -a specs
  specs=(${(f)"$(_probe_run_print_specs $words[1])"})
  _alternative 'specs:installed spec:compadd -a specs' 'files:spec file:_files -g "*.json"'
}

_probe_run_print_specs() {
  setopt local_options null_glob
  @SPECS@
}

_probe_run_parameters() {
  local -a specs parameters
  local previous word
  for word in ${words[2,CURRENT-1]}; do
    [[ $previous == --replay || ($word != -* && $previous != (@VALUED@)) ]] && specs+=($word)
    previous=$word
  done
  ((${#specs})) || return 1
  parameters=(${(f)"$($words[1] --describe ${(Q)specs} 2>/dev/null </dev/null |
    sed -n 's/^  --set \([^=]*=\).*/\1/p')"})
  compadd -S '' -a parameters
}

_probe_run_arguments() {
)zsh";

std::string zsh_words(const std::vector<Word>& words) {
  std::string out;
  for (const Word& word : words)
    out += word.meaning.empty() ? fmt::format("{} ", word.text)
                                : fmt::format("{}\\:\"{}\" ", word.text, replaced(word.meaning, ":", "\\:"));
  return words.front().meaning.empty() ? fmt::format("({})", out) : fmt::format("(({}))", out);
}

std::string zsh_action(const OptionRow& row) {
  if (const auto words = words_for(row.kind); !words.empty()) return zsh_words(words);
  if (row.kind == ArgumentKind::file) return "_files";
  if (row.kind == ArgumentKind::directory) return "_files -/";
  if (row.kind == ArgumentKind::parameter) return "_probe_run_parameters";
  return " ";
}

// Quotes text inside of '...', where `quote` stands for a single quote.
std::string quoted(std::string_view text, std::string_view quote) {
  return replaced(text, "'", quote);
}

// The patterns of options that take one argument.
std::string valued_options() {
  std::string out;
  for (const OptionRow& row : option_table()) {
    if (row.argument.empty() || takes_many(row)) continue;
    out += fmt::format("{}{}", out.empty() ? "" : "|", spellings(row));
  }
  return out;
}

std::string fish_words(const std::vector<Word>& words) {
  std::string out;
  for (const Word& word : words) {
    out += word.text;
    if (!word.meaning.empty()) out += "\\t\"" + std::string(word.meaning) + "\"";
    out += ' ';
  }
  return out;
}

std::string fish_action(const OptionRow& row) {
  if (const auto words = words_for(row.kind); !words.empty())
    return fmt::format("-a '{}'", quoted(fish_words(words), "\\'"));
  if (row.kind == ArgumentKind::directory) return "-a '(__fish_complete_directories)'";
  if (row.kind == ArgumentKind::parameter) return "-a '(__probe_run_parameters)'";
  return "";
}

constexpr std::string_view fish_begin = R"fish(# fish completion for probe-run

function __probe_run_specs
    sh -c '@SPECS@' sh (commandline -opc)[1]
end

function __probe_run_parameters
    set -l words (commandline -opc)
    set -l specs
    set -l previous
    for word in $words[2..-1]
        if test "$previous" = --replay
            set -a specs $word
        else if not string match -q -- '-*' $word; and not string match -qr -- '^(@VALUED@)$' "$previous"
            set -a specs $word
        end
        set previous $word
    end
    if set -q specs[1]
        $words[1] --describe $specs 2>/dev/null </dev/null | sed -n 's/^  --set \([^=]*=\)\(\.\.\.\)\{0,1\} */\1\t/p'
    end
end

# Directories and names that end in .json: __fish_complete_suffix only puts these first.
function __probe_run_spec_files
    __fish_complete_suffix .json | string match -r '^[^\t]*(?:/|\.json)(?:\t.*)?$'
end

complete -c probe-run -f
)fish";

}  // namespace

std::string bash_completion() {
  std::string names, many;
  std::string out = replaced(bash_begin, "@SPECS@", print_specs);
  for (const OptionRow& row : option_table()) {
    names += fmt::format("{}{}", names.empty() ? "" : " ", row.name);
    if (takes_many(row)) many += fmt::format("{}{}", many.empty() ? "" : "|", spellings(row));
    if (row.argument.empty()) continue;
    out += fmt::format("    {}) {} ;;\n", spellings(row), bash_action(row));
  }
  out += replaced(replaced(replaced(bash_middle, "@MANY@", many), "@VALUED@", valued_options()), "@NAMES@",
                  names);
  return out;
}

std::string zsh_completion() {
  std::string out = replaced(replaced(zsh_begin, "@SPECS@", print_specs), "@VALUED@", valued_options());
  std::string arguments;
  for (const OptionRow& row : option_table()) {
    std::string help = quoted(row.help, "'\\''");
    for (const std::string_view special : {":", "[", "]"})
      help = replaced(help, special, fmt::format("\\{}", special));
    std::string argument;
    if (takes_many(row)) {
      const auto words = words_for(row.kind);
      const std::string action = words.empty() ? zsh_action(row) : "compadd -- " + texts_of(words);
      out += fmt::format("  if (( ${{words[(I){}]}} )); then\n    {}\n    return\n  fi\n", spellings(row),
                         action);
    } else if (!row.argument.empty()) {
      argument = fmt::format(":{}:{}", row.argument, zsh_action(row));
    }
    const std::string_view star = row.repeat == Repeat::each ? "*" : "";
    const std::string_view equals = argument.empty() ? "" : "=";
    arguments += fmt::format("  '{}{}{}[{}]{}' \\\n", star, row.name, equals, help, argument);
    if (row.letter != 0) arguments += fmt::format("  '-{}[{}]{}' \\\n", row.letter, help, argument);
  }
  out += "  _probe_run_specs\n}\n\n_arguments -s \\\n" + arguments + "  '*: :_probe_run_arguments'\n";
  return out;
}

std::string fish_completion() {
  std::string out =
      replaced(replaced(fish_begin, "@SPECS@", quoted(print_specs, "\\'")), "@VALUED@", valued_options());
  std::string elsewhere;
  for (const OptionRow& row : option_table()) {
    const std::string_view name = row.name.substr(2);
    out += fmt::format("complete -c probe-run -l {}", name);
    if (row.letter != 0) out += fmt::format(" -s {}", row.letter);
    const std::string action = fish_action(row);
    if (!row.argument.empty() && !takes_many(row)) {
      out += row.kind == ArgumentKind::file ? " -r -F" : " -x";
      if (!action.empty()) out += " " + action;
    }
    out += fmt::format(" -d '{}'\n", quoted(row.help, "\\'"));
    if (!takes_many(row)) continue;
    const std::string seen = row.letter == 0 ? fmt::format("__fish_contains_opt {}", name)
                                             : fmt::format("__fish_contains_opt -s {} {}", row.letter, name);
    elsewhere += fmt::format("{}not {}", elsewhere.empty() ? "" : "; and ", seen);
    out += fmt::format("complete -c probe-run -n '{}' {}\n", seen, action);
  }
  out += fmt::format("complete -c probe-run -n '{}' -k -a '(__probe_run_spec_files)'\n", elsewhere);
  out += fmt::format("complete -c probe-run -n '{}' -a '(__probe_run_specs)'\n", elsewhere);
  return out;
}

}  // namespace probe_run
