# The warnings every target of the project is built with, and the sanitizers of the presets asan and fuzz.
add_library(probe_run_options INTERFACE)
target_compile_options(probe_run_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wcast-qual
  -Wnon-virtual-dtor -Woverloaded-virtual -Wswitch -Wimplicit-fallthrough -Wundef -Wformat=2
  -Wno-missing-field-initializers)  # designated initialisers omit members with defaults
if(PROBE_RUN_WERROR)
  target_compile_options(probe_run_options INTERFACE -Werror)
endif()
if(PROBE_RUN_SANITIZE)
  target_compile_options(probe_run_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(probe_run_options INTERFACE -fsanitize=address,undefined)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # With the sanitizers' code, gcc 12 warns about uninitialised memory in std::regex by mistake.
    target_compile_options(probe_run_options INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
if(PROBE_RUN_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "PROBE_RUN_FUZZ needs clang's libFuzzer. "
                        "Configure with the preset fuzz, or -DCMAKE_CXX_COMPILER=clang++.")
  endif()
  target_compile_options(probe_run_options INTERFACE
    -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(probe_run_options INTERFACE -fsanitize=address,undefined)
endif()
