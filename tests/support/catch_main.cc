// Catch2 of version 2 has its main in a header; version 3 brings a library.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
