#include "attach/instruction.h"

#include <elf.h>

#include <array>

#include "support/catch.h"

using namespace probe_run;

namespace {

template <std::size_t N>
std::array<std::byte, N> bytes(const unsigned char (&values)[N]) {
  std::array<std::byte, N> code;
  for (std::size_t i = 0; i < N; ++i) code[i] = std::byte{values[i]};
  return code;
}

// push rbp; mov rbp, rsp; mov eax, 0x79; ret
const auto x86_64 = bytes({0x55, 0x48, 0x89, 0xe5, 0xb8, 0x79, 0, 0, 0, 0xc3});

void check(std::uint64_t offset, std::uint64_t begin, std::uint64_t size, std::string_view text) {
  CAPTURE(offset);
  const auto found = instruction_at(EM_X86_64, x86_64, offset);
  REQUIRE(found);
  CHECK(found->begin == begin);
  CHECK(found->size == size);
  CHECK(found->text == text);
}

}  // namespace

TEST_CASE("The instruction that a byte of code belongs to is found with its offset and text") {
  check(0, 0, 1, "push rbp");
  check(1, 1, 3, "mov rbp, rsp");
  check(3, 1, 3, "mov rbp, rsp");
  check(4, 4, 5, "mov eax, 0x79");
  check(8, 4, 5, "mov eax, 0x79");
  check(9, 9, 1, "ret");
}

TEST_CASE("Instructions of arm64 have four bytes") {
  const auto code =
      bytes({0xfd, 0x7b, 0xbf, 0xa9, 0xc0, 0x03, 0x5f, 0xd6});  // stp x29, x30, [sp, #-0x10]!; ret
  const auto found = instruction_at(EM_AARCH64, code, 5);
  REQUIRE(found);
  CHECK(found->begin == 4);
  CHECK(found->size == 4);
}

TEST_CASE("After the end of the code, and after an invalid instruction, no instruction is found") {
  CHECK_FALSE(instruction_at(EM_X86_64, x86_64, 10));
  const auto bad = bytes({0x55, 0x06, 0x55});  // 0x06 is invalid in 64-bit mode
  CHECK(instruction_at(EM_X86_64, bad, 0));
  CHECK_FALSE(instruction_at(EM_X86_64, bad, 2));
}

TEST_CASE("Code of other architectures has no instructions") {
  CHECK_FALSE(instruction_at(EM_S390, x86_64, 0));
}
