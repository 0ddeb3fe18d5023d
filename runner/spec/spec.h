// A spec as plain data: what docs/spec.md describes, read once, strictly.
//
// Strings that a later room may find fault with (a program that the object lacks, a field that a type lacks)
// keep their place.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "spec/attach_point.h"
#include "spec/keys.h"
#include "spec/metric_spec.h"
#include "spec/one_or_many.h"
#include "spec/value.h"
#include "support/duration.h"

namespace probe_run {

// An object whose keys are names of the spec's author, in the order written.
template <class T>
using Dictionary = std::vector<std::pair<Located<std::string>, T>>;

struct Parameter {
  std::optional<Located<std::string>> global;
  std::optional<Value> default_value;
  std::optional<Value> example;
  std::string description;
  static constexpr auto keys() {
    return std::tuple(
        key("global", &Parameter::global,
            "The global variable of the object that it sets. Without it, the parameter stands as ${NAME} in "
            "the spec."),
        key("default", &Parameter::default_value, "Its value when --set does not give one."),
        key("example", &Parameter::example, "What --check takes for a parameter that has no default."),
        key("description", &Parameter::description, "What it is for."));
  }
};

struct ProgramSpec {
  Located<std::string> name;
  OneOrMany<Located<AttachPoint>> attach;  // none: it is loaded for others to call
  bool optional = false;
  std::optional<Located<std::string>> pin;
  bool reuse_pin = false;
  static constexpr auto keys() {
    return std::tuple(
        key("name", &ProgramSpec::name, "The BPF function, as the object names it.", required),
        key("attach", &ProgramSpec::attach,
            "One attach point, or a list of them. Without it the program is loaded and not attached: other "
            "programs call it, through a map's \"entries\"."),
        key("optional", &ProgramSpec::optional,
            "When the kernel does not load or attach it, that is a warning, not an error."),
        key("pin", &ProgramSpec::pin,
            "Where on a bpffs its link is pinned: then the program stays attached when the run "
            "ends. For one attach point."),
        key("reuse_pin", &ProgramSpec::reuse_pin,
            "A link that is pinned there already stays as it is, with the program that it has."));
  }
};

// Programs that belong together, such as those at the entry and at the return of a function.
using ProgramGroup = OneOrMany<ProgramSpec>;

// Of several ways the first that this kernel can load and attach. A program that stands alone in the spec is
// a choice with one way.
struct ProgramChoice {
  Span at;
  std::vector<ProgramGroup> ways;
  bool optional = false;
  static constexpr auto keys() {
    return std::tuple(
        key("first_of", &ProgramChoice::ways,
            "Ways to see the same, the best first: each is a program, or a list of programs that belong "
            "together. The first that this kernel loads and attaches whole is taken; no other is loaded.",
            required),
        key("optional", &ProgramChoice::optional,
            "When no way can be taken, that is a warning, not an error."));
  }
};

// A number, or the name of an enum's value.
using Constant = std::variant<std::uint64_t, std::int64_t, std::string>;

// Fields and the values that each must have one of.
using When = Dictionary<OneOrMany<Located<Constant>>>;

struct FieldSpec {
  std::optional<Located<std::string>> as;
  Dictionary<Located<std::string>> values;
  When when;
  std::optional<Located<std::string>> stacks;
  std::optional<Located<std::string>> process;
  std::optional<Located<std::string>> unit;
  std::optional<Located<std::string>> histogram;
  static constexpr auto keys() {
    return std::tuple(
        key("as", &FieldSpec::as, "The renderer that prints the field, such as ktime or hex."),
        key("values", &FieldSpec::values,
            "Names by number, decimal or with 0x: { \"6\": \"TCP\", \"17\": \"UDP\" }. With \"as\": "
            "\"flags\", the names of bits."),
        key("when", &FieldSpec::when,
            "The field is there only when other fields have these values: { \"family\": 2 }, { \"kind\": "
            "[\"OPEN\", \"CLOSE\"] }. It chooses the arm of a union."),
        key("stacks", &FieldSpec::stacks,
            "For kstack and ustack: the map of type stack_trace whose id the field holds."),
        key("process", &FieldSpec::process,
            "For usym and ustack: the field that holds the process id (tgid). By default tgid, else pid."),
        key("unit", &FieldSpec::unit,
            "What its numbers count, such as \"ns\" or \"bytes\": a table's header shows it."),
        key("histogram", &FieldSpec::histogram,
            "What the slots of an array of counts stand for: log2, exp2zero, linear(MIN, STEP) or "
            "fixed(BOUND, BOUND...). Its \"unit\" is that of the values."));
  }
};

struct RecordType {
  When when;
  Located<std::string> type;
  static constexpr auto keys() {
    return std::tuple(
        key("when", &RecordType::when, "Fields of \"type\" and the values that choose this one.", required),
        key("type", &RecordType::type, "The type of such records, which begins with the same fields.",
            required));
  }
};

struct LayoutMember {
  Located<std::string> name;
  Located<std::string> type;
  std::optional<Located<std::uint64_t>> offset;
  static constexpr auto keys() {
    return std::tuple(
        key("name", &LayoutMember::name, "The field's name.", required),
        key("type", &LayoutMember::type,
            "u8 to u128, s8 to s128, bool, char, float, double, a C integer type, or a type of the object's "
            "BTF; with [N] behind it an array, with [] one that takes the rest of the record.",
            required),
        key("offset", &LayoutMember::offset,
            "Bytes from the start; by default behind the member before, aligned as C aligns it."));
  }
};

// What a read of a polled map gives, and whether it takes it away.
enum class ReadMode { snapshot, delta, rate, drain };
template <>
struct EnumNames<ReadMode> {
  static constexpr std::array<EnumName<ReadMode>, 4> names{{{ReadMode::snapshot, "snapshot"},
                                                            {ReadMode::delta, "delta"},
                                                            {ReadMode::rate, "rate"},
                                                            {ReadMode::drain, "drain"}}};
};

struct MapEntry {
  std::optional<Value> key;
  std::optional<Value> value;
  static constexpr auto keys() {
    return std::tuple(
        probe_run::key(
            "key", &MapEntry::key,
            "Its key, as a global of that type is written; of a queue, a stack and a bloom filter none."),
        probe_run::key(
            "value", &MapEntry::value,
            "Its value, likewise; of a program array the name of a program, of a map of maps that of a map "
            "or { \"entries\": [...] } for a new one, of a list of cgroups a path, of one of devices an "
            "interface."));
  }
};

struct MapSpec {
  Located<std::string> name;
  std::optional<Located<std::string>> type;
  std::vector<RecordType> types;
  std::vector<LayoutMember> layout;
  std::vector<LayoutMember> key_layout;
  std::optional<Located<Duration>> poll;
  std::optional<Located<ReadMode>> read;
  std::optional<Located<std::vector<Value>>> only_keys;
  std::optional<Located<std::vector<Value>>> send;
  Dictionary<FieldSpec> fields;
  std::optional<Located<std::string>> lost;
  bool per_cpu = false;
  std::optional<Located<std::uint64_t>> max_entries;
  std::optional<Located<std::vector<Located<MapEntry>>>> entries;
  std::optional<Located<std::string>> pin;
  bool reuse_pin = false;
  static constexpr auto keys() {
    return std::tuple(
        key("name", &MapSpec::name, "The map, as the object names it.", required),
        key("type", &MapSpec::type,
            "The type of a stream's records, or of what is sent, such as \"struct event\"."),
        key("types", &MapSpec::types,
            "Where a stream has records of several types: each with the values of \"type\" that choose it."),
        key("layout", &MapSpec::layout,
            "Instead of BTF: the members of a stream's records, or of a map's values."),
        key("key_layout", &MapSpec::key_layout, "Instead of BTF: the members of a map's keys."),
        key("poll", &MapSpec::poll,
            "How often a map that holds state is read. It is read once more at exit."),
        key("read", &MapSpec::read,
            "What a read gives: snapshot, the entries as they are; delta, what was added since the last "
            "read; rate, the same per second; drain, as delta, and removes entries that rest."),
        key("keys", &MapSpec::only_keys, "Only these keys are looked up."),
        key("send", &MapSpec::send,
            "What is written to a user ring buffer, once, after the programs are attached."),
        key("fields", &MapSpec::fields, "Renderers by field."),
        key("lost", &MapSpec::lost,
            "The global variable, or map, or member of either, in which the object counts records that it "
            "could not send."),
        key("per_cpu", &MapSpec::per_cpu, "Keep the values of a per-CPU map apart instead of adding them."),
        key("max_entries", &MapSpec::max_entries,
            "The map's size: entries, or bytes of a ring buffer (a power of two and a multiple of the page "
            "size)."),
        key("entries", &MapSpec::entries, "What is in the map before the first program is attached."),
        key("pin", &MapSpec::pin, "Where on a bpffs the map is pinned: it stays there when the run ends."),
        key("reuse_pin", &MapSpec::reuse_pin,
            "A map that is pinned there already is taken, with what is in it."));
  }
};

// How rows are written: the number of a row in the table of formats. The table and what is declared here are defined in
// format/formats.cc, because a spec only names a format.
enum class OutputFormat : std::uint8_t {};
template <>
struct EnumNames<OutputFormat> {
  static const std::span<const EnumName<OutputFormat>> names;
};
bool takes_template(OutputFormat format) noexcept;
std::string_view about(OutputFormat format) noexcept;  // in a few words

// "100/s": so many rows in each unit of time.
struct RateLimit {
  std::uint64_t rows = 0;
  Duration per{0};

