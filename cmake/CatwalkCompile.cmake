# How everything of ours is compiled, and `catwalk_library`, the one way to add a folder.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(CATWALK_PORTABLE "Build for any x86-64-v3 CPU instead of this machine's" OFF)
set(CATWALK_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize= (address,undefined or thread)")

find_program(CCACHE ccache)
if(CCACHE)
  # What one checkout has compiled, another one need not.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(catwalk_compile INTERFACE)
target_include_directories(catwalk_compile INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
target_compile_options(catwalk_compile INTERFACE -Wall -Wextra -Wshadow -Wconversion -Werror)
# GCC 12 sees overlaps in std::string::insert that cannot be (gcc.gnu.org PR 105651).
target_compile_options(catwalk_compile INTERFACE -Wno-restrict)
# GCC 12's own AVX-512 intrinsics start from a vector they leave unset (PR 105593): no build on a CPU that has them.
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(catwalk_compile INTERFACE -Wno-uninitialized -Wno-maybe-uninitialized)
endif()
# The same CPU everywhere, also under sanitizers, so that every build gives the same bits (-ffp-contract would not).
if(CATWALK_PORTABLE)
  add_compile_options(-march=x86-64-v3)
else()
  add_compile_options(-march=native)
endif()
if(CATWALK_SANITIZE)
  add_compile_options(-fsanitize=${CATWALK_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CATWALK_SANITIZE})
endif()

# catwalk_library(folder SOURCES … PUBLIC … PRIVATE …): target catwalk_<folder>; PUBLIC and PRIVATE are what it links.
function(catwalk_library folder)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(catwalk_${folder} STATIC ${ARG_SOURCES})
  target_link_libraries(catwalk_${folder} PUBLIC catwalk_compile ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
endfunction()

# Of a folder whose work is loops over columns: at -O2 GCC 12 makes vectors of hardly any.
function(catwalk_vectorise folder)
  target_compile_options(catwalk_${folder} PRIVATE $<$<CONFIG:Release>:-O3>)
endfunction()
