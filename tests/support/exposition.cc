#include "support/exposition.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <set>
#include <stdexcept>

#include "support/utf8.h"

namespace test {
namespace {

bool is_name(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
         std::string_view::npos;
}

class Reader {
 public:
  Reader(std::string_view text, Exposition format) : rest_(text), open_(format == Exposition::openmetrics) {}

  std::vector<Family> read() {
    check_utf8(rest_);
    while (!rest_.empty()) {
      ++line_;
      if (ended_) fail("a line after # EOF");
      const std::size_t end = rest_.find('\n');
      if (end == std::string_view::npos) fail("the line does not end");
      read_line(rest_.substr(0, end));
      rest_.remove_prefix(end + 1);
    }
    if (open_ && !ended_) fail("# EOF is missing");
    for (const Family& family : families_) check_family(family);
    return std::move(families_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error("line " + std::to_string(line_) + ": " + what);
  }

  void check_utf8(std::string_view text) const {
    while (!text.empty()) {
      const auto character = probe_run::next_utf8(text);
      if (!character.valid) fail("invalid UTF-8");
      text.remove_prefix(character.length);
    }
  }

  void read_line(std::string_view line) {
    if (line.empty()) fail("an empty line");
    if (line == "# EOF" && open_) {
      ended_ = true;
    } else if (line.starts_with("# ")) {
      read_comment(line.substr(2));
    } else {
      read_sample(line);
    }
  }

  static std::string_view word(std::string_view& line) {
    const std::size_t end = line.find(' ');
    const std::string_view found = line.substr(0, end);
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
    return found;
  }

  void read_comment(std::string_view line) {
    const std::string_view keyword = word(line);
    const std::string_view name = word(line);
    if (keyword != "HELP" && keyword != "TYPE" && !(keyword == "UNIT" && open_)) fail("an unknown comment");
    if (!is_name(name)) fail("a family's name that is none");
    if (families_.empty() || families_.back().name != name) {
      if (!names_.insert(std::string(name)).second) fail("the family appears twice");
      families_.push_back({std::string(name), "", "", "", {}});
    }
    Family& family = families_.back();
    if (!family.samples.empty()) fail("a comment after the samples of its family");
    std::string& value = keyword == "HELP" ? family.help : keyword == "TYPE" ? family.type : family.unit;
    if (!value.empty()) fail("a comment appears twice");
    value = keyword == "HELP" ? unescaped(line, open_) : std::string(line);
    if (keyword == "TYPE") check_type(value);
    if (keyword == "UNIT" && !family.name.ends_with("_" + value)) fail("the name does not end with the unit");
  }

  void check_type(const std::string& type) const {
    const std::set<std::string> types{"counter", "gauge", "histogram", open_ ? "unknown" : "untyped"};
    if (!types.contains(type)) fail("no type: " + type);
  }

  std::string unescaped(std::string_view text, bool quotes) const {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '"' && quotes) fail("a quote that is not escaped");
      if (text[i] != '\\') {
        result += text[i];
        continue;
      }
      if (++i == text.size()) fail("a backslash at the end");
      if (text[i] == 'n') {
        result += '\n';
      } else if (text[i] == '\\' || (text[i] == '"' && quotes)) {
        result += text[i];
      } else {
        fail("an escape that there is not");
      }
    }
    return result;
  }

  void read_sample(std::string_view line) {
    Sample sample;
    const std::size_t name_end = line.find_first_of("{ ");
    if (name_end == std::string_view::npos) fail("a sample without a value");
    sample.name = line.substr(0, name_end);
    if (!is_name(sample.name)) fail("a sample's name that is none");
    line.remove_prefix(name_end);
    if (line[0] == '{') read_labels(line, sample);
    if (!line.starts_with(' ')) fail("no space before the value");
    line.remove_prefix(1);
    sample.text = line;
    sample.value = number(line);
    if (families_.empty() || !belongs(families_.back(), sample))
      fail("a sample of another family, or of none");
    if (!series_.insert({sample.name, sample.labels}).second) fail("the series appears twice");
    families_.back().samples.push_back(std::move(sample));
  }

