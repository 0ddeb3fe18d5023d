# Hardening of optimised builds without sanitizers: probe_run_harden(TARGET...) compiles and links targets as
# position-independent executables with protected stacks, checked library calls and read-only relocations.
# tests/hardening/check-binary checks the built program for all of them.
include(CheckCXXSourceCompiles)
include(CheckCXXCompilerFlag)

# Level 3 (gcc 12, clang 16 with glibc 2.34) checks buffers whose size is known only at run time; level 2 those of
# constant size.
set(CMAKE_REQUIRED_FLAGS "-O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -Werror")
check_cxx_source_compiles([[
#include <cstdio>
#if !defined(__GLIBC__) || __USE_FORTIFY_LEVEL != 3
#error "level 3 is not available"
#endif
int main() {}
]] PROBE_RUN_HAS_FORTIFY_3)
unset(CMAKE_REQUIRED_FLAGS)
set(hardening_compile_options -fPIE -fstack-protector-strong -U_FORTIFY_SOURCE)
if(PROBE_RUN_HAS_FORTIFY_3)
  list(APPEND hardening_compile_options -D_FORTIFY_SOURCE=3)
else()
  list(APPEND hardening_compile_options -D_FORTIFY_SOURCE=2)
endif()
foreach(flag IN ITEMS -fstack-clash-protection -fcf-protection -mbranch-protection=standard)
  string(MAKE_C_IDENTIFIER "PROBE_RUN_HAS${flag}" has)
  set(CMAKE_REQUIRED_FLAGS -Werror) # clang only warns about flags of other architectures
  check_cxx_compiler_flag(${flag} ${has})
  unset(CMAKE_REQUIRED_FLAGS)
  if(${has})
    list(APPEND hardening_compile_options ${flag})
  endif()
endforeach()

function(probe_run_harden)
  if(PROBE_RUN_SANITIZE OR PROBE_RUN_FUZZ)
    return() # the sanitizers check more, and replace the functions that _FORTIFY_SOURCE wraps
  endif()
  foreach(target IN LISTS ARGN)
    # Debug builds are not optimised, and without optimisation _FORTIFY_SOURCE only warns.
    target_compile_options(${target} PRIVATE "$<$<NOT:$<CONFIG:Debug>>:${hardening_compile_options}>")
    target_link_options(${target} PRIVATE "$<$<NOT:$<CONFIG:Debug>>:-pie;LINKER:-z,relro,-z,now,-z,noexecstack>")
  endforeach()
endfunction()
