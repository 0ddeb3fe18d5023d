// Truncated or damaged recordings, through all steps of a replay, in every format.
#include <fmt/format.h>

#include <functional>

#include "engine/replay.h"
#include "format/format.h"
#include "spec/output_format.h"
#include "support/catch.h"
#include "support/error.h"
#include "support/synthetic_recording.h"
#include "support/temporary_directory.h"

using namespace probe_run;

namespace {

struct Rendered {
  std::string refusal;  // "" when it was played
  Replay::Outcome outcome;
  std::string out;
};

Rendered render(const std::string& path, std::optional<OutputFormat> format, const std::string& spec = {}) {
  Options options;
  options.replay = path;
  options.format = format;
  if (!spec.empty()) options.specs = {spec};
  Rendered rendered;
  try {
    SinkSet sinks(SinkSet::Kind::memory);
    Replay replay(options, sinks);
    ReplayPace pace;
    rendered.outcome = replay.play(pace);
    rendered.out = sinks.texts().at("stdout");
  } catch (const Error& error) {
    rendered.refusal = error.what();
  }
  return rendered;
}

// The offset and size of each chunk; the last one is the end.
std::vector<std::pair<std::size_t, std::size_t>> chunks_of(const std::string& bytes) {
  std::vector<std::pair<std::size_t, std::size_t>> chunks;
  for (std::size_t at = 12; at + 12 <= bytes.size();) {
    std::uint32_t length = 0;
    std::memcpy(&length, bytes.data() + at + 4, sizeof length);
    chunks.emplace_back(at, 12 + std::size_t{length});
    at += 12 + std::size_t{length};
  }
  return chunks;
}

constexpr std::size_t events_in_chunk = 2;

std::string small_recording(const test::TemporaryDirectory& directory) {
  test::make_synthetic_recording(directory / "whole.rec", 3 * events_in_chunk, events_in_chunk);
  return directory.read("whole.rec");
}

// The error for the recording when it is cut at `size`.
std::string expected_damage(const std::vector<std::pair<std::size_t, std::size_t>>& chunks,
                            std::size_t size) {
  for (const auto& [begin, length] : chunks) {
    if (size == begin) return fmt::format("it was cut at byte {}: its end is missing", size);
    if (size < begin + 12)
      return fmt::format("it was cut at byte {}, within the chunk that begins at byte {}", size, begin);
    if (size < begin + length) {
      return fmt::format(
          "it was cut at byte {}: the chunk that begins at byte {} is missing {} of its {} bytes", size,
          begin, begin + length - size, length);
    }
  }
  return "";
}

}  // namespace

TEST_CASE(
    "A recording that is cut at any byte shows its whole chunks, in every format, and says where it was "
    "cut") {
  const test::TemporaryDirectory directory;
  const std::string whole = small_recording(directory);
  const auto chunks = chunks_of(whole);
  REQUIRE(chunks.size() == 7);  // info, object, three of records, the time of the end, the end
  const std::size_t head = chunks[2].first;
  directory.write("groups.json", std::string(test::synthetic_groups_spec));
  std::vector<std::optional<OutputFormat>> formats{std::nullopt};
  for (const auto& entry : EnumNames<OutputFormat>::names) {
    // Some formats do not fit this spec, whole or cut.
    if (render(directory / "whole.rec", entry.value).refusal.empty()) formats.emplace_back(entry.value);
  }
  REQUIRE(formats.size() >= 8);
  std::size_t wrong = 0;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    directory.write("cut.rec", whole.substr(0, size));
    std::size_t events = 0;
    for (std::size_t i = 2; i < 5; ++i)
      events += chunks[i].first + chunks[i].second <= size ? events_in_chunk : 0;
    const auto check = [&](const Rendered& rendered) {
      const bool right = size < head
                             ? rendered.refusal.find(size < 12 ? " is not a probe-run recording"
                                                               : " is damaged: ") != std::string::npos
                             : rendered.refusal.empty() && rendered.outcome.figures.events == events &&
                                   rendered.outcome.damage == expected_damage(chunks, size);
      if (right) return;
      ++wrong;
      INFO("cut at " << size << ": " << rendered.refusal << rendered.outcome.damage);
      CHECK(right);
    };
    for (const auto& format : formats) {
      const Rendered rendered = render(directory / "cut.rec", format);
      check(rendered);
      if (format != format_named("jsonl") || size < head) continue;
      // One more line says that nobody counted the loss.
      const bool summarised = rendered.out.find("{\"$summary\"") != std::string::npos;
      const auto lines = static_cast<std::size_t>(std::count(rendered.out.begin(), rendered.out.end(), '\n'));
      if (lines - std::size_t{summarised} != events) ++wrong;
      if (!rendered.out.empty() && !rendered.out.ends_with("}\n")) ++wrong;
    }
    check(render(directory / "cut.rec", std::nullopt, directory / "groups.json"));
  }
  CHECK(wrong == 0);
}

TEST_CASE("Every changed byte of a recording is noticed, in every format") {
  const test::TemporaryDirectory directory;
  const std::string whole = small_recording(directory);
  std::size_t unnoticed = 0;
  std::size_t turn = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ (1u << (at % 8)));
    directory.write("changed.rec", changed);
    const auto& formats = EnumNames<OutputFormat>::names;
    const Rendered rendered = render(directory / "changed.rec", formats[turn++ % formats.size()].value);
    if (rendered.refusal.empty() && rendered.outcome.damage.empty()) {
      ++unnoticed;
      INFO("byte " << at);
      CHECK(rendered.outcome.damage != "");
    }
  }
  CHECK(unnoticed == 0);
}

TEST_CASE("The error for a recording of another byte order names it") {
  const test::TemporaryDirectory directory;
  auto object = test::object_of(test::event_types(), {test::map_info("events", BPF_MAP_TYPE_RINGBUF)});
  std::swap(object->btf[0], object->btf[1]);
  test::NoConsumer next;
  const auto refusal = [&](const std::string& machine) {
    {
      RecordingWriter writer(directory / "other.rec", {"probe-run", "6.1", machine, 2, "s.json", "{}", {}},
                             *object, next);
      writer.finish();
    }
    return render(directory / "other.rec", std::nullopt).refusal;
  };
  const std::string text = refusal("s390x");
  CHECK(text.find("other.rec was recorded on s390x, whose byte order differs from that of this machine, ") !=
        std::string::npos);
  object->btf.clear();
  CHECK(refusal("s390x") == text);
  CHECK(refusal("aarch64").find("byte order") == std::string::npos);
}

TEST_CASE("A spec that does not fit a recording is refused, with the location") {
  const test::TemporaryDirectory directory;
  small_recording(directory);
  const auto refusal = [&](const std::string& from, const std::string& to) {
    std::string spec(test::synthetic_spec);
    for (std::size_t at = 0; (at = spec.find(from, at)) != std::string::npos; at += to.size())
      spec.replace(at, from.size(), to);
    directory.write("own.json", spec);
    return render(directory / "whole.rec", std::nullopt, directory / "own.json").refusal;
  };
  CHECK(refusal("struct event", "struct evnt").find("struct evnt") != std::string::npos);
  CHECK(refusal("\"events\"", "\"counts\"").find("counts") != std::string::npos);
  CHECK(refusal("\"path\"", "\"paht\"").find("paht") != std::string::npos);
}
