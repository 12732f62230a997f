# SPDX-License-Identifier: GPL-3.0-or-later
# With HEADKV_CUDA: the CUDA language for the kernels of core/cuda, and headkv::cudart, CUDA's run-time library. The program links no
# other library of CUDA: libtorch_cuda and what it needs, gigabytes, are loaded when a CUDA device is asked for. A .cu file sees no torch
# header, only pointers, shapes and a stream; core/device/ calls it.
if(NOT HEADKV_CUDA)
  return()
endif()
set(CMAKE_CUDA_RUNTIME_LIBRARY None) # nothing implicit: the process has one run-time library
if(NOT CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX})
  find_program(CMAKE_CUDA_COMPILER nvcc HINTS ENV CUDA_HOME PATHS /usr/local/cuda PATH_SUFFIXES bin) # which is often not on PATH
endif()
enable_language(CUDA)
find_package(CUDAToolkit 13 REQUIRED)
if(NOT EXISTS "${LibTorch_ROOT}/lib/libtorch_cuda.so")
  message(FATAL_ERROR "${LibTorch_ROOT}/lib/libtorch_cuda.so is missing: HEADKV_CUDA needs a LibTorch that was built with CUDA")
endif()
# Some compilers (Red Hat's toolsets, and those made like them) link parts of a newer libstdc++ into a program; what it exports of them
# would take the place of those that LibTorch was built with, which end in free() of what was never allocated.
add_link_options($<$<LINK_LANGUAGE:CXX>:-Wl,--exclude-libs,ALL>)
add_library(headkv_cudart INTERFACE)
add_library(headkv::cudart ALIAS headkv_cudart)
target_include_directories(headkv_cudart SYSTEM INTERFACE ${CUDAToolkit_INCLUDE_DIRS})
# LibTorch's wheel comes with a run-time library beside it, which may be newer than the toolkit's and has to be the process's.
set(HEADKV_CUDART "${LibTorch_ROOT}/../nvidia/cu13/lib/libcudart.so.13")
if(EXISTS "${HEADKV_CUDART}")
  add_library(headkv_cudart_library SHARED IMPORTED)
  set_target_properties(headkv_cudart_library PROPERTIES IMPORTED_LOCATION "${HEADKV_CUDART}")
  target_link_libraries(headkv_cudart INTERFACE headkv_cudart_library)
else()
  target_link_libraries(headkv_cudart INTERFACE CUDA::cudart)
endif()
