#include "attach/newer_section.h"

#include "support/catch.h"

using probe_run::newer_section;

TEST_CASE("sections that an older libbpf does not know get their program types") {
  const auto unix_socket = newer_section("cgroup/connect_unix");
  REQUIRE(unix_socket);
  CHECK(unix_socket->program == BPF_PROG_TYPE_CGROUP_SOCK_ADDR);
  CHECK(static_cast<int>(unix_socket->attach) == 49);
  const auto verdict = newer_section("sk_skb/verdict");
  REQUIRE(verdict);
  CHECK(verdict->attach == BPF_SK_SKB_VERDICT);
}

TEST_CASE("a section that every libbpf knows, and one that none knows, are left to libbpf") {
  CHECK_FALSE(newer_section("tc"));
  CHECK_FALSE(newer_section("tcx"));
  CHECK_FALSE(newer_section("cgroup/connect_unix4"));
}
