# cmake -DINPUT=FILE -DOUTPUT=FILE.cc -DNAME=IDENTIFIER -P EmbedFile.cmake writes C++ that defines the bytes of INPUT as
# probe_run::IDENTIFIER and their number as probe_run::IDENTIFIER_size. It runs only cmake, so it works in cross builds.
file(READ "${INPUT}" bytes HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
file(WRITE "${OUTPUT}" "#include <cstddef>

namespace probe_run {

extern const unsigned char ${NAME}[];
extern const std::size_t ${NAME}_size;

alignas(8) const unsigned char ${NAME}[] = {${bytes}};
const std::size_t ${NAME}_size = sizeof ${NAME};

}  // namespace probe_run
")
