// --describe of a recording.
#include "support/catch.h"
#include "support/process.h"
#include "support/synthetic_recording.h"
#include "support/temporary_directory.h"

TEST_CASE("--describe shows the contents of a recording") {
  const test::TemporaryDirectory directory;
  test::make_synthetic_recording(directory / "events.rec", 1001);
  test::ProcessOptions options;
  options.directory = directory.path();
  const test::Finished whole = test::run({test::probe_run(), "--describe", "events.rec"}, options);
  CHECK(whole.err == "");
  CHECK(whole.out ==
        "events.rec: a recording of synthetic.json\n"
        "made by: probe-run, on Linux 6.1.0, x86_64, 2 possible CPUs\n"
        "started: 2023-11-14T22:13:21Z, 0.010 s\n"
        "object: sample.bpf.o\n"
        "maps:\n"
        "  events (ringbuf): 1001 records\n"
        "complete\n");
  CHECK(whole.status == 0);

  const std::string bytes = directory.read("events.rec");
  directory.write("cut.rec", bytes.substr(0, bytes.size() - 20));
  const test::Finished cut = test::run({test::probe_run(), "--describe", "cut.rec"}, options);
  CHECK(cut.out.ends_with("\nincomplete\n"));
  CHECK(cut.err.starts_with("probe-run: warning: cut.rec: it was cut at byte "));
  CHECK(cut.status == 1);
  directory.write("head.rec", bytes.substr(0, 40));
  const test::Finished head = test::run({test::probe_run(), "--describe", "head.rec"}, options);
  CHECK(head.err.starts_with("probe-run: error: head.rec is damaged: it was cut at byte 40: "));
  CHECK(head.status == 1);
}
