// The fuzz targets. Each accepts any bytes, and aborts with a report if it finds a fault.
#pragma once

#include <string_view>

#include "fuzz/choices.h"

namespace fuzz {

void fuzz_record(Bytes input);
void fuzz_btf(Bytes input);
void fuzz_spec(Bytes input);
void fuzz_template(Bytes input);
void fuzz_where(Bytes input);
void fuzz_recording(Bytes input);

struct Target {
  std::string_view name;
  void (*run)(Bytes input);
};
inline constexpr Target targets[] = {{"fuzz_record", fuzz_record}, {"fuzz_btf", fuzz_btf},
                                     {"fuzz_spec", fuzz_spec},     {"fuzz_template", fuzz_template},
                                     {"fuzz_where", fuzz_where},   {"fuzz_recording", fuzz_recording}};

}  // namespace fuzz
