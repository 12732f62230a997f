# SPDX-License-Identifier: GPL-3.0-or-later
# With HEADKV_CUDA: the CUDA language, for the kernels of core/cuda, and headkv::cuda (libtorch_cuda, libc10_cuda). The program
# links neither yet: it computes on the CPU. A .cu file sees no torch header, only pointers, shapes and a stream; a .cpp beside
# it binds them.
if(NOT HEADKV_CUDA)
  return()
endif()
enable_language(CUDA)
find_package(CUDAToolkit 13 REQUIRED)
add_library(headkv_cuda INTERFACE)
add_library(headkv::cuda ALIAS headkv_cuda)
target_link_libraries(headkv_cuda INTERFACE headkv::torch CUDA::cudart)
foreach(library torch_cuda c10_cuda)
  if(NOT EXISTS "${LibTorch_ROOT}/lib/lib${library}.so")
    message(FATAL_ERROR "${LibTorch_ROOT}/lib/lib${library}.so is missing: HEADKV_CUDA needs a LibTorch that was built with CUDA")
  endif()
  add_library(headkv_${library} SHARED IMPORTED)
  set_target_properties(headkv_${library} PROPERTIES IMPORTED_LOCATION "${LibTorch_ROOT}/lib/lib${library}.so")
  target_link_libraries(headkv_cuda INTERFACE headkv_${library})
endforeach()
