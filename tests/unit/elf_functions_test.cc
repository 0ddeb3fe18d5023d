// The functions that an ELF file names, of a whole library and of what is left of a broken one.
#include "attach/elf_functions.h"

#include <dlfcn.h>
#include <elf.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <set>

#include "support/catch.h"
#include "support/error.h"
#include "unit/temporary_file.h"

using namespace probe_run;
using test::TemporaryFile;

namespace {

constexpr std::size_t library_limit = std::size_t{64} << 20;

// The C library of this process.
std::string library_path() {
  Dl_info info{};
  REQUIRE(::dladdr(reinterpret_cast<void*>(&::getpid), &info) != 0);
  return info.dli_fname;
}

bool same(const ElfFunction& a, const ElfFunction& b) {
  return a.name == b.name && a.offset == b.offset && a.size == b.size && a.indirect == b.indirect &&
         a.outdated == b.outdated;
}

// A library of the two symbols "first" and "second", the second of which is named at `second_name`.
std::string small_library(std::uint32_t second_name, std::uint64_t string_size) {
  const std::string_view strings("\0first\0second", 13);  // not terminated
  Elf64_Sym symbols[3]{};
  symbols[1] = {1, STT_FUNC, 0, 1, 0x1010, 4};
  symbols[2] = {second_name, STT_FUNC, 0, 1, 0x1020, 8};
  Elf64_Shdr sections[4]{};
  sections[1] = {0, SHT_PROGBITS, 0, 0x1000, 0x200, 0x100, 0, 0, 1, 0};
  constexpr std::uint64_t strings_at = sizeof(Elf64_Ehdr), symbols_at = 80;
  sections[2] = {0, SHT_STRTAB, 0, 0, strings_at, string_size, 0, 0, 1, 0};
  sections[3] = {0, SHT_SYMTAB, 0, 0, symbols_at, sizeof symbols, 2, 1, 8, sizeof(Elf64_Sym)};
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_DYN;
  header.e_machine = EM_X86_64;
  header.e_version = EV_CURRENT;
  header.e_ehsize = sizeof header;
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = 4;
  header.e_shoff = symbols_at + sizeof symbols;
  std::string file(reinterpret_cast<const char*>(&header), sizeof header);
  file += strings;
  file.resize(symbols_at);
  file.append(reinterpret_cast<const char*>(symbols), sizeof symbols);
  file.append(reinterpret_cast<const char*>(sections), sizeof sections);
  return file;
}

}  // namespace

TEST_CASE("The functions of the C library are found at their places, without outdated versions") {
  const auto functions = ElfFunctions::read(library_path());
  REQUIRE(functions);
  CHECK(functions->all().size() > 1000);
  for (const char* const name : {"getpid", "malloc", "pthread_cond_wait", "memcpy"}) {
    CAPTURE(name);
    const std::vector<ElfFunction> found = functions->find(name);
    REQUIRE(found.size() == 1);
    CHECK_FALSE(found[0].outdated);
    const ElfFunction* const covering = functions->covering(found[0].offset);
    REQUIRE(covering != nullptr);
    CHECK(covering->offset == found[0].offset);
  }
  CHECK(functions->find("no_such_function").empty());
}

TEST_CASE("A version of a function of the C library can be named") {
  const auto functions = ElfFunctions::read(library_path());
  REQUIRE(functions);
  const std::vector<std::string> versions = functions->versions("memcpy");
  if (versions.size() != 2) {
    WARN("this C library has no outdated memcpy: nothing to tell apart");
    return;
  }
  REQUIRE(versions[0].starts_with("@@"));
  const std::string in_use = "memcpy" + versions[0], outdated = "memcpy" + versions[1];
  const auto offset = [&](const std::string& name) {
    const std::vector<ElfFunction> found = functions->find(name);
    REQUIRE(found.size() == 1);
    return found[0].offset;
  };
  CHECK(offset(in_use) == offset("memcpy"));
  CHECK(offset("memcpy@@") == offset("memcpy"));
  CHECK(offset("memcpy@" + versions[0].substr(2)) == offset("memcpy"));
  CHECK(offset(outdated) != offset("memcpy"));
  CHECK(functions->find("memcpy@@" + versions[1].substr(1)).empty());
  CHECK(functions->find("memcpy@GLIBC_0.1").empty());

  const auto matching = [&](const std::string& pattern) {
    Glob::Mistake mistake;
    std::set<std::uint64_t> offsets;
    for (const ElfFunction& function : functions->matching(Glob::compile(pattern, mistake)))
      offsets.insert(function.offset);
    return offsets;
  };
  CHECK(matching("memcpy") == std::set<std::uint64_t>{offset("memcpy")});
  CHECK(matching(outdated) == std::set<std::uint64_t>{offset(outdated)});
  CHECK(matching("memcpy@*") == std::set<std::uint64_t>{offset("memcpy"), offset(outdated)});
  CHECK(matching("no_such_function").empty());
}

