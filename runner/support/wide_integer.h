// Integers of 128 bits, which ISO C++ does not have.
#pragma once

namespace probe_run {

__extension__ using Wide = unsigned __int128;
__extension__ using SignedWide = __int128;

}  // namespace probe_run
