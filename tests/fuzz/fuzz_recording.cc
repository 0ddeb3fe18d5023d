// Recordings, through all steps of a replay except the sinks.
//
// The first byte is a set of flags. Bit 0: correct the checksums of the chunks, so that changes get past
// them. Bit 1: use another spec instead of the recording's. Bit 2: cut the file, at the offset in its last
// two bytes.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "engine/pipeline.h"
#include "fuzz/oracles.h"
#include "fuzz/targets.h"
#include "source/recorded_names.h"
#include "source/recording_reader.h"
#include "spec/parse.h"
#include "spec/spec.h"
#include "support/error.h"

namespace fuzz {
namespace {

using namespace probe_run;

constexpr std::string_view own_spec =
    R"({ "name": "own", "object": "any.bpf.o", "programs": [ { "name": "any",
  "attach": { "type": "raw_tracepoint", "name": "sys_enter" } } ],
  "maps": [ { "name": "events", "type": "struct event", "fields": { "pid": { "as": "uid" } } } ],
  "outputs": [ { "map": "events" }, { "map": "events", "group_by": ["pid"], "aggregate": { "n": "count" },
    "every": "1s", "sort": "-n", "limit": 3, "format": "table" }, { "trace_pipe": "all" } ] })";

class MemoryFile {
 public:
  explicit MemoryFile(Bytes content) : fd_(::memfd_create("recording", MFD_CLOEXEC)) {
    const auto size = static_cast<ssize_t>(content.size());
    if (!fd_ || ::write(fd_.get(), content.data(), content.size()) != size)
      fail("cannot create a file in memory", errno_text(errno));
  }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_.get()); }

 private:
  Fd fd_;
};

// Corrects the checksum of every chunk, and ends the last chunk at the end of the file.
void mend(std::vector<std::byte>& file) {
  std::size_t at = recording::magic.size() + sizeof(std::uint32_t);
  while (file.size() >= at + 12) {
    std::uint32_t size = 0;
    std::memcpy(&size, file.data() + at + 4, sizeof size);
    size = static_cast<std::uint32_t>(std::min<std::size_t>(size, file.size() - at - 12));
    std::memcpy(file.data() + at + 4, &size, sizeof size);
    const std::span<const std::byte> bytes(file);
    const std::uint32_t crc = recording::checksum(bytes.subspan(at, 8), bytes.subspan(at + 12, size));
    std::memcpy(file.data() + at + 8, &crc, sizeof crc);
    at += 12 + std::size_t{size};
  }
}

// Only reads names, as a replay does first.
class Playback : public Pipeline {
 public:
  Playback(const Spec& spec, const RecordingReader& recording, SinkSet& sinks, Diagnostics& diagnostics)
      : Pipeline(spec, recording.object(), recording.info().possible_cpus, {}, sinks, diagnostics) {
    set_names(names_);
  }
  void name(NameKind kind, Bytes key, std::string_view value) noexcept override {
    names_.add(kind, key, value);
  }

 private:
  RecordedNames names_;
};

void replay(const std::string& path, bool own) {
  RecordingReader recording(path);
  const RecordingInfo& info = recording.info();
  const auto source = std::make_shared<SourceText>(own ? "own.json" : info.spec_file,
                                                   own ? std::string(own_spec) : info.spec_text);
  Diagnostics diagnostics(source);
  const auto spec = parse_spec(source, own ? ParameterValues() : info.parameters,
                               MissingParameters::use_example, diagnostics);
  diagnostics.throw_if_failed();
  SinkSet sinks(SinkSet::Kind::null);
  Playback playback(*spec, recording, sinks, diagnostics);
  diagnostics.throw_if_failed();
  check_harmless(recording.play(playback, [] { return false; }));
  playback.asked_names();
  playback.deadline();
  playback.finish();
  to_text(playback.figures(), Duration(1));
}

}  // namespace

void fuzz_recording(Bytes input) {
  if (input.empty()) return;
  const auto how = std::to_integer<unsigned>(input[0]);
  std::vector<std::byte> content = exact(input.subspan(1));
  if ((how & 1) != 0) mend(content);
  if ((how & 4) != 0 && content.size() >= 2) {
    std::uint16_t place = 0;
    std::memcpy(&place, content.data() + content.size() - sizeof place, sizeof place);
    content.resize(content.size() * place / UINT16_MAX);
  }
  const MemoryFile file(content);
  try {
    replay(file.path(), (how & 2) != 0);
  } catch (const Error& error) {
    for (const Diagnostic& diagnostic : error.diagnostics()) {
      check_harmless(diagnostic.what);
      check_harmless(diagnostic.hint);
    }
  }
}

}  // namespace fuzz
