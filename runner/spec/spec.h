// A spec as plain data: what docs/spec.md describes, read once, strictly.
//
// Strings that a later room may find fault with (a program that the object lacks, a field that a type lacks)
// keep their place. Its parts have headers of their own: who reads programs, maps or outputs includes theirs.
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
  std::optional<Located<std::string>> global;
  std::optional<Value> default_value;
  std::optional<Value> example;
  std::string description;
  template <class T = Parameter>
  static constexpr auto keys() {
    return std::tuple(
        key("global", &T::global,
            "The global variable of the object that it sets. Without it, the parameter stands as ${NAME} in "
            "the spec."),
        key("default", &T::default_value, "Its value when --set does not give one."),
        key("example", &T::example, "What --check takes for a parameter that has no default."),
        key("description", &T::description, "What it is for."));
  }
};

struct Spec {
  // Defined in spec.cc: a copy or a destructor of all its parts in each file that has a Spec is half of what
  // such a file takes to compile.
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
  Dictionary<Value> globals;  // those of the spec and, after them, those that parameters set
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
            "The compiled BPF object: a path relative to the spec, or a name looked for beside "
            "the spec, in --object-dir, beside the executable and where probe-run is installed.",
            required),
        key("parameters", &T::parameters, "What --set may change."),
        key("globals", &T::globals, "Values of the object's global variables."),
        key("programs", &T::programs,
            "The programs to load and where each attaches, or the first of several; others are not loaded.",
            required),
        key("maps", &T::maps, "The maps to read."),
        key("outputs", &T::outputs, "What is shown, how and where."),
        key("listen", &T::listen,
            "Where Prometheus may fetch the metrics while it runs: a port, an address, or both, "
            "such as \"9435\" or \"[::]:9435\"."),
        key("btf", &T::btf,
            "A file with the types of the kernel, for a kernel that does not bring them along: raw BTF or an "
            "ELF file, by a path relative to the spec."),
        key("token", &T::token,
            "A bpffs that BPF is delegated through (Linux 6.9): its path. Needs libbpf 1.4."));
  }
};

// The programs of every way of every choice, in the spec's order.
std::vector<const ProgramSpec*> every_program(const Spec& spec);

}  // namespace probe_run
