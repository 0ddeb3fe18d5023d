#include "format/folded_format.h"

#include "spec/output_spec.h"
#include "support/catch.h"
#include "unit/fake_names.h"
#include "unit/spec_plan.h"

using namespace probe_run;
using test::BtfBuilder;

namespace {

// struct event { u32 tgid; u32 n; char comm[16]; u64 user[3]; u64 kernel[3]; }
test::SpecPlan stacks() {
  BtfBuilder btf;
  const auto u32 = btf.integer("unsigned int", 4);
  const auto u64 = btf.integer("unsigned long long", 8);
  const auto character = btf.integer("char", 1, BTF_INT_SIGNED);
  btf.structure("event", 72,
                {{"tgid", u32, 0},
                 {"n", u32, 32},
                 {"comm", btf.array(character, 16), 64},
                 {"user", btf.array(u64, 3), 24 * 8},
                 {"kernel", btf.array(u64, 3), 48 * 8}});
  return test::ring_of(
      btf, R"("type": "struct event", "fields": {"user": {"as": "ustack"}, "kernel": {"as": "kstack"}})");
}

test::FakeNames names() {
  test::FakeNames names;
  names.add(NameKind::user_symbol, "read\t16\tlibc.so\t\n", 7u, std::uint64_t{0x1000});
  names.add(NameKind::user_symbol, "in;line\t0\ta\tinlined\nma\x1b in\t1\ta\t\n", 7u, std::uint64_t{0x1fff});
  names.add(NameKind::user_symbol, "\t4096\tlibz.so\t\n", 7u, std::uint64_t{0x2fff});
  names.add(NameKind::kernel_symbol, "vfs_read\t3\t\t\n", std::uint64_t{0x5000});
  names.add(NameKind::kernel_symbol, "do_syscall\t3\tmod\t\n", std::uint64_t{0x5fff});
  return names;
}

test::RecordBytes event(std::uint32_t n, std::string_view comm = "bash", bool user = true) {
  test::RecordBytes bytes;
  bytes.u32(7).u32(n).text(comm, 16);
  bytes.u64(user ? 0x1000 : 0).u64(0x2000).u64(0x3000).u64(0x5000).u64(0x6000).u64(0);
  return bytes;
}

std::string folded(const std::vector<test::RecordBytes>& records, const std::vector<std::string>& fields,
                   FoldedFormat::Mode mode = FoldedFormat::Mode::stream) {
  const test::SpecPlan plan = stacks();
  if (!plan.mistakes.empty()) return plan.mistakes;
  OutputSpec output;
  for (const std::string& field : fields) output.fields.push_back(test::located(field));
  Diagnostics diagnostics = test::no_diagnostics();
  FoldedFormat format(output, *plan, mode, diagnostics);
  if (diagnostics.failed()) return test::whats(diagnostics);
  test::FakeNames known = names();
  RenderContext context;
  context.names = &known;
  TextBuffer out;
  for (const test::RecordBytes& record : records) format.row(record.view(), context, out);
  format.end_batch(out);
  return std::string(out.view());
}

const std::string user_frames = "[libz.so];ma\\x1b in;in:line_[i];read";
const std::string kernel_frames = "do_syscall_[k];vfs_read_[k]";

}  // namespace

TEST_CASE("A folded stack is the process, its functions, then the kernel's, outermost first") {
  CHECK(folded({event(9)}, {}) == "bash;" + user_frames + ";" + kernel_frames + " 1\n");
  CHECK(folded({event(9)}, {"kernel", "user"}) == user_frames + ";" + kernel_frames + " 1\n");
}

TEST_CASE("Fields before the stack are its outermost frames, a number after it is the count") {
  CHECK(folded({event(9)}, {"comm", "tgid", "kernel", "n"}) == "bash;7;" + kernel_frames + " 9\n");
}

TEST_CASE("Equal stacks of a batch are added, and each keeps its place") {
  const auto batch = FoldedFormat::Mode::batch;
  CHECK(folded({event(2, "b"), event(3, "a"), event(40, "b")}, {"comm", "kernel", "n"}, batch) ==
        "b;" + kernel_frames + " 42\na;" + kernel_frames + " 3\n");
}

TEST_CASE("An empty folded stack consists of the fields before it, or of \"unknown\"") {
  CHECK(folded({event(1, "x", false)}, {"comm", "user"}) == "x 1\n");
  CHECK(folded({event(1, "x", false)}, {"user"}) == "[unknown] 1\n");
  CHECK(folded({test::RecordBytes()}, {"comm", "user"}) == "- 1\n");
}

TEST_CASE("Names in a folded line cannot break it into other lines or frames") {
  CHECK(folded({event(1, "a;b\n\x7f")}, {"comm", "kernel"}) == "a:b\\n\\x7f;" + kernel_frames + " 1\n");
}

TEST_CASE("Rows that cannot be folded are an error") {
  CHECK(folded({}, {"comm"}) == "the format folded needs a column with a stack\n");
  CHECK(folded({}, {"user", "n", "tgid"}) ==
        "the format folded needs one count, but there are several numbers: n and tgid\n");
}
