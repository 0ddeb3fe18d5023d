// Patterns of --list.
#include "attach/attach_type.h"
#include "listing/pattern.h"
#include "spec/attach_point.h"
#include "support/catch.h"
#include "support/error.h"

using namespace probe_run;

namespace {

bool matches(const std::string& pattern, std::string_view type, std::string_view target) {
  PlacePattern compiled(pattern);
  return compiled.takes_type(type) && compiled.matches(type, target);
}

}  // namespace

TEST_CASE("A type alone matches all its attach points") {
  CHECK(matches("xdp", "xdp", "eth0"));
  CHECK(matches("xdp:", "xdp", "eth0"));
  CHECK_FALSE(matches("xdp", "tc", "eth0:ingress"));
  CHECK_FALSE(PlacePattern("xdp").names_one());
}

TEST_CASE("A type and a name match one attach point") {
  CHECK(matches("fentry:vfs_read", "fentry", "vfs_read"));
  CHECK_FALSE(matches("fentry:vfs_read", "fentry", "vfs_readv"));
  CHECK_FALSE(matches("fentry:vfs_read", "fexit", "vfs_read"));
  CHECK(PlacePattern("fentry:vfs_read").names_one());
}

TEST_CASE("Both may be patterns") {
  CHECK(matches("f*:vfs_*", "fexit", "vfs_write"));
  CHECK(matches("tracepoint:sched:*", "tracepoint", "sched:sched_switch"));
  CHECK_FALSE(matches("tracepoint:sched:*", "tracepoint", "irq:irq_handler_entry"));
  CHECK_FALSE(PlacePattern("tracepoint:sched:*").names_one());
  CHECK(PlacePattern("f*:vfs_read").names_one());
}

TEST_CASE("A pattern without a type matches whole lines") {
  CHECK(matches("*openat*", "fentry", "do_sys_openat2"));
  CHECK(matches("*:openat", "ksyscall", "openat"));
  CHECK(matches("f*2", "fentry", "do_sys_openat2"));
  CHECK_FALSE(matches("do_*", "fentry", "do_sys_openat2"));
  CHECK_FALSE(PlacePattern("*openat*").has_type());
}

TEST_CASE("The file of a pattern ends at the first colon of its name") {
  const auto file = [](std::string_view target) {
    const PlacePattern::FileTarget split = PlacePattern::split_file(target);
    return std::string(split.file) + " " + std::string(split.place);
  };
  CHECK(file("libc.so.6:mal*") == "libc.so.6 mal*");
  CHECK(file("/bin/bash:read*") == "/bin/bash read*");
  CHECK(file("libc.so.6:libc:setjmp") == "libc.so.6 libc:setjmp");
  CHECK(file("/a:b/c:d") == "/a:b/c d");
  CHECK(file("/bin/bash") == "/bin/bash ");
}

TEST_CASE("The error for an invalid pattern names it") {
  try {
    matches("fentry:vfs_[", "fentry", "vfs_read");
    FAIL("it was accepted");
  } catch (const Error& error) {
    CHECK(std::string(error.what()) == "--list fentry:vfs_[: \"[\" without \"]\"");
  }
}

TEST_CASE("Every attach type of a spec has a row in the table of listings") {
  std::vector<std::string_view> types;
  [&]<class... T>(const std::variant<T...>*) {
    (types.push_back(T::type), ...);
  }(static_cast<const AttachPoint*>(nullptr));
  for (const std::string_view type : types) {
    INFO(type);
    std::size_t rows = 0;
    for (const Family& family : families()) {
      if (family.type != type) continue;
      ++rows;
      CHECK((family.list == nullptr) == !family.nothing.empty());
    }
    CHECK(rows == 1);
  }
}
