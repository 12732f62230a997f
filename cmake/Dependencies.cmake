# SPDX-License-Identifier: GPL-3.0-or-later
# The Debian packages that the project links; with HEADKV_CORE_ONLY those of the core.
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(Threads REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
find_path(SENTENCEPIECE_INCLUDE sentencepiece_processor.h REQUIRED)
find_library(SENTENCEPIECE_LIBRARY sentencepiece REQUIRED) # its pkg-config file names the training library, too
if(HEADKV_CORE_ONLY)
  return()
endif()
find_package(CLI11 2.1 REQUIRED)
find_package(Qt6 6.4 REQUIRED COMPONENTS Core Gui Widgets DBus PrintSupport Svg Test)
find_package(QCustomPlotQt6 REQUIRED)
find_package(benchmark REQUIRED)
