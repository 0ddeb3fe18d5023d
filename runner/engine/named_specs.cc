#include "engine/named_specs.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "engine/spec_path.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// "opensnoop" of "specs/opensnoop.json".
std::string name_of_file(const std::string& argument) {
  const std::filesystem::path path(argument);
  return (path.extension() == ".json" ? path.stem() : path.filename()).string();
}

struct Candidate {
  std::vector<std::string> names;  // that SPEC.NAME can use
  std::optional<SpecOutline> outline;
  ParameterValues* parameters;

  bool is(std::string_view name) const { return std::find(names.begin(), names.end(), name) != names.end(); }
  bool has(std::string_view parameter) const {
    return outline && std::find(outline->parameters.begin(), outline->parameters.end(), parameter) !=
                          outline->parameters.end();
  }
};

Candidate candidate(const std::string& argument, const std::shared_ptr<const SourceText>& source,
                    ParameterValues& parameters) {
  Candidate one{{}, source != nullptr ? outline_spec(source) : std::nullopt, &parameters};
  if (one.outline && !one.outline->name.empty()) one.names.push_back(one.outline->name);
  one.names.push_back(name_of_file(argument));
  return one;
}

[[noreturn]] void refuse_spec(const std::string& key, const std::string& spec,
                              const std::vector<Candidate>& candidates) {
  std::vector<std::string_view> names;
  names.reserve(candidates.size());
  for (const Candidate& one : candidates) names.push_back(one.names.front());
  throw SpecError(fmt::format("--set {}: no spec of this run is named \"{}\"", escape_for_terminal(key),
                              escape_for_terminal(spec)),
                  suggestion(spec, names, "specs"));
}

[[noreturn]] void refuse_parameter(const std::string& name, const std::vector<Candidate>& candidates) {
  std::vector<std::string_view> known;
  for (const Candidate& one : candidates) {
    if (!one.outline) continue;
    for (const std::string& parameter : one.outline->parameters) {
      if (std::find(known.begin(), known.end(), parameter) == known.end()) known.push_back(parameter);
    }
  }
  throw SpecError(fmt::format("--set {}: none of the specs has such a parameter", escape_for_terminal(name)),
                  known.empty() ? "they have no parameters" : suggestion(name, known, "parameters"));
}

// A parameter goes to the specs that have it; with a single spec, that reports one that it has not.
void distribute(const ParameterValues& given, const std::vector<Candidate>& candidates) {
  const bool several = candidates.size() > 1;
  const bool all_known =
      std::all_of(candidates.begin(), candidates.end(), [](const Candidate& one) { return one.outline; });
  for (const auto& [name, value] : given) {
    if (name.find('.') != std::string::npos) continue;
    bool taken = false;
    for (const Candidate& one : candidates) {
      if (several && !one.has(name)) continue;
      (*one.parameters)[name] = value;
      taken = true;
    }
    if (!taken && all_known) refuse_parameter(name, candidates);
  }
  // Those of one spec take precedence.
  for (const auto& [key, value] : given) {
    const std::size_t dot = key.rfind('.');
    if (dot == std::string::npos) continue;
    const std::string spec = key.substr(0, dot);
    bool taken = false;
    for (const Candidate& one : candidates) {
      if (!one.is(spec)) continue;
      (*one.parameters)[key.substr(dot + 1)] = value;
      taken = true;
    }
    if (!taken && (all_known || !several)) refuse_spec(key, spec, candidates);
  }
}

}  // namespace

std::vector<NamedSpec> read_specs(const Options& options) {
  std::vector<NamedSpec> specs(options.specs.size());
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    NamedSpec& spec = specs[i];
    spec.argument = options.specs[i];
    try {
      spec.source = read_spec(spec.argument);
    } catch (const Error&) {
      spec.unreadable = std::current_exception();
    }
    candidates.push_back(candidate(spec.argument, spec.source, spec.parameters));
    spec.name = candidates.back().names.front();
  }
  const bool any_readable =
      std::any_of(candidates.begin(), candidates.end(), [](const Candidate& one) { return one.outline; });
  if (any_readable) distribute(options.parameters, candidates);
  return specs;
}

ParameterValues parameters_of(const ParameterValues& given, const std::string& argument,
                              const std::shared_ptr<const SourceText>& source) {
  ParameterValues parameters;
  distribute(given, {candidate(argument, source, parameters)});
  return parameters;
}

void claim_answer(const std::vector<NamedSpec>& specs, FileUses& files) {
  for (const NamedSpec& spec : specs) {
    if (!spec.source) continue;
    files.reads(spec.source->file(), fmt::format("the spec {}", escape_for_terminal(spec.source->file())));
  }
  claim_answer(files);
}

}  // namespace probe_run
