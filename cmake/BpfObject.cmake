# add_bpf_object(NAME) compiles bpf/NAME.bpf.c to ${CMAKE_BINARY_DIR}/bpf/NAME.bpf.o and appends the object's path to
# the global property BPF_OBJECTS. The function is for bpf/CMakeLists.txt, which builds all of them with one target.
#
# embed_bpf_object(TARGET SOURCE NAME) compiles SOURCE, in the current directory, and embeds its object in TARGET as
# probe_run::NAME and probe_run::NAME_size (EmbedFile.cmake).

find_program(BPF_CLANG NAMES clang clang-20 clang-19 clang-18 clang-17 clang-16 clang-15 clang-14
             DOC "The clang that compiles the BPF programs")
if(NOT BPF_CLANG)
  message(FATAL_ERROR "clang, which compiles the BPF programs, is not in PATH. "
                      "Install the package clang, or configure with -DBPF_CLANG=/path/to/clang.")
endif()

# The debug information of the objects is only needed to generate BTF, which is kept.
find_program(BPF_LLVM_STRIP NAMES llvm-strip llvm-strip-20 llvm-strip-19 llvm-strip-18 llvm-strip-17 llvm-strip-16
             llvm-strip-15 llvm-strip-14 DOC "Takes the debugging information out of the BPF objects; optional")

# A BPF object is the same for all architectures, unless it reads a function's arguments from the registers.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  set(bpf_target_arch x86)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  set(bpf_target_arch arm64)
else()
  message(FATAL_ERROR "The BPF programs read the registers of x86_64 and aarch64, "
                      "not those of ${CMAKE_SYSTEM_PROCESSOR}.")
endif()

set(bpf_flags -target bpf -D__TARGET_ARCH_${bpf_target_arch} -g -O2 -Wall -Wextra)
if(PROBE_RUN_WERROR)
  list(APPEND bpf_flags -Werror)
endif()

# Debian has <asm/*.h> in a directory per architecture, which clang does not search for the target bpf.
if(CMAKE_LIBRARY_ARCHITECTURE AND EXISTS "${CMAKE_SYSROOT}/usr/include/${CMAKE_LIBRARY_ARCHITECTURE}")
  list(APPEND bpf_flags -isystem "${CMAKE_SYSROOT}/usr/include/${CMAKE_LIBRARY_ARCHITECTURE}")
endif()

# The libbpf that the program is built with may be outside the default directories.
foreach(directory IN LISTS LIBBPF_INCLUDE_DIRS)
  list(APPEND bpf_flags -isystem "${directory}")
endforeach()

# BTF names the source files; with these flags the paths start at the top of the project, wherever it is built.
list(APPEND bpf_flags "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=" -fdebug-compilation-dir=.)

function(compile_bpf_object SOURCE OBJECT)
  set(strip)
  if(BPF_LLVM_STRIP)
    set(strip COMMAND "${BPF_LLVM_STRIP}" -g "${OBJECT}")
  endif()

  file(RELATIVE_PATH shown "${CMAKE_BINARY_DIR}" "${OBJECT}")
  add_custom_command(
    OUTPUT "${OBJECT}"
    COMMAND "${BPF_CLANG}" ${bpf_flags} -MD -MF "${OBJECT}.d" -MT "${OBJECT}" -c "${SOURCE}" -o "${OBJECT}"
    ${strip}
    DEPENDS "${SOURCE}"
    DEPFILE "${OBJECT}.d"
    # If clang finds the source by its name in the debug information, it stores the source lines there too.
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
    COMMENT "Building BPF object ${shown}"
    VERBATIM)
endfunction()

function(add_bpf_object NAME)
  set(object "${CMAKE_BINARY_DIR}/bpf/${NAME}.bpf.o")
  file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/bpf")
  compile_bpf_object("${PROJECT_SOURCE_DIR}/bpf/${NAME}.bpf.c" "${object}")
  set_property(GLOBAL APPEND PROPERTY BPF_OBJECTS "${object}")
endfunction()

function(embed_bpf_object TARGET SOURCE NAME)
  set(object "${CMAKE_CURRENT_BINARY_DIR}/${NAME}.bpf.o")
  compile_bpf_object("${CMAKE_CURRENT_SOURCE_DIR}/${SOURCE}" "${object}")
  add_custom_command(
    OUTPUT "${object}.cc"
    COMMAND "${CMAKE_COMMAND}" "-DINPUT=${object}" "-DOUTPUT=${object}.cc" "-DNAME=${NAME}"
            -P "${PROJECT_SOURCE_DIR}/cmake/EmbedFile.cmake"
    DEPENDS "${object}" "${PROJECT_SOURCE_DIR}/cmake/EmbedFile.cmake"
    COMMENT "Embedding ${NAME}"
    VERBATIM)
  set_source_files_properties("${object}.cc" PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  target_sources("${TARGET}" PRIVATE "${object}.cc")
endfunction()
