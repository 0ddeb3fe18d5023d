#include "object/verifier_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "support/utf8.h"

namespace probe_run {
namespace {

// Of addresses; the kernel writes to as much of it as it needs. A log that does not fit fails the load.
constexpr std::size_t buffer_size = std::size_t{64} << 20;

}  // namespace

void VerifierLog::ask(bpf_object* object, unsigned level) {
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    if (!bpf_program__autoload(program)) continue;
    // Not zeroed: that would take the memory.
    Buffer& buffer = buffers_.emplace_back(Buffer{program, std::unique_ptr<char[]>(new char[buffer_size])});
    buffer.bytes[0] = '\0';
    bpf_program__set_log_level(program, level);
    bpf_program__set_log_buf(program, buffer.bytes.get(), buffer_size);
  }
}

void VerifierLog::take() {
  for (const Buffer& buffer : buffers_) {
    bpf_program__set_log_buf(buffer.program, nullptr, 0);
    if (buffer.bytes[0] != '\0') texts_.emplace_back(bpf_program__name(buffer.program), buffer.bytes.get());
  }
  buffers_.clear();
}

std::string VerifierLog::framed(const std::string& program) const {
  for (const auto& [name, text] : texts_) {
    if (name != program) continue;
    return fmt::format("libbpf: prog '{}': -- BEGIN PROG LOAD LOG --\n{}\n-- END PROG LOAD LOG --\n", name,
                       text);
  }
  return {};
}

namespace {

using Lines = std::vector<std::string_view>;

constexpr std::size_t steps_shown = 6;
constexpr std::size_t width = 160;

// "; value->count += 1; @ count.bpf.c:41" as "count.bpf.c:41: value->count += 1;"; "" for a line without
// text. Before Linux 6.9 the place is missing.
std::string source_text(std::string_view line) {
  line.remove_prefix(std::min<std::size_t>(line.find_first_not_of("; "), line.size()));
  const std::size_t at = line.rfind("@ ");
  const std::string_view place = at == std::string_view::npos ? std::string_view() : line.substr(at + 2);
  if (place.find(':') == std::string_view::npos) return std::string(line);
  std::string_view text = line.substr(0, at);
  text = text.substr(0, text.find_last_not_of(' ') + 1);
  if (text.empty()) return place.ends_with(":0") ? std::string() : std::string(place);
  return fmt::format("{}: {}", place, text);
}

std::string shown(std::string_view line) {
  const std::string text = escape_for_terminal(line);
  return text.size() <= width ? text : text.substr(0, width) + "...";
}

class Steps {
 public:
  explicit Steps(const LoadLog& log) : log_(log), lines_(log.verifier) {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (is_instruction(lines_[i])) last_ = i;
    }
  }

  std::string text() {
    if (last_ != none) {
      if (const std::string source = source_of(last_); !source.empty()) add("", "at ", source);
      add("", "   ", lines_[last_]);
    }
    for (const std::string_view line : log_.complaints) add("", "   ", line);
    add_steps();
    return std::move(text_);
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  // Of the source's line that the instruction was compiled from.
  std::string source_of(std::size_t instruction) const {
    for (std::size_t i = instruction; i-- > 0;) {
      if (!is_source(lines_[i])) continue;
      if (std::string text = source_text(lines_[i]); !text.empty()) return text;
    }
    return {};
  }

  void add(std::string_view before, std::string_view indent, std::string_view line) {
    text_ += fmt::format("{}{}{}{}", text_.empty() ? "" : "\n", before, indent, shown(line));
  }

  void add_steps() {
    std::vector<std::string> steps;  // from the last one
    const std::string here = last_ == none ? std::string() : source_of(last_);
    std::string source = here;
    std::size_t instructions = 0;
    for (std::size_t i = last_ == none ? 0 : last_; i-- > 0 && instructions < steps_shown;) {
      if (!is_instruction(lines_[i])) continue;
      if (std::string other = source_of(i); other != source) {
        if (source != here) steps.push_back("at " + source);
        source = std::move(other);
      }
      std::string step = fmt::format("   {}", lines_[i]);
      if (steps.empty() || steps.back() != step) steps.push_back(std::move(step));  // a loop's
      ++instructions;
    }
    if (steps.empty()) return;
    if (source != here && !source.empty()) steps.push_back("at " + source);
    text_ += "\nbefore that:";
    for (std::size_t i = steps.size(); i-- > 0;) add("", "  ", steps[i]);
  }

  const LoadLog& log_;
  const Lines& lines_;
  std::size_t last_ = none;
  std::string text_;
};

}  // namespace

std::string verifier_excerpt(const LoadLog& log) {
  return log.verifier.empty() ? std::string() : Steps(log).text();
}

}  // namespace probe_run