TEST_CASE("A function is at its section's place in the file, and a name may end with its table") {
  const TemporaryFile file(small_library(7, 13));
  const auto functions = ElfFunctions::read(file.path());
  REQUIRE(functions);
  CHECK(functions->machine() == EM_X86_64);
  CHECK_FALSE(functions->stripped());
  REQUIRE(functions->all().size() == 2);
  CHECK(same(functions->all()[0], {"first", 0x210, 4, false, false}));
  CHECK(same(functions->all()[1], {"second", 0x220, 8, false, false}));
}

TEST_CASE("A symbol whose name is outside its table is passed over, and so is a table outside its file") {
  const TemporaryFile name_outside(small_library(13, 13));
  const auto one = ElfFunctions::read(name_outside.path());
  REQUIRE(one);
  REQUIRE(one->all().size() == 1);
  CHECK(one->all()[0].name == "first");
  const TemporaryFile table_outside(small_library(7, std::uint64_t{1} << 40));
  const auto none = ElfFunctions::read(table_outside.path());
  REQUIRE(none);
  CHECK(none->all().empty());
}

TEST_CASE("What is not a library has no functions to be read") {
  CHECK_FALSE(ElfFunctions::read("/does/not/exist"));
  CHECK_FALSE(ElfFunctions::read("/dev/null"));
  CHECK_FALSE(ElfFunctions::read(TemporaryFile("text").path()));
  std::string object = small_library(7, 13);
  object[offsetof(Elf64_Ehdr, e_type)] = ET_REL;
  CHECK_FALSE(ElfFunctions::read(TemporaryFile(object).path()));
}

TEST_CASE("Of a library that is cut short no function is wrong") {
  const auto whole = ElfFunctions::read(library_path());
  REQUIRE(whole);
  const std::string bytes = read_file(library_path(), library_limit);
  const TemporaryFile file(bytes);
  std::size_t readable = 0;
  for (std::size_t length = bytes.size() / 997 * 997; length > 0; length -= 997) {
    REQUIRE(::truncate(file.path().c_str(), static_cast<off_t>(length)) == 0);
    const auto cut = ElfFunctions::read(file.path());
    if (!cut) continue;
    ++readable;
    for (const ElfFunction& function : cut->all()) {
      const bool known = std::any_of(whole->all().begin(), whole->all().end(),
                                     [&](const ElfFunction& other) { return same(function, other); });
      if (!known) FAIL("a function that the whole library does not have, at length " << length);
    }
  }
  CHECK(readable > bytes.size() / 997 / 2);
}

TEST_CASE("Functions of a library with broken tables can be asked for") {
  const std::string whole = small_library(7, 13);
  std::mt19937 random(1);
  const TemporaryFile file;
  std::size_t readable = 0;
  for (int round = 0; round < 600; ++round) {
    std::string broken = whole;
    for (std::uint64_t i = random() % 6; i < 6; ++i) {
      // After e_ident, so that it is still an ELF file.
      broken[EI_NIDENT + random() % (broken.size() - EI_NIDENT)] = static_cast<char>(random());
    }
    file.write(broken);
    const auto functions = ElfFunctions::read(file.path());
    if (!functions) continue;
    ++readable;
    CHECK(functions->all().size() <= whole.size() / sizeof(Elf32_Sym));
    for (const std::string_view name : functions->names()) CHECK(name.size() <= whole.size());
    functions->covering(random());
    functions->mangled("f", 4);
    CHECK(functions->versions("first").size() <= functions->all().size());
  }
  CHECK(readable > 200);
}
