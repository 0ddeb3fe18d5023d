#include "command/test_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "spec/json_reader.h"
#include "spec/output_format.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view expected_prefix = "expected.";

std::vector<std::string_view> test_formats() {
  std::vector<std::string_view> names{"default"};
  for (const auto& entry : EnumNames<OutputFormat>::names) names.push_back(entry.name);
  return names;
}

bool belongs_to_case(const std::string& name) {
  return name == "recording.rec" || name == "spec.json" || name == "case.json" ||
         name.starts_with(expected_prefix);
}

[[noreturn]] void cannot_read(const std::string& directory, const std::error_code& error) {
  throw Error(fmt::format("cannot read {}: {}", escape_for_terminal(directory), errno_text(error.value())),
              error == std::errc::not_a_directory ? "give the directory that contains the file" : "");
}

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) cannot_read(directory, error);
  std::sort(names.begin(), names.end());
  return names;
}

std::string in_directory(const std::string& directory, const std::string& path) {
  return path.starts_with('/') ? path : directory + "/" + path;
}

const std::string* text_of(const Member& member, Diagnostics& diagnostics) {
  const auto* text = std::get_if<std::string>(&member.value.data);
  if (text == nullptr || text->empty()) {
    diagnostics.error(member.value.at, fmt::format("\"{}\" must be a string, not {}",
                                                   escape_for_terminal(*member.key), member.value.kind()));
    return nullptr;
  }
  return text;
}

// As --set takes it.
std::optional<std::string> set_text(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.data)) return *text;
  if (const bool* flag = std::get_if<bool>(&value.data)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::uint64_t>(&value.data)) return std::to_string(*number);
  if (const auto* number = std::get_if<std::int64_t>(&value.data)) return std::to_string(*number);
  return std::nullopt;
}

void read_set(const Member& member, TestCase& test, Diagnostics& diagnostics) {
  const auto* parameters = std::get_if<Value::Object>(&member.value.data);
  if (parameters == nullptr) {
    diagnostics.error(member.value.at, "\"set\" must be an object of names and values");
    return;
  }
  for (const Member& parameter : *parameters) {
    if (const auto text = set_text(parameter.value)) {
      test.parameters[*parameter.key] = *text;
    } else {
      diagnostics.error(parameter.value.at, "a parameter must be a string, a whole number, true or false");
    }
  }
}

// The C library silently treats an unknown zone as UTC. "CET-1CEST" is a complete description.
bool is_timezone(const std::string& name) {
  if (name == "UTC") return true;
  if (name.starts_with('/') || name.find("..") != std::string::npos) return false;
  const char* const directory = std::getenv("TZDIR");
  std::error_code error;
  if (fs::is_regular_file(fs::path(directory != nullptr ? directory : "/usr/share/zoneinfo") / name, error))
    return true;
  const auto letters = static_cast<std::size_t>(
      std::find_if_not(name.begin(), name.end(), [](unsigned char c) { return std::isalpha(c) != 0; }) -
      name.begin());
  const std::string_view rest = std::string_view(name).substr(letters);
  return letters >= 3 && !rest.empty() && rest.find_first_not_of("+-0123456789") != 0 &&
         rest.find('/') == std::string_view::npos;
}

void read_case_file(const std::string& path, TestCase& test) {
  Diagnostics diagnostics(read_source(path));
  const std::optional<Value> value = read_json(diagnostics);
  diagnostics.throw_if_failed();
  const auto* members = std::get_if<Value::Object>(&value->data);
  if (members == nullptr) diagnostics.error(value->at, "a test case must be an object");
  constexpr std::string_view keys[] = {"recording", "spec", "set", "timezone"};
  for (std::size_t i = 0; members != nullptr && i < members->size(); ++i) {
    const Member& member = (*members)[i];
    const std::string& name = *member.key;
    if (name.starts_with('$')) continue;
    if (name == "set") {
      read_set(member, test, diagnostics);
    } else if (std::find(std::begin(keys), std::end(keys), name) == std::end(keys)) {
      diagnostics.error(member.key.at,
                        fmt::format("unknown key \"{}\" in a test case", escape_for_terminal(name)),
                        suggestion(name, keys, "keys"));
    } else if (const std::string* text = text_of(member, diagnostics)) {
      if (name == "recording") test.recording_name = *text;
      if (name == "spec") test.specs = {in_directory(test.directory, *text)};
      if (name == "timezone") test.timezone = *text;
      if (name == "timezone" && !is_timezone(*text)) {
        diagnostics.error(
            member.value.at,
            fmt::format("time zone \"{}\" is not found on this machine", escape_for_terminal(*text)),
            "install tzdata, or describe the zone, such as \"CET-1CEST,M3.5.0,M10.5.0/3\"");
      }
    }
  }
  diagnostics.throw_if_failed();
}

