// The rows of attach types, held to what specs and their documents say.
#include "attach/attach_type.h"

#include <fmt/format.h>

#include "spec/program_spec.h"
#include "spec/spec.h"
#include "support/catch.h"

using namespace probe_run;

TEST_CASE("The example of an attach type is a point of that type") {
  for (const AttachType& type : attach_types()) {
    CAPTURE(type.name);
    const std::string keys = type.example.empty() ? "" : fmt::format(", {}", type.example);
    const auto source = std::make_shared<SourceText>(
        "spec.json", fmt::format(R"({{"name": "x", "object": "x.bpf.o", "programs": [{{"name": "p", )"
                                 R"("attach": {{"type": "{}"{}}}}}]}})",
                                 type.name, keys));
    Diagnostics diagnostics(source);
    const std::optional<Spec> spec = parse_spec(source, {}, MissingParameters::refuse, diagnostics);
    for (const Diagnostic& diagnostic : diagnostics.all()) FAIL(diagnostic.what);
    REQUIRE(spec);
  }
}

TEST_CASE("An attach type's row has the kernel and libbpf versions that its description mentions") {
  const auto version_in = [](std::string_view doc, std::string_view before) -> std::string {
    const std::size_t at = doc.find(before);
    if (at == std::string_view::npos) return "";
    const std::string_view rest = doc.substr(at + before.size());
    return std::string(rest.substr(0, rest.find_first_not_of("0123456789.")));
  };
  for (const AttachType& type : attach_types()) {
    CAPTURE(type.name, type.doc);
    const std::string kernel = version_in(type.doc, "Linux "), libbpf = version_in(type.doc, "libbpf ");
    if (!kernel.empty()) CHECK(kernel == fmt::format("{}.{}", type.kernel.major, type.kernel.minor));
    if (!libbpf.empty()) CHECK(libbpf == fmt::format("{}.{}", type.libbpf.major, type.libbpf.minor));
    if (type.libbpf != LibbpfVersion{}) CHECK(type.kernel != KernelVersion{});
  }
}

TEST_CASE("An attach type has the section and program types of its programs, but for auto") {
  for (const AttachType& type : attach_types()) {
    CAPTURE(type.name);
    CHECK(type.section.name.empty() == (type.name == "auto"));
    CHECK(type.section.program_types.empty() == (type.name == "auto"));
  }
}
