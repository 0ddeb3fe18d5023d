#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <sstream>
#include <tuple>

#include "format/format.h"
#include "spec/map_spec.h"
#include "spec/output_spec.h"
#include "spec/parse.h"
#include "spec/program_spec.h"
#include "spec/spec.h"
#include "support/catch.h"
#include "unit/sample_object.h"

using namespace probe_run;

namespace {

struct Parsed {
  std::optional<Spec> spec;
  std::string mistakes;
};

Parsed parse(const std::string& text, const ParameterValues& set = {}) {
  const auto source = std::make_shared<SourceText>("spec.json", text);
  Diagnostics diagnostics(source);
  Parsed parsed;
  parsed.spec = parse_spec(source, set, MissingParameters::refuse, diagnostics);
  for (const Diagnostic& d : diagnostics.all()) {
    parsed.mistakes +=
        fmt::format("{}:{} {}\n", d.where ? d.where->line : 0, d.where ? d.where->column : 0, d.what);
  }
  return parsed;
}

// A spec with this text among its keys.
std::string spec_with(const std::string& more) {
  return R"({"name": "x", "object": "x.bpf.o", "programs": [{"name": "p", "attach": {"type": "auto"}}])" +
         (more.empty() ? std::string() : ", " + more) + "}";
}

// Without their locations.
std::string mistakes_in(const std::string& more) {
  std::istringstream lines(parse(spec_with(more)).mistakes);
  std::string all;
  for (std::string line; std::getline(lines, line);) all += line.substr(line.find(' ') + 1) + "\n";
  return all;
}

template <class T>
T attach(const std::string& text) {
  const Parsed parsed =
      parse(R"({"name": "x", "object": "o", "programs": [{"name": "p", "attach": )" + text + "}]}");
  CAPTURE(text);
  INFO(parsed.mistakes);
  REQUIRE(parsed.spec);
  const AttachPoint& point = *every_program(*parsed.spec).at(0)->attach.items.at(0);
  REQUIRE(std::holds_alternative<T>(point));
  return std::get<T>(point);
}

std::string attach_mistakes(const std::string& text) {
  return parse("{\"name\": \"x\", \"object\": \"o\", \"programs\": [{\"name\": \"p\", \"attach\":\n" + text +
               "}]}")
      .mistakes;
}

}  // namespace

TEST_CASE("A spec needs a name, an object and programs") {
  const Parsed parsed = parse(spec_with(""));
  INFO(parsed.mistakes);
  REQUIRE(parsed.spec);
  CHECK(*parsed.spec->name == "x");
  CHECK(*parsed.spec->object == "x.bpf.o");
  REQUIRE(parsed.spec->programs.size() == 1);
  CHECK(*every_program(*parsed.spec).at(0)->name == "p");
  CHECK(parse("{}").mistakes ==
        "1:1 the spec has no \"name\"\n1:1 the spec has no \"object\"\n1:1 the spec has no \"programs\"\n");
}

TEST_CASE("Keys that a spec omits have their defaults") {
  const Parsed parsed = parse(spec_with(R"("maps": [{"name": "m"}], "outputs": [{"map": "m"}])"));
  INFO(parsed.mistakes);
  REQUIRE(parsed.spec);
  CHECK(parsed.spec->description.empty());
  CHECK(parsed.spec->globals.empty());
  CHECK_FALSE(parsed.spec->programs[0].optional);
  const MapSpec& map = parsed.spec->maps.at(0);
  CHECK_FALSE(map.type);
  CHECK_FALSE(map.poll);
  CHECK_FALSE(map.lost);
  CHECK_FALSE(map.per_cpu);
  CHECK_FALSE(map.max_entries);
  CHECK(map.fields.empty());
  const OutputSpec& output = parsed.spec->outputs.at(0);
  CHECK(**output.map == "m");
  CHECK(output.trace_pipe == TracePipe::none);
  CHECK(output.fields.empty());
  CHECK_FALSE(output.format);
  CHECK_FALSE(output.text_template);
  CHECK_FALSE(output.to);
  CHECK_FALSE(output.sort);
  CHECK_FALSE(output.limit);
  CHECK_FALSE(output.every);
}