  void read_labels(std::string_view& line, Sample& sample) const {
    do {
      line.remove_prefix(1);
      const std::size_t equals = line.find("=\"");
      if (equals == std::string_view::npos) fail("a label without a value");
      const std::string name(line.substr(0, equals));
      if (!is_name(name) || name.starts_with("__")) fail("a label's name that is none");
      line.remove_prefix(equals + 2);
      std::size_t end = 0;
      while (end < line.size() && line[end] != '"') end += line[end] == '\\' ? 2u : 1u;
      if (end >= line.size()) fail("a label's value does not end");
      if (!sample.labels.emplace(name, unescaped(line.substr(0, end), true)).second)
        fail("a label appears twice");
      line.remove_prefix(end + 1);
    } while (line.starts_with(','));
    if (!line.starts_with('}')) fail("the labels do not end");
    line.remove_prefix(1);
  }

  double number(std::string_view text) const {
    if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (text == "+Inf") return std::numeric_limits<double>::infinity();
    if (text == "-Inf") return -std::numeric_limits<double>::infinity();
    if (text.empty() || text.find_first_not_of("0123456789.e+-") != std::string_view::npos) fail("no number");
    const std::string copy(text);
    char* end = nullptr;
    const double value = std::strtod(copy.c_str(), &end);
    if (end != copy.c_str() + copy.size()) fail("no number");
    return value;
  }

  bool belongs(const Family& family, const Sample& sample) const {
    if (family.type.empty()) fail("a sample before its TYPE");
    if (family.type == "histogram") {
      const bool bucket = sample.labels.contains("le");
      if (sample.name == family.name + "_bucket") return bucket;
      return !bucket && (sample.name == family.name + "_sum" || sample.name == family.name + "_count");
    }
    if (family.type != "counter") return sample.name == family.name;
    if (!(sample.value >= 0)) fail("a counter below 0");
    const std::string base = open_ ? family.name + "_total" : family.name;
    if (!base.ends_with("_total")) fail("a counter without _total");
    return sample.name == base;
  }

  void check_family(const Family& family) const {
    if (family.type.empty()) fail(family.name + " has no TYPE");
    if (family.type != "histogram") return;
    struct Seen {
      double bound = -std::numeric_limits<double>::infinity(), below = 0;
      bool any = false, sum = false;
      std::optional<double> all, count;
    };
    std::map<std::map<std::string, std::string>, Seen> series;
    for (const Sample& sample : family.samples) {
      std::map<std::string, std::string> labels = sample.labels;
      labels.erase("le");
      Seen& seen = series[labels];
      if (sample.name.ends_with("_bucket")) {
        const double bound = number(sample.labels.at("le"));
        if (seen.any && bound <= seen.bound) fail(family.name + ": the bounds do not rise");
        if (sample.value < seen.below) fail(family.name + ": a bucket holds less than the one before");
        seen.bound = bound, seen.below = sample.value, seen.any = true;
        if (std::isinf(bound) && bound > 0) seen.all = sample.value;
      } else if (sample.name.ends_with("_count")) {
        seen.count = sample.value;
      } else {
        seen.sum = true;
      }
    }
    for (const auto& [labels, seen] : series) {
      if (!seen.all) fail(family.name + " has no bucket up to +Inf");
      if (seen.count && *seen.count != *seen.all)
        fail(family.name + ": the count is not that of the last bucket");
      if (open_ && seen.sum != seen.count.has_value()) fail(family.name + ": sum and count go together");
      if (!open_ && !seen.count) fail(family.name + " has no count");
    }
  }

  std::string_view rest_;
  bool open_;
  bool ended_ = false;
  std::size_t line_ = 0;
  std::vector<Family> families_;
  std::set<std::string> names_;
  std::set<std::pair<std::string, std::map<std::string, std::string>>> series_;
};

}  // namespace

std::vector<Family> read_exposition(std::string_view text, Exposition format) {
  return Reader(text, format).read();
}

const Sample& sample(const std::vector<Family>& families, std::string_view name,
                     const std::map<std::string, std::string>& labels) {
  for (const Family& family : families) {
    for (const Sample& sample : family.samples) {
      if (sample.name == name && sample.labels == labels) return sample;
    }
  }
  throw std::runtime_error("no sample of " + std::string(name) + " has these labels");
}

}  // namespace test