// "$recording" of a spec; "" for none. The replay reports other errors of the spec.
std::string recording_of_spec(const std::string& path) {
  Diagnostics diagnostics(read_source(path));
  const std::optional<Value> value = read_json(diagnostics);
  diagnostics.throw_if_failed();
  const auto* members = std::get_if<Value::Object>(&value->data);
  for (std::size_t i = 0; members != nullptr && i < members->size(); ++i) {
    if (*(*members)[i].key != "$recording") continue;
    const std::string* text = text_of((*members)[i], diagnostics);
    diagnostics.throw_if_failed();
    return *text;
  }
  return {};
}

}  // namespace

bool is_test_format(std::string_view name) {
  const std::vector<std::string_view> formats = test_formats();
  return std::find(formats.begin(), formats.end(), name) != formats.end();
}

std::vector<std::string> find_test_cases(const std::string& directory) {
  std::vector<std::string> directories;
  const std::string top = directory.size() > 1 && directory.ends_with('/')
                              ? directory.substr(0, directory.size() - 1)
                              : directory;
  std::vector<std::string> names = names_in(top);
  if (std::any_of(names.begin(), names.end(), belongs_to_case)) directories.push_back(top);
  for (const std::string& name : names) {
    const fs::path path = fs::path(top) / name;
    std::error_code error;
    // Does not follow symbolic links, which may form a loop.
    if (name.starts_with('.') || fs::symlink_status(path, error).type() != fs::file_type::directory) continue;
    const std::vector<std::string> below = find_test_cases(path.string());
    directories.insert(directories.end(), below.begin(), below.end());
  }
  return directories;
}

TestCase read_test_case(const std::string& directory) {
  TestCase test;
  test.directory = directory;
  bool has_spec = false;
  bool has_case_file = false;
  for (const std::string& name : names_in(directory)) {
    has_spec = has_spec || name == "spec.json";
    has_case_file = has_case_file || name == "case.json";
    if (!name.starts_with(expected_prefix)) continue;
    const std::string format = name.substr(expected_prefix.size());
    if (!is_test_format(format)) {
      throw SpecError(
          fmt::format("{}: unknown format \"{}\"", escape_for_terminal(fmt::format("{}/{}", directory, name)),
                      escape_for_terminal(format)),
          suggestion(format, test_formats(), "formats"));
    }
    test.formats.push_back(format);
  }
  if (has_case_file) read_case_file(directory + "/case.json", test);
  if (test.specs.empty() && has_spec) test.specs = {directory + "/spec.json"};
  if (test.recording_name.empty() && has_spec)
    test.recording_name = recording_of_spec(directory + "/spec.json");
  if (test.recording_name.empty()) test.recording_name = "recording.rec";
  test.recording = in_directory(directory, test.recording_name);
  std::error_code error;
  if (!fs::exists(test.recording, error)) {
    throw SpecError(fmt::format("{}: recording {} is not found", escape_for_terminal(directory),
                                escape_for_terminal(test.recording_name)),
                    fmt::format("record one: probe-run --record {} SPEC", shell_word(test.recording)));
  }
  if (!fs::is_regular_file(test.recording, error)) {
    throw SpecError(fmt::format("{}: recording {} is not a file", escape_for_terminal(directory),
                                escape_for_terminal(test.recording_name)));
  }
  return test;
}

std::string shell_word(std::string_view word) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%+=:,./_-";
  if (!word.empty() && word.find_first_not_of(plain) == std::string_view::npos) return std::string(word);
  if (escape_for_terminal(word) == word) {
    std::string quoted = "'";
    for (const char c : word) quoted += c == '\'' ? std::string("'\"'\"'") : std::string(1, c);
    return quoted + "'";
  }
  constexpr std::string_view digits = "0123456789abcdef";
  std::string quoted = "$'";
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '\\' && c != '\'') {
      quoted += c;
    } else {
      quoted += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return quoted + "'";
}

}  // namespace probe_run