TEST_CASE("Every key of a map and an output is read") {
  const Parsed parsed = parse(spec_with(R"(
    "maps": [{"name": "m", "type": "struct e", "poll": "1.5s", "fields": {"a": {"as": "hex"}, "$a": 1}, "lost": "drops",
              "per_cpu": true, "max_entries": 4096}],
    "outputs": [{"map": "m", "fields": ["a", "b"], "group_by": ["a"], "aggregate": {"n": "count"}, "every": "5s",
                 "sort": "-n", "limit": 10, "format": "text", "template": "{a}", "to": "stderr"},
                {"trace_pipe": true, "every": "exit"}, {"trace_pipe": "all"}])"));
  INFO(parsed.mistakes);
  REQUIRE(parsed.spec);
  const MapSpec& map = parsed.spec->maps.at(0);
  CHECK(**map.type == "struct e");
  CHECK((**map.poll).count() == 1'500'000'000);
  REQUIRE(map.fields.size() == 1);
  CHECK(**map.fields[0].second.as == "hex");
  CHECK(**map.lost == "drops");
  CHECK(map.per_cpu);
  CHECK(**map.max_entries == 4096);
  const OutputSpec& output = parsed.spec->outputs.at(0);
  CHECK(output.fields.size() == 2);
  CHECK(*output.group_by.at(0) == "a");
  CHECK(*output.aggregate.at(0).first == "n");
  CHECK((**output.every).interval == std::chrono::seconds(5));
  CHECK(**output.sort == "-n");
  CHECK(**output.limit == 10);
  CHECK(*output.format == format_named("text"));
  CHECK(**output.text_template == "{a}");
  CHECK(**output.to == "stderr");
  CHECK(parsed.spec->outputs.at(1).trace_pipe == TracePipe::own);
  CHECK((**parsed.spec->outputs.at(1).every).at_exit);
  CHECK(parsed.spec->outputs.at(2).trace_pipe == TracePipe::all);
}

TEST_CASE("Attach type xdp") {
  const auto point = attach<XdpAttach>(R"({"type": "xdp", "iface": "eth0", "mode": "native"})");
  CHECK(*point.iface == "eth0");
  CHECK(point.mode == XdpMode::native);
  CHECK(attach<XdpAttach>(R"({"type": "xdp", "iface": "eth0"})").mode == XdpMode::automatic);
  CHECK(attach<XdpAttach>(R"({"type": "xdp", "iface": "eth0", "mode": "auto"})").mode == XdpMode::automatic);
  CHECK(attach_mistakes(R"({"type": "xdp", "iface": "eth0", "mode": "nativ"})") ==
        "2:42 \"mode\" cannot be \"nativ\"\n");
}

TEST_CASE("Attach type kprobe") {
  const auto point = attach<KprobeAttach>(R"({"type": "kprobe", "symbol": "do_sys_open", "offset": 16})");
  CHECK(*point.symbol == "do_sys_open");
  CHECK(point.offset == 16);
  CHECK(attach<KprobeAttach>(R"({"type": "kprobe", "symbol": "f"})").offset == 0);
  CHECK(attach_mistakes(R"({"type": "kprobe"})") == "2:1 attach type \"kprobe\" has no \"symbol\"\n");
}

TEST_CASE("Attach type kretprobe") {
  CHECK(*attach<KretprobeAttach>(R"({"type": "kretprobe", "symbol": "f"})").symbol == "f");
  CHECK(attach_mistakes(R"({"type": "kretprobe", "symbol": "f", "offset": 1})") ==
        "2:38 attach type \"kretprobe\" has no key \"offset\"\n");
}

TEST_CASE("Attach type tracepoint") {
  const auto point =
      attach<TracepointAttach>(R"({"type": "tracepoint", "category": "sched", "name": "sched_switch"})");
  CHECK(*point.category == "sched");
  CHECK(*point.name == "sched_switch");
}

TEST_CASE("Attach type raw_tracepoint") {
  CHECK(*attach<RawTracepointAttach>(R"({"type": "raw_tracepoint", "name": "sys_enter"})").name ==
        "sys_enter");
}

TEST_CASE("Attach type uprobe") {
  const auto point =
      attach<UprobeAttach>(R"({"type": "uprobe", "binary": "bash", "symbol": "readline", "pid": 7})");
  CHECK(*point.binary == "bash");
  CHECK(**point.symbol == "readline");
  CHECK(**point.pid == 7);
  CHECK_FALSE(point.offset);
  CHECK(**attach<UprobeAttach>(R"({"type": "uprobe", "binary": "bash", "offset": 0})").offset == 0);
  CHECK(attach_mistakes(R"({"type": "uprobe", "binary": "bash"})") ==
        "2:1 a user-space probe needs a \"symbol\" or an \"offset\"\n");
}

TEST_CASE("Attach type uretprobe") {
  CHECK(
      **attach<UretprobeAttach>(R"({"type": "uretprobe", "binary": "bash", "symbol": "readline"})").symbol ==
      "readline");
  CHECK(attach_mistakes(R"({"type": "uretprobe", "binary": "bash"})") ==
        "2:1 a user-space probe needs a \"symbol\" or an \"offset\"\n");
}

TEST_CASE("Attach type kprobe_multi") {
  const auto point =
      attach<KprobeMultiAttach>(R"({"type": "kprobe_multi", "symbols": ["a", "b"], "return": true})");
  REQUIRE(point.symbols);
  REQUIRE(point.symbols->items.size() == 2);
  CHECK(*point.symbols->items[1] == "b");
  CHECK(point.at_return);
  CHECK(**attach<KprobeMultiAttach>(R"({"type": "kprobe_multi", "pattern": "vfs_*"})").pattern == "vfs_*");
  CHECK(attach_mistakes(R"({"type": "kprobe_multi"})") ==
        "2:1 attach type \"kprobe_multi\" needs \"pattern\" or \"symbols\"\n");
}

TEST_CASE("Attach type perf_event") {
  const auto point = attach<PerfEventAttach>(
      R"({"type": "perf_event", "event": "page-faults", "period": 10, "cpus": [0, 3], "pid": 7})");
  CHECK(point.event == PerfEvent::page_faults);
  CHECK(**point.period == 10);
  CHECK_FALSE(point.frequency);
  REQUIRE(point.cpus.size() == 2);
  CHECK(*point.cpus[1] == 3);
  CHECK(**point.pid == 7);
  CHECK(attach_mistakes(R"({"type": "perf_event", "event": "page-faults", "period": 10, "frequency": 1})") ==
        "2:1 attach type \"perf_event\" accepts only one of \"frequency\" or \"period\"\n");
}

TEST_CASE("Attach type netfilter") {
  const auto point = attach<NetfilterAttach>(
      R"({"type": "netfilter", "family": "ipv6", "hook": "forward", "priority": -150})");
  CHECK(point.family == NetfilterFamily::ipv6);
  CHECK(point.hook == NetfilterHook::forward);
  CHECK(*point.priority == -150);
}

TEST_CASE("Attach type auto") {
  attach<AutoAttach>(R"({"type": "auto"})");
  CHECK(attach_mistakes(R"({"type": "auto", "symbol": "f"})") ==
        "2:18 attach type \"auto\" has no key \"symbol\"\n");
}

TEST_CASE("An attach point needs a known type") {
  CHECK(attach_mistakes(R"({"symbol": "f"})") == "2:1 \"attach\" has no \"type\"\n");
  CHECK(attach_mistakes(R"({"type": "kprob", "symbol": "f"})") == "2:10 unknown attach type \"kprob\"\n");
  CHECK(attach_mistakes("[]") == "2:1 \"attach\" is an empty list\n");
  CHECK(attach_mistakes("7") ==
        "2:1 \"attach\" must be an object with a \"type\", or TYPE:TARGET as --list prints it, not 7\n");
}

TEST_CASE("A program may have several attach points") {
  const Parsed parsed =
      parse(R"({"name": "x", "object": "o", "programs": [{"name": "p", "optional": true, "attach": [
    {"type": "kprobe", "symbol": "a"}, {"type": "auto"}]}]})");
  REQUIRE(parsed.spec);
  const ProgramSpec& program = *every_program(*parsed.spec).at(0);
  CHECK(program.attach.items.size() == 2);
  CHECK(program.optional);
}

