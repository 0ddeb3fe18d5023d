// What can change a path is noticed, and what cannot does not wake a run.
#include "attach/path_watch.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "attach/module_watch.h"
#include "support/catch.h"
#include "support/fd.h"
#include "support/temporary_directory.h"

using namespace probe_run;
namespace fs = std::filesystem;

namespace {

struct Watched {
  test::TemporaryDirectory directory;
  PathWatch watch;

  Watched() {
    directory.write("app/bin/service", "old");
    REQUIRE(watch.open() == 0);
  }
  std::string path(const std::string& name) const { return directory / name; }
};

}  // namespace

TEST_CASE("A file that is replaced by a rename, deleted or written again is noticed") {
  Watched at;
  const std::string service = at.path("app/bin/service");
  REQUIRE(at.watch.add(service) == 0);
  CHECK_FALSE(at.watch.take());
  const FileState before = state_of(service);
  CHECK(before.exists);
  at.directory.write("app/bin/service.new", "new");
  CHECK_FALSE(at.watch.take());
  fs::rename(at.path("app/bin/service.new"), service);
  CHECK(at.watch.take());
  CHECK_FALSE(state_of(service).is_same_file(before));
  CHECK_FALSE(at.watch.take());
  fs::remove(service);
  CHECK(at.watch.take());
  CHECK_FALSE(state_of(service).exists);
  const Fd writing(::open(service.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0755));
  CHECK_FALSE(at.watch.take());  // not complete
  REQUIRE(::write(writing.get(), "x", 1) == 1);
  ::close(::dup(writing.get()));
  CHECK_FALSE(at.watch.take());
  at.directory.write("app/bin/service", "longer");
  CHECK(at.watch.take());
}

TEST_CASE("A symbolic link in a path that leads elsewhere, and a directory that is replaced, are noticed") {
  Watched at;
  at.directory.write("app-2/bin/service", "2");
  fs::create_directory_symlink("app", at.path("current"));
  const std::string service = at.path("current/bin/service");
  REQUIRE(at.watch.add(service) == 0);
  fs::create_directory_symlink("app-2", at.path("next"));
  CHECK_FALSE(at.watch.take());
  fs::rename(at.path("next"), at.path("current"));
  CHECK(at.watch.take());
  REQUIRE(at.watch.add(service) == 0);
  fs::rename(at.path("app-2"), at.path("app-3"));
  CHECK(at.watch.take());
  CHECK_FALSE(state_of(service).exists);
}

TEST_CASE("Links that lead to each other are not followed for ever") {
  Watched at;
  fs::create_symlink("two", at.path("one"));
  fs::create_symlink("one", at.path("two"));
  CHECK(at.watch.add(at.path("one")) == ELOOP);
  CHECK_FALSE(state_of(at.path("one")).exists);
}

TEST_CASE("A hard link is complete when it is made") {
  Watched at;
  const std::string other = at.path("app/bin/other");
  REQUIRE(at.watch.add(other) == 0);
  fs::create_hard_link(at.path("app/bin/service"), other);
  CHECK(at.watch.take());
}

TEST_CASE("The event of an unloaded module names it") {
  using namespace std::string_literals;
  CHECK(parse_module_event("remove@/module/veth\0ACTION=remove\0"s) == "veth");
  CHECK_FALSE(parse_module_event("add@/module/veth\0ACTION=add\0"s));
  CHECK_FALSE(parse_module_event("remove@/module/veth/holders"s));
  CHECK_FALSE(parse_module_event("remove@/module/"s));
  CHECK_FALSE(parse_module_event("remove@/devices/virtual/net/veth0\0"s));
  CHECK_FALSE(parse_module_event(""));
}
