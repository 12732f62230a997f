# SPDX-License-Identifier: GPL-3.0-or-later
# headkv_options: the warnings, sanitizers and include root that every target of the project compiles with.
add_library(headkv_options INTERFACE)
target_include_directories(headkv_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(headkv_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  target_compile_options(headkv_options INTERFACE -Wno-restrict) # GCC 12 sees overlaps in std::string that are not there (its bug 105651)
endif()
if(HEADKV_SANITIZE)
  target_compile_options(headkv_options INTERFACE -fsanitize=${HEADKV_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(headkv_options INTERFACE -fsanitize=${HEADKV_SANITIZE})
endif()
