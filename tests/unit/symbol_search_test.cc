// Suggestions for a function that the kernel does not have.
#include "attach/symbol_search.h"

#include <fstream>

#include "support/catch.h"
#include "temporary_file.h"

using namespace probe_run;
using test::TemporaryFile;

namespace {

constexpr std::string_view functions =
    "ffffffff81000000 T vfs_read\n"
    "ffffffff81000010 T __pfx_vfs_reed\n"
    "ffffffff81000020 t do_work.isra.0\n"
    "ffffffff81000030 t do_work.isra.0.cold\n"
    "ffffffff81000040 t do_part.part.0\n"
    "ffffffff81000050 t do_const.constprop.0\n"
    "ffffffff81000060 t do_llvm.llvm.1234567\n"
    "ffffffff81000070 t inlined.cold\n"
    "ffffffff81000080 T __x64_sys_execve\n"
    "ffffffff81000090 D vfs_rea\n";

std::string hint_of(std::string_view symbol) {
  const TemporaryFile file{std::string(functions)};
  return missing_function_hint(search_kernel_symbols(symbol, file.path()));
}

}  // namespace

TEST_CASE("A function that the compiler split or cloned is suggested with its actual name") {
  CHECK(hint_of("do_work") == "on this kernel it is named \"do_work.isra.0\"");
  CHECK(hint_of("do_part") == "on this kernel it is named \"do_part.part.0\"");
  CHECK(hint_of("do_const") == "on this kernel it is named \"do_const.constprop.0\"");
  CHECK(hint_of("do_llvm") == "on this kernel it is named \"do_llvm.llvm.1234567\"");
}

TEST_CASE("A name from another build suggests the name in this build") {
  CHECK(hint_of("do_work.constprop.3") == "on this kernel it is named \"do_work.isra.0\"");
  CHECK(hint_of("vfs_read.isra.0") == "on this kernel it is named \"vfs_read\"");
}

TEST_CASE("A system call is found by its name and by its old names") {
  for (const char* const name : {"execve", "sys_execve", "SyS_execve", "__arm64_sys_execve"}) {
    CHECK(hint_of(name) == "on this kernel it is named \"__x64_sys_execve\"");
  }
}

TEST_CASE("If only the cold part of an inlined function is left, the hint says so") {
  CHECK(hint_of("inlined") ==
        "the compiler inlined it into its callers; only its cold part is left, \"inlined.cold\"");
}

TEST_CASE("A mistyped function is found among functions, and not among data or padding") {
  CHECK(hint_of("vfs_raed") == "did you mean \"vfs_read\"?");
  CHECK(hint_of("ext4:vfs_raed") == "did you mean \"vfs_read\"?");
}

TEST_CASE("A function without a symbol may be inlined") {
  CHECK(hint_of("something_else_altogether") ==
        "the compiler may have inlined it into its callers; /proc/kallsyms lists all functions");
}

TEST_CASE("Without any symbols, the hint says so") {
  CHECK(missing_function_hint(search_kernel_symbols("vfs_read", "/does/not/exist")) ==
        "/proc/kallsyms, which lists the kernel's functions, cannot be read");
}