TEST_CASE("A single program is a choice with one alternative, and an alternative may have several programs") {
  const Parsed parsed = parse(R"({"name": "x", "object": "o", "programs": [
    {"name": "a", "attach": {"type": "auto"}, "optional": true},
    {"first_of": [[{"name": "b", "attach": {"type": "auto"}}, {"name": "c", "attach": {"type": "auto"}}],
                  {"name": "d", "attach": {"type": "auto"}}], "optional": true}]})");
  INFO(parsed.mistakes);
  REQUIRE(parsed.spec);
  const std::vector<ProgramChoice>& choices = parsed.spec->programs;
  REQUIRE(choices.size() == 2);
  CHECK(choices[0].ways.size() == 1);
  CHECK_FALSE(choices[0].optional);
  REQUIRE(choices[1].ways.size() == 2);
  CHECK(choices[1].ways[0].items.size() == 2);
  CHECK(choices[1].ways[1].items.size() == 1);
  CHECK(choices[1].optional);
  std::string names;
  for (const ProgramSpec* program : every_program(*parsed.spec)) names += *program->name;
  CHECK(names == "abcd");
}

TEST_CASE("The error for a value of the wrong type names the given value") {
  CHECK(parse("[]").mistakes == "1:1 the spec must be an object, not a list\n");
  CHECK(mistakes_in("\"maps\": {}") == "\"maps\" must be a list, not an object\n");
  for (const std::string poll : {"\"1\"", "\"0s\"", "1", "true", "null"}) {
    CHECK(mistakes_in("\"maps\": [{\"name\": \"m\", \"poll\": " + poll + "}]") ==
          "\"poll\" must be a duration of at least 1ms such as \"500ms\", \"1s\" or \"5m\", not " + poll +
              "\n");
  }
  CHECK(mistakes_in("\"maps\": [{\"name\": \"m\", \"max_entries\": -1}]") ==
        "\"max_entries\" must be a whole number from 0, not -1\n");
  CHECK(mistakes_in("\"description\": \"a\\u0000b\"") == "\"description\" contains a NUL character\n");
}

