#include "support/catch.h"
#include "support/cpus.h"

using namespace probe_run;

TEST_CASE("a list of CPUs is read as the kernel writes it") {
  CHECK(parse_processors("0") == std::vector<int>{0});
  CHECK(parse_processors("0-3,6") == std::vector<int>{0, 1, 2, 3, 6});
  CHECK(parse_processors("1,3-4\n") == std::vector<int>{1, 3, 4});
  CHECK(parse_processors("").empty());
  CHECK(parse_processors("x").empty());
  CHECK(parse_processors("0-99999999").empty());
}

TEST_CASE("the online CPUs are those of this machine") {
  CHECK_FALSE(online_processors().empty());
}

TEST_CASE("a CPU that goes offline or online is distinguished from the kernel's other events") {
  using namespace std::string_view_literals;
  CHECK(parse_processor_event("offline@/devices/system/cpu/cpu1\0ACTION=offline\0"sv) ==
        ProcessorChange{1, false});
  CHECK(parse_processor_event("online@/devices/system/cpu/cpu127"sv) == ProcessorChange{127, true});
  CHECK(parse_processor_event("online@/devices/system/memory/memory3"sv) == std::nullopt);
  CHECK(parse_processor_event("add@/devices/system/cpu/cpu1"sv) == std::nullopt);
  CHECK(parse_processor_event("online@/devices/system/cpu/cpufreq"sv) == std::nullopt);
  CHECK(parse_processor_event("online@/devices/system/cpu/cpu"sv) == std::nullopt);
  CHECK(parse_processor_event("online@/devices/system/cpu/cpu99999999999"sv) == std::nullopt);
  CHECK(parse_processor_event(""sv) == std::nullopt);
}
