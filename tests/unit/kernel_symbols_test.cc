#include "host/kernel_symbols.h"

#include "support/catch.h"
#include "unit/temporary_file.h"

using namespace probe_run;

namespace {

using Time = KernelSymbols::Clock::time_point;
constexpr Time start = Time{} + std::chrono::hours(1);

std::string found(KernelSymbols& symbols, std::uint64_t address, Time now = start) {
  const auto symbol = symbols.find(address, now);
  if (!symbol) return "none";
  return std::string(symbol->name) + "+" + std::to_string(symbol->offset) +
         (symbol->module.empty() ? "" : " [" + std::string(symbol->module) + "]");
}

std::string found(const std::string& kallsyms, std::uint64_t address) {
  const test::TemporaryFile file(kallsyms);
  KernelSymbols symbols(file.path());
  return found(symbols, address);
}

}  // namespace

TEST_CASE("A line of kallsyms is an address, a type, a name and a module") {
  const auto kernel = parse_kallsyms_line("ffffffff81000000 T _text");
  REQUIRE(kernel);
  CHECK(kernel->address == 0xffffffff81000000u);
  CHECK(kernel->type == 'T');
  CHECK(kernel->name == "_text");
  CHECK(kernel->module == "");
  const auto module = parse_kallsyms_line("ffffffffc0000010 t f.cold\t[a_module]");
  REQUIRE(module);
  CHECK(module->name == "f.cold");
  CHECK(module->module == "a_module");
}

TEST_CASE("Invalid lines of kallsyms are skipped") {
  for (const char* const line :
       {"", "ffffffff81000000", "ffffffff81000000 T", "ffffffff81000000 T ", "x T name", " 1 T name",
        "1T name", "11111111111111111 T name", "1 T \t[m]", "1 T name\t[m", "1 T name\tm]", "1 T name\t"}) {
    INFO(line);
    CHECK_FALSE(parse_kallsyms_line(line));
  }
}

