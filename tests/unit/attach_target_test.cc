// The short form of an attach point, "tracepoint:sched:sched_switch": what --list prints.
#include "spec/attach_target.h"

#include <fmt/format.h>

#include "attach/attach.h"
#include "attach/attach_type.h"
#include "listing/listing.h"
#include "object/libbpf.h"
#include "spec/program_spec.h"
#include "spec/spec.h"
#include "support/catch.h"

using namespace probe_run;

namespace {

struct ReadPoint {
  std::string point;  // described
  std::vector<Diagnostic> mistakes;
};

ReadPoint read(const std::string& attach) {
  const auto source = std::make_shared<SourceText>(
      "spec.json", fmt::format(R"({{"name": "x", "object": "x.bpf.o", "programs": [{{"name": "p",)"
                               "\n{}}}]}}",
                               "\"attach\": " + attach));
  Diagnostics diagnostics(source);
  const std::optional<Spec> spec = parse_spec(source, {}, MissingParameters::refuse, diagnostics);
  ReadPoint point;
  point.mistakes = diagnostics.all();
  if (spec) point.point = describe(every_program(*spec).front()->attach.items.front().value);
  return point;
}

}  // namespace

TEST_CASE("A string is the attach point that the object is") {
  const auto same = [](const std::string& text, const std::string& object) {
    CAPTURE(text);
    const ReadPoint is = read('"' + text + '"');
    const ReadPoint meant = read(object);
    REQUIRE(is.mistakes.empty());
    REQUIRE(meant.mistakes.empty());
    CHECK(is.point == meant.point);
  };
  same("tracepoint:syscalls:sys_enter_openat",
       R"({"type": "tracepoint", "category": "syscalls", "name": "sys_enter_openat"})");
  same("kprobe:do_exit", R"({"type": "kprobe", "symbol": "do_exit"})");
  same("kretprobe:nf_tables:nft_do_chain",
       R"({"type": "kretprobe", "symbol": "nft_do_chain", "module": "nf_tables"})");
  same("kprobe_multi:vfs_read", R"({"type": "kprobe_multi", "symbols": "vfs_read"})");
  same("tc:eth0:egress", R"({"type": "tc", "iface": "eth0", "direction": "egress"})");
  same("tcx:eth0:1:ingress", R"({"type": "tcx", "iface": "eth0:1", "direction": "ingress"})");
  same("netfilter:ipv6:forward",
       R"({"type": "netfilter", "family": "ipv6", "hook": "forward", "priority": 0})");
  same("perf_event:cpu-clock", R"({"type": "perf_event", "event": "cpu-clock", "frequency": 99})");
  same("uprobe:/opt/a:b/prog:ns::run(int)",
       R"j({"type": "uprobe", "binary": "/opt/a:b/prog", "symbol": "ns::run(int)"})j");
  same("uprobe_multi:libc.so.6:mal*",
       R"({"type": "uprobe_multi", "binary": "libc.so.6", "pattern": "mal*"})");
  same("usdt:/usr/lib/libc.so.6:libc:setjmp",
       R"({"type": "usdt", "binary": "/usr/lib/libc.so.6", "provider": "libc", "probe": "setjmp"})");
  same("cgroup:/sys/fs/cgroup/a:b", R"({"type": "cgroup", "path": "/sys/fs/cgroup/a:b"})");
  same("xdp:eth0", R"({"type": "xdp", "iface": "eth0"})");
  same("auto", R"({"type": "auto"})");
  same("run", R"({"type": "run"})");
}

TEST_CASE("A string that is not the target of its type is refused with the form of one") {
  const auto refused = [](const std::string& text, const std::string& what, const std::string& hint,
                          const std::string& marked) {
    CAPTURE(text);
    const ReadPoint point = read('"' + text + '"');
    REQUIRE(point.mistakes.size() == 1);
    const Diagnostic& mistake = point.mistakes[0];
    CHECK(mistake.what == what);
    CHECK(mistake.hint == hint);
    CHECK(mistake.where->text.substr(mistake.where->caret_column - 1, mistake.where->caret_length) == marked);
  };
  refused("xdp", "\"attach\" cannot be \"xdp\"", "write \"xdp:IFACE\"", "\"xdp\"");
  refused("tracepoint:sched", "\"attach\" cannot be \"tracepoint:sched\"",
          "write \"tracepoint:CATEGORY:NAME\"", "\"tracepoint:sched\"");
  refused("uprobe:/bin/bash", "\"attach\" cannot be \"uprobe:/bin/bash\"", "write \"uprobe:BINARY:SYMBOL\"",
          "\"uprobe:/bin/bash\"");
  refused("kprobe:", "\"attach\" cannot be \"kprobe:\"", "write \"kprobe:SYMBOL\"", "\"kprobe:\"");
  refused("auto:x", "\"attach\" cannot be \"auto:x\"", "write \"auto\"", "\"auto:x\"");
  refused("struct_ops:tcp_congestion_ops", "\"attach\" cannot be \"struct_ops:tcp_congestion_ops\"",
          "write { \"type\": \"struct_ops\", \"map\": \"...\" }", "\"struct_ops:tcp_congestion_ops\"");
  refused("tracepont:sched:x", "unknown attach type \"tracepont\"", "did you mean \"tracepoint\"?",
          "\"tracepont:sched:x\"");
  // A mistake in a part is marked there.
  refused("tc:eth0:in", "\"direction\" cannot be \"in\"", "use one of: ingress, egress", "in");
}

TEST_CASE("What --list prints is what a spec accepts, with the same keys") {
  LibbpfLog log;
  std::size_t compared = 0;
  for (const Family& family : families()) {
    if (family.list == nullptr) continue;
    CAPTURE(family.type);
    std::string pattern(family.type);
    if (family.in_file) pattern += family.type == "usdt" ? ":libc.so.6:*" : ":libc.so.6:mall*";
    const Listing listing = list_places(families(), {pattern}, Details::all);
    std::size_t left = 100;
    for (const Place& place : listing.places) {
      if (place.attach.empty() || left-- == 0) break;
      CAPTURE(place.target);
      const std::string text = fmt::format("{}:{}", place.type, place.target);
      const auto object = attach_object(attach_target(place.type), Value{text, {0, text.size() + 2}});
      REQUIRE(object);
      REQUIRE(object->size() == place.attach.size() + 1);
      for (const AttachKey& key : place.attach) {
        const auto member = std::find_if(object->begin(), object->end(),
                                         [&](const Member& one) { return *one.key == key.name; });
        REQUIRE(member != object->end());
        const auto* number = std::get_if<std::uint64_t>(&member->value.data);
        CHECK((number != nullptr) == key.is_number);
        CHECK((number != nullptr ? std::to_string(*number) : std::get<std::string>(member->value.data)) ==
              key.text);
      }
      ++compared;
    }
  }
  CHECK(compared > 0);  // netfilter's hooks are the same on every machine
}
