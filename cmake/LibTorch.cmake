# SPDX-License-Identifier: GPL-3.0-or-later
# Defines headkv::torch (libtorch_cpu, libc10) and HEADKV_PREFIX, the folder that scripts/setup.sh fills.
# An official LibTorch archive works by -DLibTorch_ROOT=DIR (the folder that holds lib/ and include/).
# The wheel's own TorchConfig.cmake demands a CUDA toolkit, so the targets are imported here.
execute_process(COMMAND "${PROJECT_SOURCE_DIR}/scripts/setup.sh" --print-prefix
  OUTPUT_VARIABLE HEADKV_PREFIX OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
set(LibTorch_ROOT "${HEADKV_PREFIX}/site/torch" CACHE PATH "LibTorch: the folder that holds lib/ and include/")

foreach(file lib/libtorch_cpu.so lib/libc10.so include/ATen/ATen.h)
  if(NOT EXISTS "${LibTorch_ROOT}/${file}")
    message(FATAL_ERROR "${LibTorch_ROOT}/${file} is missing: run scripts/setup.sh, or name another LibTorch with -DLibTorch_ROOT=DIR")
  endif()
endforeach()

add_library(headkv_torch INTERFACE)
add_library(headkv::torch ALIAS headkv_torch)
# SYSTEM: the headers' own warnings are not ours.
target_include_directories(headkv_torch SYSTEM INTERFACE "${LibTorch_ROOT}/include" "${LibTorch_ROOT}/include/torch/csrc/api/include")
foreach(library torch_cpu c10)
  add_library(headkv_${library} SHARED IMPORTED)
  set_target_properties(headkv_${library} PROPERTIES IMPORTED_LOCATION "${LibTorch_ROOT}/lib/lib${library}.so")
  target_link_libraries(headkv_torch INTERFACE headkv_${library})
endforeach()
# at::parallel_for is a template of LibTorch's headers: without OpenMP it would run on one thread. The runtime has to be the
# one that LibTorch itself uses, or there would be two pools of threads; the wheel brings its own.
target_compile_options(headkv_torch INTERFACE -fopenmp)
file(GLOB HEADKV_GOMP "${LibTorch_ROOT}/lib/libgomp*.so*")
if(NOT HEADKV_GOMP)
  find_library(HEADKV_GOMP NAMES libgomp.so.1 NO_CACHE REQUIRED)
endif()
list(GET HEADKV_GOMP 0 HEADKV_GOMP)
target_link_libraries(headkv_torch INTERFACE "${HEADKV_GOMP}")
# The CUDA libraries that libtorch_cpu.so names are found by its own run path when it is loaded, not by the linker.
target_link_options(headkv_torch INTERFACE -Wl,--allow-shlib-undefined)
