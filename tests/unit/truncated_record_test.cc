// A program may send fewer bytes than its type has. No format may read past them.
#include <nlohmann/json.hpp>

#include "format/format.h"
#include "spec/output_spec.h"
#include "support/catch.h"
#include "unit/fate.h"
#include "unit/sample_object.h"
#include "view/group_table.h"
#include "view/row_value.h"

using namespace probe_run;

namespace {

const test::Renderers renderings[] = {
    {},
    {{"ts", "ktime"},
     {"mac", "mac"},
     {"pid", "ipv4"},
     {"ret", "errno"},
     {"net.port", "port"},
     {"counts", "hex"},
     {"load", "be64"}},
    {{"ts", "duration"},
     {"comm", "ipv6"},
     {"path", "bytes"},
     {"address", "be64"},
     {"pid", "be32"},
     {"state", "signal"}},
};

std::string formatted(Format& format, Bytes record) {
  TextBuffer out;
  format.begin(out);
  format.row(record, {}, out);
  format.end_batch(out);
  return std::string(out.view());
}

// The record in a block of memory in which other bytes follow it.
std::string with_following(Format& format, Bytes record, std::byte following) {
  std::vector<std::byte> memory(record.begin(), record.end());
  memory.resize(record.size() + 256, following);
  return formatted(format, Bytes(memory).first(record.size()));
}

std::vector<std::unique_ptr<Format>> all_formats(const Plan& plan) {
  Diagnostics diagnostics = test::no_diagnostics();
  OutputSpec output;
  std::vector<std::unique_ptr<Format>> formats;
  for (const Reader reader : {Reader::person, Reader::program}) {
    for (const bool batched : {false, true}) {
      for (const auto& name : EnumNames<OutputFormat>::names) {
        if (is_metrics(name.value)) continue;
        formats.push_back(
            compile_format(name.value, {output, plan, batched, reader, true, false}, diagnostics));
      }
    }
  }
  output.text_template = test::located(
      std::string("{ts:%H:%M:%S.%N}{pid:08x}{ret:>5}{comm:^20.3}{net}{state:d}{ok:d}{counts}{path:.4}"));
  formats.push_back(compile_format(format_named("text"), {output, plan, false, Reader::person}, diagnostics));
  return formats;
}

}  // namespace

TEST_CASE("No format reads past the end of a record, wherever it is") {
  const test::RecordBytes whole = test::event_record("sixteen letters!", "/a/path");
  for (const test::Renderers& renderers : renderings) {
    const test::Compiled plan = test::event_plan(renderers);
    REQUIRE(plan.mistakes == "");
    CHECK(test::fate([&](volatile unsigned& step) {
            for (std::size_t size = 0; size <= whole.size(); ++size) {
              // Formats have state: two equal ones print the same only from the same bytes.
              auto first = all_formats(*plan);
              auto second = all_formats(*plan);
              for (std::size_t i = 0; i < first.size(); ++i) {
                step = static_cast<unsigned>(size * 100 + i);
                const Bytes record = whole.view().first(size);
                if (with_following(*first[i], record, std::byte{0x31}) !=
                    with_following(*second[i], record, std::byte{0}))
                  return false;
              }
            }
            return true;
          }) == "");
  }
}

TEST_CASE("A record of any length is one JSON object with every key") {
  const test::Compiled plan = test::event_plan();
  const test::RecordBytes whole = test::event_record();
  const OutputSpec output;
  Diagnostics diagnostics = test::no_diagnostics();
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto format = compile_format(format_named("jsonl"), {output, *plan}, diagnostics);
    const auto json = nlohmann::json::parse(formatted(*format, whole.view().first(size)), nullptr, false);
    CAPTURE(size);
    REQUIRE(json.is_object());
    CHECK(json.size() == plan->root.fields.size());
    CHECK(json["pid"].is_null() == (size < 12));
  }
}

TEST_CASE("Sorting and grouping read no byte past the end of a record") {
  const test::RecordBytes whole = test::event_record();
  for (const test::Renderers& renderers : renderings) {
    const test::Compiled plan = test::event_plan(renderers);
    CHECK(test::fate([&](volatile unsigned& step) {
            for (std::size_t size = 0; size <= whole.size(); ++size) {
              step = static_cast<unsigned>(size);
              const std::vector<std::byte> exact(whole.view().begin(),
                                                 whole.view().begin() + static_cast<std::ptrdiff_t>(size));
              for (const Field& field : plan->root.fields) {
                if (compare_by(field, exact, exact) != 0) return false;
                if (compare_by(field, exact, whole.view()) > 0) return false;
                if (field.flexible) continue;
                GroupTable table({&field}, {{"n"}});
                table.add(exact);
              }
            }
            return true;
          }) == "");
  }
}