TEST_CASE("An unknown key is an error, a key with a dollar sign is a comment") {
  CHECK(parse(spec_with("\"$comment\": [1, 2]")).spec);
  CHECK(parse("{\"name\": \"x\", \"object\": \"o\", \"programs\": [{\"name\": \"p\", \"attach\": {\"type\": "
              "\"auto\"}}],\n\"map\": []}")
            .mistakes == "2:1 the spec has no key \"map\"\n");
}

TEST_CASE("All mistakes in a spec are reported at once") {
  CHECK(parse("{\"name\": 1,\n\"object\": true,\n\"programs\": [{}],\n\"x\": 1}").mistakes ==
        "1:10 \"name\" must be a string, not 1\n"
        "2:11 \"object\" must be a string, not true\n"
        "3:14 an item of \"programs\" has no \"name\"\n"
        "4:1 the spec has no key \"x\"\n");
}

TEST_CASE("A spec without a program is an error") {
  CHECK(parse(R"({"name": "x", "object": "o", "programs": []})").mistakes ==
        "1:42 the spec has no programs\n");
}

TEST_CASE("An output shows either a map or the trace pipe") {
  for (const char* output : {"{}", R"({"map": "m", "trace_pipe": true})"}) {
    CAPTURE(output);
    CHECK(mistakes_in("\"outputs\": [" + std::string(output) + "]") ==
          "an output must have either \"map\" or \"trace_pipe\"\n");
  }
  CHECK_FALSE(parse(spec_with(R"("outputs": [{"trace_pipe": false}])")).spec);
}

TEST_CASE("group_by needs an aggregate, but an aggregate does not need group_by") {
  CHECK_FALSE(parse(spec_with(R"("outputs": [{"map": "m", "group_by": ["a"]}])")).spec);
  CHECK_FALSE(parse(spec_with(R"("outputs": [{"map": "m", "groups": 5}])")).spec);
  CHECK_FALSE(parse(spec_with(R"("outputs": [{"map": "m", "cumulative": true}])")).spec);
  CHECK(parse(spec_with(R"("outputs": [{"map": "m", "aggregate": {"n": "count"}}])")).spec);
}

TEST_CASE("A template belongs to the text format") {
  CHECK(parse(spec_with(R"("outputs": [{"map": "m", "template": "{a}"}])")).spec);
  CHECK(mistakes_in(R"("outputs": [{"map": "m", "template": "{a}", "format": "csv"}])") ==
        "\"template\" applies only to the format text, not csv\n");
}

