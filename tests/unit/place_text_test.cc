// Text and JSON of a listed attach point.
#include "command/place_text.h"

#include <nlohmann/json.hpp>

#include "support/catch.h"

using namespace probe_run;

namespace {

std::string text_of(const Place& place) {
  TextBuffer out;
  append_text(place, out);
  return std::string(out.view());
}

std::string json_of(const Place& place) {
  TextBuffer out;
  append_json(place, out);
  return std::string(out.view());
}

Place function() {
  Place place;
  place.type = "fentry";
  place.target = "do_it";
  place.attach = {{"function", "do_it"}};
  place.signature =
      Signature{"do_it",
                {{"path", "const char *", "const char *path", {}, {}}, {"n", "int", "int n", {}, {}}},
                true,
                "long",
                false};
  return place;
}

}  // namespace

TEST_CASE("A function is one line") {
  CHECK(text_of(function()) == "fentry:do_it  long do_it(const char *path, int n)\n");
}

TEST_CASE("An attach point without details is only its name") {
  Place place = function();
  place.signature.reset();
  CHECK(text_of(place) == "fentry:do_it\n");
  place.attach.clear();
  CHECK(json_of(place) == R"({"type":"fentry","target":"do_it"})");
}

TEST_CASE("The fields of an event are listed below it") {
  Place place;
  place.type = "tracepoint";
  place.target = "sched:sched_switch";
  place.signature =
      Signature{{},
                {{"comm", "char[16]", "char comm[16]", 8, 16}, {"flag", "int", "int flag : 1", {}, {}}},
                false,
                {},
                false};
  CHECK(text_of(place) ==
        "tracepoint:sched:sched_switch\n"
        "    char comm[16];  // offset 8, size 16\n"
        "    int flag : 1;\n");
  CHECK(json_of(place) ==
        R"({"type":"tracepoint","target":"sched:sched_switch","fields":[)"
        R"({"name":"comm","type":"char[16]","offset":8,"size":16},{"name":"flag","type":"int"}]})");
}

TEST_CASE("As JSON, an attach point has the keys that a spec needs") {
  CHECK(json_of(function()) ==
        R"({"type":"fentry","target":"do_it","attach":{"type":"fentry","function":"do_it"},"arguments":[)"
        R"({"name":"path","type":"const char *"},{"name":"n","type":"int"}],"returns":"long"})");
}

TEST_CASE("Numeric keys of an attach point are numbers") {
  Place place;
  place.type = "perf_event";
  place.target = "cpu-clock";
  place.attach = {{"event", "cpu-clock"}, {"frequency", "99", true}};
  CHECK(nlohmann::json::parse(json_of(place)).at("attach") ==
        nlohmann::json({{"type", "perf_event"}, {"event", "cpu-clock"}, {"frequency", 99}}));
}

TEST_CASE("Hostile names are escaped on a terminal") {
  Place place = function();
  place.target = "/tmp/\x1b[2J:\xe2\x80\xaeread\n\xff";
  place.signature->name = "\x1b]0;title\a";
  place.signature->variables[0].declaration = "int \r";
  place.readable_name = "a\nfentry:b";
  const std::string text = text_of(place);
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  CHECK(std::none_of(text.begin(), text.end() - 1,
                     [](char c) { return static_cast<unsigned char>(c) < 0x20; }));
  CHECK(text.find("\xe2\x80\xae") == std::string::npos);
  CHECK(nlohmann::json::parse(json_of(place)).at("type") == "fentry");
}