TEST_CASE("kallsyms is read to its last line, with or without a newline, and past invalid lines") {
  std::string text = "1000 T first\nbroken\n";
  for (int i = 0; i < 20000; ++i) text += "2000 t a_name_in_the_middle_of_the_table\n";
  text += std::string(600'000, 'x') + "\n3000 W last";
  const test::TemporaryFile file(text);
  std::string first, last;
  int lines = 0;
  CHECK(read_kallsyms(file.path(), [&](const KallsymsLine& line) {
    if (lines++ == 0) first = line.name;
    last = line.name;
  }));
  CHECK(lines == 20002);
  CHECK(first == "first");
  CHECK(last == "last");
  CHECK_FALSE(read_kallsyms("/does/not/exist", [](const KallsymsLine&) {}));
}

TEST_CASE("An address belongs to the function that starts before it") {
  const std::string table = "ffff1000 T b\nffff0000 t a\nffff2000 T _etext\nffff3000 D data\n";
  CHECK(found(table, 0xffff0000) == "a+0");
  CHECK(found(table, 0xffff0fff) == "a+4095");
  CHECK(found(table, 0xffff1000) == "b+0");
  CHECK(found(table, 0xffff1fff) == "b+4095");
}

TEST_CASE("An address outside of the functions has no name") {
  const std::string table =
      "ffff1000 T a\nffff2000 T _etext\nffff4000 D data\nffff5000 T b\nffff6000 R constants\n"
      "ffff7000 T c\t[m]\n";
  CHECK(found(table, 0) == "none");
  CHECK(found(table, 0xffff0fff) == "none");
  CHECK(found(table, 0xffff2000) == "none");
  CHECK(found(table, 0xffff4800) == "none");
  CHECK(found(table, 0xffff6000) == "none");
  CHECK(found(table, 0xffff7000ull + 65535) == "c+65535 [m]");
  CHECK(found(table, 0xffff7000ull + 65536) == "none");
  CHECK(found(table, ~std::uint64_t{0}) == "none");
}

TEST_CASE("Among several names of an address, the global function is preferred") {
  CHECK(found("1000 t local\n1000 W weak\n1000 T global\n1000 T other\n", 0x1000) == "global+0");
  CHECK(found("1000 T _text\n1000 t real\n", 0x1004) == "real+4");
  CHECK(found("1000 D __start_something\n1000 t real\n1000 T _etext\n", 0x1004) == "real+4");
}

TEST_CASE("Padding before a function belongs to the preceding function") {
  CHECK(found("1000 T a\n1ff0 T __pfx_b\n2000 T b\n", 0x1ff0) == "a+4080");
}

TEST_CASE("Modules and BPF programs have their own names") {
  const std::string table =
      "ffff1000 T a\nffffc000 t start\t[one]\nffffd000 t start\t[two]\nffffe000 t bpf_prog_1_x\t[bpf]\n"
      "ffffc100 t more\t[one]\n";
  CHECK(found(table, 0xffffc010) == "start+16 [one]");
  CHECK(found(table, 0xffffc110) == "more+16 [one]");
  CHECK(found(table, 0xffffd010) == "start+16 [two]");
  CHECK(found(table, 0xffffe010) == "bpf_prog_1_x+16 [bpf]");
}

TEST_CASE("kallsyms without addresses counts as not readable") {
  const test::TemporaryFile hidden("0000000000000000 T a\n0000000000000000 t b\t[m]\n");
  KernelSymbols symbols(hidden.path());
  CHECK_FALSE(symbols.readable(start));
  CHECK(found(symbols, 0) == "none");
  KernelSymbols missing("/does/not/exist");
  CHECK_FALSE(missing.readable(start));
  hidden.write("1000 T a\n");
  CHECK(found(symbols, 0x1000, start + std::chrono::hours(1)) == "none");
  const test::TemporaryFile data("1000 D data\n");
  KernelSymbols no_function(data.path());
  CHECK_FALSE(no_function.readable(start));
  const test::TemporaryFile shown("1000 T a\n");
  KernelSymbols known(shown.path());
  CHECK(known.readable(start));
}

TEST_CASE("A miss reads kallsyms again, once a second") {
  using std::chrono::milliseconds;
  const test::TemporaryFile file("1000 T a\n");
  KernelSymbols symbols(file.path());
  CHECK(found(symbols, 0x900000, start) == "none");
  file.write("1000 T a\n900000 t late\t[m]\n");
  CHECK(found(symbols, 0x900000, start + milliseconds(999)) == "none");
  CHECK(found(symbols, 0x900000, start + milliseconds(1000)) == "late+0 [m]");
  file.write("1000 T b\n");
  CHECK(found(symbols, 0x1000, start + milliseconds(5000)) == "a+0");
}

TEST_CASE("A BPF program that was loaded later takes precedence over older symbols") {
  const test::TemporaryFile file("1000 T a\n900000 t bpf_prog_1\t[bpf]\n");
  KernelSymbols symbols(file.path());
  CHECK(found(symbols, 0x900180) == "bpf_prog_1+384 [bpf]");
  symbols.add_program(0x900100, 0x100, "bpf_prog_2");
  CHECK(found(symbols, 0x9000ff) == "bpf_prog_1+255 [bpf]");
  CHECK(found(symbols, 0x900100) == "bpf_prog_2+0 [bpf]");
  CHECK(found(symbols, 0x9001ff) == "bpf_prog_2+255 [bpf]");
  CHECK(found(symbols, 0x900200) == "bpf_prog_1+512 [bpf]");
  symbols.add_program(0x900180, 0x100, "bpf_prog_3");
  CHECK(found(symbols, 0x900180) == "bpf_prog_3+0 [bpf]");
  CHECK(found(symbols, 0x900100) == "bpf_prog_1+256 [bpf]");
  symbols.add_program(0x900000, 0x1000, "bpf_prog_4");
  CHECK(found(symbols, 0x900200) == "bpf_prog_4+512 [bpf]");
  symbols.add_program(~std::uint64_t{0} - 1, 0x1000, "over_the_end");
  CHECK(found(symbols, ~std::uint64_t{0}) == "none");
}
