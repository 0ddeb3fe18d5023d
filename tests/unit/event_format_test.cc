// The fields of a tracepoint, from tracefs.
#include "listing/event_format.h"

#include <random>

#include "support/catch.h"

using namespace probe_run;

namespace {

std::string listed(std::string_view format) {
  std::string text;
  for (const CVariable& field : event_fields(format)) {
    text += field.name + " | " + field.type + " | " + field.declaration + " | " +
            (field.offset ? std::to_string(*field.offset) : "-") + " " +
            (field.size ? std::to_string(*field.size) : "-") + "\n";
  }
  return text;
}

constexpr std::string_view sched_switch = R"(name: sched_switch
ID: 372
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:char prev_comm[16];	offset:8;	size:16;	signed:0;
	field:pid_t prev_pid;	offset:24;	size:4;	signed:1;

print fmt: "field:int fake; %s", REC->prev_comm
)";

}  // namespace

TEST_CASE("The fields of an event do not include the common ones") {
  CHECK(listed(sched_switch) ==
        "prev_comm | char[16] | char prev_comm[16] | 8 16\n"
        "prev_pid | pid_t | pid_t prev_pid | 24 4\n");
}

TEST_CASE("Fields are declared as in C") {
  const auto line = [](std::string_view declaration) {
    return listed("\tfield:" + std::string(declaration) + ";\toffset:8;\tsize:8;\tsigned:0;\n");
  };
  CHECK(line("const char * filename") == "filename | const char * | const char *filename | 8 8\n");
  CHECK(line("const char *const * argv") == "argv | const char *const * | const char *const *argv | 8 8\n");
  CHECK(line("void * * p") == "p | void ** | void **p | 8 8\n");
  CHECK(line("__data_loc char[] name") == "name | __data_loc char[] | __data_loc char[] name | 8 8\n");
  CHECK(line("u8 mac[2][6]") == "mac | u8[2][6] | u8 mac[2][6] | 8 8\n");
  CHECK(line("struct list_head entry") == "entry | struct list_head | struct list_head entry | 8 8\n");
  CHECK(line("char stat_[sizeof(long)]") == "stat_ | char[sizeof(long)] | char stat_[sizeof(long)] | 8 8\n");
}

TEST_CASE("Lines that are not fields, or have no offset, are ignored") {
  CHECK(listed("") == "");
  CHECK(listed("field:") == "");
  CHECK(listed("field:int unended") == "");
  CHECK(listed("field:;offset:1;") == "");
  CHECK(listed("field:int a;") == "a | int | int a | - -\n");
  CHECK(listed("field:int a;\toffset:x;\tsize:99999999999;") == "a | int | int a | - -\n");
  CHECK(listed("field:void (*call)(int);\toffset:8;\tsize:8;") ==
        " | void (*call)(int) | void (*call)(int) | 8 8\n");
  CHECK(listed("field:]]];offset:0;size:0;") == " | ]]] | ]]] | 0 0\n");
}

TEST_CASE("Any bytes can be parsed as a format without harm") {
  std::mt19937 random(7);
  std::size_t fields = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string text(sched_switch);
    for (unsigned changes = 1 + random() % 8; changes > 0; --changes)
      text[random() % text.size()] = static_cast<char>(random());
    fields += event_fields(text).size();
  }
  CHECK(fields > 5000);
}
