// A spec as plain data, as described in docs/spec.md.
//
// Strings that may turn out to be wrong later (an unknown program or field) keep their position. The parts have
// separate headers: include only those for programs, maps or outputs where possible.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "spec/keys.h"
#include "spec/value.h"
#include "support/source_text.h"

namespace probe_run {

struct MapSpec;
struct OutputSpec;
struct ProgramChoice;
struct ProgramSpec;

struct Parameter {
  static constexpr std::string_view short_form = "default";
  std::optional<Located<std::string>> global;
  std::optional<Value> default_value;
  std::optional<Value> example;
  std::string description;
  template <class T = Parameter>
  static constexpr auto keys() {
    return std::tuple(
        key("global", &T::global,
            "The global variable of the object that it sets. Without it, use the parameter as ${NAME} in "
            "the spec."),
        key("default", &T::default_value, "Its value without --set."),
        key("example", &T::example, "The value that --check uses for a parameter without a default."),
        key("description", &T::description, "Its purpose."));
  }
};

struct Spec {
  // Defined in spec.cc: compiling a copy or a destructor of all its parts takes half of the compile time of a file
  // with a Spec.
  Spec();
  Spec(const Spec&);
  Spec(Spec&&) noexcept;
  Spec& operator=(const Spec&);
  Spec& operator=(Spec&&) noexcept;
  ~Spec();

  std::shared_ptr<const SourceText> source;
  Located<std::string> name;
  std::string description;
  Located<std::string> object;
  Dictionary<Parameter> parameters;
  Dictionary<Value> globals;  // those of the spec, followed by those that parameters set
  std::vector<ProgramChoice> programs;
  std::vector<MapSpec> maps;
  std::vector<OutputSpec> outputs;
  std::optional<Located<std::string>> listen;
  std::optional<Located<std::string>> btf;
  std::optional<Located<std::string>> token;
  template <class T = Spec>
  static constexpr auto keys() {
    return std::tuple(
        key("name", &T::name, "The spec's name.", required),
        key("description", &T::description, "What it shows, in a sentence."),
        key("object", &T::object,
            "The compiled BPF object: a path relative to the spec, or a name that is searched next to "
            "the spec, in --object-dir, next to the executable and where probe-run is installed.",
            required),
        key("parameters", &T::parameters, "Values that --set can change."),
        key("globals", &T::globals, "Values of the object's global variables."),
        key("programs", &T::programs,
            "The programs to load and their attach points, or choices of them; other programs are not loaded.",
            required),
        key("maps", &T::maps, "The maps to read."),
        key("outputs", &T::outputs, "What to show, how and where."),
        key("listen", &T::listen,
            "Where Prometheus can fetch the metrics during a run: a port, an address, or both, "
            "such as \"9435\" or \"[::]:9435\"."),
        key("btf", &T::btf,
            "A file with the kernel's BTF, for a kernel that does not provide it: raw BTF or an "
            "ELF file, with a path relative to the spec."),
        key("token", &T::token, "The path of a bpffs that delegates BPF (Linux 6.9). Needs libbpf 1.4."));
  }
};

// The programs of all ways of all choices, in the spec's order.
std::vector<const ProgramSpec*> every_program(const Spec& spec);

}  // namespace probe_run