TEST_CASE("A parameter is substituted in the spec's strings and keeps its type") {
  const std::string text = spec_with(R"("parameters": {"n": {"default": 5}, "who": {"default": "me"}},
    "outputs": [{"map": "m", "limit": "${n}", "to": "/tmp/${who}.txt"}])");
  const Parsed parsed = parse(text);
  INFO(parsed.mistakes);
  REQUIRE(parsed.spec);
  CHECK(**parsed.spec->outputs[0].limit == 5);
  CHECK(**parsed.spec->outputs[0].to == "/tmp/me.txt");
  CHECK(**parse(text, {{"n", "7"}}).spec->outputs[0].limit == 7);
  CHECK_FALSE(parse(text, {{"n", "many"}}).spec);
  CHECK_FALSE(parse(text, {{"unknown", "7"}}).spec);
}

TEST_CASE("A parameter with a global sets it") {
  const std::string text =
      spec_with(R"("parameters": {"pid": {"global": "wanted_pid", "default": 0}}, "globals": {"a": [1]})");
  const Parsed parsed = parse(text, {{"pid", "42"}});
  INFO(parsed.mistakes);
  REQUIRE(parsed.spec);
  REQUIRE(parsed.spec->globals.size() == 2);
  CHECK(*parsed.spec->globals[0].first == "a");
  CHECK(*parsed.spec->globals[1].first == "wanted_pid");
  CHECK(std::get<std::uint64_t>(parsed.spec->globals[1].second.data) == 42);
}

TEST_CASE("A parameter's name consists of letters, digits and underscores") {
  CHECK(mistakes_in(R"("parameters": {"a-b": {"default": 0}})") ==
        "the name of a parameter may contain only letters, digits and \"_\"\n");
}

TEST_CASE("A spec that is cut anywhere is an error, not a crash") {
  const std::string text =
      spec_with(R"("parameters": {"n": {"default": 5}}, "maps": [{"name": "m", "poll": "1s"}],
    "outputs": [{"map": "m", "limit": "${n}"}])");
  for (std::size_t size = 0; size < text.size(); ++size) {
    const Parsed parsed = parse(text.substr(0, size));
    CAPTURE(size);
    CHECK_FALSE(parsed.spec);
    CHECK_FALSE(parsed.mistakes.empty());
  }
}

TEST_CASE("The numbers of outputs, columns, metrics, labels and parameters are limited as documented") {
  const auto list_of = [](std::size_t count, const auto& item) {
    std::string items;
    for (std::size_t i = 0; i < count; ++i) items += (i == 0 ? "" : ", ") + item(i);
    return items;
  };
  const auto name = [](std::size_t i) { return fmt::format("\"n{}\"", i); };
  const auto member = [&](const std::string& value) {
    return [&name, value](std::size_t i) { return name(i) + ": " + value; };
  };
  const auto output = [](const std::string& keys) {
    return R"("outputs": [{"map": "m", "every": "1s", )" + keys + "}]";
  };
  const std::string group = R"("aggregate": {"n": "count"}, )";
  const std::vector<std::tuple<std::string, std::size_t, std::function<std::string(std::size_t)>>> limits = {
      {"outputs", 256,
       [&](std::size_t n) {
         return "\"outputs\": [" + list_of(n, [](std::size_t) { return std::string(R"({"map": "m"})"); }) +
                "]";
       }},
      {"parameters", 256,
       [&](std::size_t n) { return "\"parameters\": {" + list_of(n, member(R"({"default": 1})")) + "}"; }},
      {"fields", 1024, [&](std::size_t n) { return output("\"fields\": [" + list_of(n, name) + "]"); }},
      {"columns in \"aggregate\"", 1024,
       [&](std::size_t n) { return output("\"aggregate\": {" + list_of(n, member("\"count\"")) + "}"); }},
      {"fields in \"group_by\"", 64,
       [&](std::size_t n) { return output(group + "\"group_by\": [" + list_of(n, name) + "]"); }},
      {"metrics", 16384,
       [&](std::size_t n) { return output("\"metrics\": {" + list_of(n, member("{}")) + "}"); }},
      {"labels", 64,
       [&](std::size_t n) { return output(R"("metrics": {"x": {"labels": [)" + list_of(n, name) + "]}}"); }}};
  for (const auto& [what, most, keys] : limits) {
    CAPTURE(what);
    CHECK(parse(spec_with(keys(most))).mistakes == "");
    const std::string mistakes = parse(spec_with(keys(most + 1))).mistakes;
    CHECK(mistakes.ends_with(fmt::format(" too many {}: {}\n", what, most + 1)));
    CHECK(std::count(mistakes.begin(), mistakes.end(), '\n') == 1);
  }
}
