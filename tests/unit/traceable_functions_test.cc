// Which addresses the functions of ftrace's list have, and how functions of one name are told apart.
#include "attach/traceable_functions.h"

#include <filesystem>
#include <fstream>

#include "support/catch.h"
#include "support/temporary_directory.h"
#include "unit/temporary_file.h"

using namespace probe_run;
using test::TemporaryFile;

namespace {

constexpr const char* kallsyms =
    "ffffffff81000000 t first\n"
    "ffffffff81000010 t show\n"
    "ffffffff81000020 T second\n"
    "ffffffff81000030 t show\n"
    "ffffffff81000040 t __pfx_show\n"
    "ffffffff81000050 T third\n"
    "ffffffff81000060 t show\n"
    "ffffffff81000070 T fourth\n"
    "ffffffffc0000000 t show\t[rtc]\n"
    "ffffffffc1000000 t show\t[bpf]\n";

// "name address [module]" of each.
std::vector<std::string> listed(const std::string& file, const std::string& text,
                                const char* symbols = kallsyms) {
  const test::TemporaryDirectory tracefs;
  std::ofstream(tracefs / file) << text;
  const TemporaryFile known{std::string(symbols)};
  const TraceableFunctions all = TraceableFunctions::read(tracefs.path(), known.path());
  CHECK(all.is_listed);
  std::vector<std::string> words;
  for (const FunctionPlace& place : all.functions)
    words.push_back(fmt::format("{} {:x} {}", place.name, place.address, place.module));
  return words;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("A list with addresses is taken as it is, without discarded functions") {
  CHECK(
      listed("available_filter_functions_addrs",
             "ffffffff81000014 show\nffffffff81000024 __ftrace_invalid_address___36\nffffffff81000034 show\n"
             "ffffffffc0000004 show [rtc]\nnonsense\n") ==
      Words{"show ffffffff81000014 ", "show ffffffff81000034 ", "show ffffffffc0000004 rtc"});
}

TEST_CASE("All functions of a name have their addresses if kallsyms has as many as the list") {
  CHECK(listed("available_filter_functions", "first\nshow\nshow\nshow\nshow [rtc]\n") ==
        Words{"first ffffffff81000000 ", "show ffffffff81000010 ", "show ffffffff81000030 ",
              "show ffffffff81000060 ", "show ffffffffc0000000 rtc"});
}

TEST_CASE("Where kallsyms has more functions of a name, the order of the list tells which are meant") {
  CHECK(listed("available_filter_functions", "first\nsecond\nshow\nthird\nshow\nfourth\n") ==
        Words{"first ffffffff81000000 ", "second ffffffff81000020 ", "show ffffffff81000030 ",
              "third ffffffff81000050 ", "show ffffffff81000060 ", "fourth ffffffff81000070 "});
  // Between "first" and "third" there are two.
  CHECK(listed("available_filter_functions", "first\nshow\nthird\n") ==
        Words{"first ffffffff81000000 ", "show 0 ", "third ffffffff81000050 "});
}

TEST_CASE("Without addresses in kallsyms, the functions of the list have none") {
  CHECK(listed("available_filter_functions", "show\n", "0000000000000000 t show\n") == Words{"show 0 "});
}

TEST_CASE("Without a list, the functions of kallsyms serve, without padding and BPF programs") {
  const TemporaryFile known{std::string(kallsyms)};
  const TraceableFunctions all = TraceableFunctions::read("", known.path());
  CHECK_FALSE(all.is_listed);
  CHECK(all.functions.size() == 8);
}

TEST_CASE("Functions of one name are numbered by address, with what is before them") {
  const TemporaryFile known{std::string(kallsyms)};
  CHECK(choices_among(functions_named("show", "", known.path())) ==
        "choose one by its number, with \"ordinal\":\n"
        "  1: in the kernel at 0xffffffff81000010, after first\n"
        "  2: in the kernel at 0xffffffff81000030, after second\n"
        "  3: in the kernel at 0xffffffff81000060, after third\n"
        "  4: in the module rtc at 0xffffffffc0000000");
  CHECK(functions_named("show", "rtc", known.path()).size() == 1);
  CHECK(functions_named("no_such", "", known.path()).empty());
  CHECK(function_count(1) == "1 function");
  CHECK(function_count(2) == "2 functions");
}
