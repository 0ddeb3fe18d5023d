// Prints, a line each: a place's name, its offset in this file, and how far it is into its function.
#include <link.h>

#include <cstdint>
#include <cstdio>

// Stores the distance from itself to the place where it is used in a separate section.
#define PLACE(name)        \
  asm volatile(            \
      "1: nop\n"           \
      ".pushsection " name \
      ",\"a\"\n"           \
      ".balign 4\n"        \
      ".long 1b - .\n"     \
      ".popsection")

extern "C" const std::int32_t __start_place_inner, __start_place_outer, __start_place_plain;

namespace sample {

[[gnu::always_inline]] inline int inner(int x) {
  PLACE("place_inner");
  return x * 3;
}

[[gnu::always_inline]] inline int middle(int x) {
  return inner(x) + 1;
}

struct Shape {
  [[gnu::noinline]] static int outer(int x, const char* name);
};

int Shape::outer(int x, const char* name) {
  PLACE("place_outer");
  std::puts(name);
  return middle(x);
}

}  // namespace sample

extern "C" [[gnu::noinline]] int plain_c(int x) {
  PLACE("place_plain");
  std::puts("plain");
  return x + 1;
}

namespace {

std::uintptr_t address_of(const std::int32_t& place) {
  return reinterpret_cast<std::uintptr_t>(&place) + static_cast<std::uintptr_t>(std::intptr_t{place});
}

void print(const char* name, std::uintptr_t place, std::uintptr_t function) {
  struct Search {
    std::uintptr_t address, offset;
  } search{place, 0};
  dl_iterate_phdr(
      [](dl_phdr_info* object, std::size_t, void* data) {
        auto& wanted = *static_cast<Search*>(data);
        for (int i = 0; i < object->dlpi_phnum; ++i) {
          const auto& segment = object->dlpi_phdr[i];
          const std::uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
          if (segment.p_type != PT_LOAD || wanted.address < begin ||
              wanted.address - begin >= segment.p_filesz)
            continue;
          wanted.offset = wanted.address - begin + segment.p_offset;
          return 1;
        }
        return 0;
      },
      &search);
  std::printf("%s %lu %lu\n", name, static_cast<unsigned long>(search.offset),
              static_cast<unsigned long>(place - function));
}

}  // namespace

int main(int count, char** names) {
  const int result = sample::Shape::outer(count, names[0]) + plain_c(count);
  const auto outer = reinterpret_cast<std::uintptr_t>(&sample::Shape::outer);
  print("inner", address_of(__start_place_inner), outer);
  print("outer", address_of(__start_place_outer), outer);
  print("plain", address_of(__start_place_plain), reinterpret_cast<std::uintptr_t>(&plain_c));
  return result == 0;
}