  static constexpr std::uint64_t most_rows = 1'000'000'000;
};

// "1s", or "exit": only once, when the run ends.
struct Every {
  bool at_exit = false;
  Duration interval{0};
};

// Which lines that programs bpf_printk: those of this object's format strings, or every program's.
enum class TracePipe { none, own, all };

inline constexpr std::uint64_t most_groups = 100'000;  // of an output

// A column: the field's path alone, or an object with these keys.
struct OutputField {
  Located<std::string> field;
  std::optional<Located<std::string>> name;
  OutputField() = default;
  OutputField(Located<std::string> path) : field(std::move(path)) {}  // NOLINT(*-explicit-*): a path is one
  static constexpr auto keys() {
    return std::tuple(key("field", &OutputField::field, "The field's path.", required),
                      key("name", &OutputField::name,
                          "The column's name, in every format; by default the path as written."));
  }
};

struct OutputSpec {
  Span at;
  std::optional<Located<std::string>> map;
  TracePipe trace_pipe = TracePipe::none;
  std::optional<Located<std::string>> where;
  std::optional<Located<std::uint64_t>> sample;
  std::optional<Located<RateLimit>> rate_limit;
  std::vector<OutputField> fields;
  std::vector<Located<std::string>> group_by;
  Dictionary<Located<std::string>> aggregate;
  std::optional<Located<std::uint64_t>> groups;
  bool cumulative = false;
  std::optional<Located<Every>> every;
  std::optional<Located<std::string>> sort;
  std::optional<Located<std::uint64_t>> limit;
  std::optional<OutputFormat> format;
  std::optional<Located<std::string>> text_template;
  Dictionary<MetricSpec> metrics;
  std::optional<Located<std::string>> to;
  static constexpr auto keys() {
    return std::tuple(
        key("map", &OutputSpec::map, "The map whose records or entries it shows."),
        key("trace_pipe", &OutputSpec::trace_pipe,
            "Instead of a map: the lines that this object's programs bpf_printk (true), or every program's "
            "(\"all\")."),
        key("where", &OutputSpec::where,
            "Only rows for which this is true: \"pid == 42 and comm glob 'nginx*'\"."),
        key("sample", &OutputSpec::sample, "Only every Nth of these rows, the first included."),
        key("rate_limit", &OutputSpec::rate_limit,
            "Of rows shown one by one at most so many: \"100/s\", \"10/m\", or a number of rows per second."),
        key("fields", &OutputSpec::fields,
            "Which fields, in which order; all by default. Each is a path, or { \"field\": \"value.bytes\", "
            "\"name\": \"received\" }."),
        key("group_by", &OutputSpec::group_by,
            "Fields whose values make a group; without it all rows are one group."),
        key("aggregate", &OutputSpec::aggregate,
            "What is computed for each group, by the column's name: { \"opens\": \"count\", \"slowest\": "
            "\"max(latency)\" }."),
        key("groups", &OutputSpec::groups,
            "At most so many groups, 10000 by default and 100000 at most; rows beyond them are one group, "
            "\"(other)\"."),
        key("cumulative", &OutputSpec::cumulative,
            "Keep the groups from one interval, or read, to the next; by default each begins anew."),
        key("every", &OutputSpec::every,
            "When the groups are shown: an interval such as \"5s\", or \"exit\". Of a polled map, \"exit\" "
            "shows the last read only."),
        key("sort", &OutputSpec::sort,
            "The field that rows shown together are sorted by; \"-field\" for the largest first."),
        key("limit", &OutputSpec::limit, "At most so many of the rows shown together."),
        key("format", &OutputSpec::format,
            "How rows are written; by default a table on a terminal, else jsonl."),
        key("template", &OutputSpec::text_template, "The line of the text format: \"{pid:>7} {comm}\"."),
        key("metrics", &OutputSpec::metrics,
            "For prometheus and openmetrics: the metrics by their names. By default every number is one."),
        key("to", &OutputSpec::to, "stdout (the default), stderr, or a file's path."));
  }
};

struct Spec {
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
  static constexpr auto keys() {
    return std::tuple(
        key("name", &Spec::name, "The spec's name.", required),
        key("description", &Spec::description, "What it shows, in a sentence."),
        key("object", &Spec::object,
            "The compiled BPF object: a path relative to the spec, or a name looked for beside "
            "the spec, in --object-dir, beside the executable and where probe-run is installed.",
            required),
        key("parameters", &Spec::parameters, "What --set may change."),
        key("globals", &Spec::globals, "Values of the object's global variables."),
        key("programs", &Spec::programs,
            "The programs to load and where each attaches, or the first of several; others are not loaded.",
            required),
        key("maps", &Spec::maps, "The maps to read."),
        key("outputs", &Spec::outputs, "What is shown, how and where."),
        key("listen", &Spec::listen,
            "Where Prometheus may fetch the metrics while it runs: a port, an address, or both, "
            "such as \"9435\" or \"[::]:9435\"."),
        key("btf", &Spec::btf,
            "A file with the types of the kernel, for a kernel that does not bring them along: raw BTF or an "
            "ELF file, by a path relative to the spec."),
        key("token", &Spec::token,
            "A bpffs that BPF is delegated through (Linux 6.9): its path. Needs libbpf 1.4."));
  }
};

// The programs of every way of every choice, in the spec's order.
std::vector<const ProgramSpec*> every_program(const Spec& spec);

}  // namespace probe_run
