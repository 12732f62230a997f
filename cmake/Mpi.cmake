# SPDX-License-Identifier: GPL-3.0-or-later
# MPI, for the module by which many ranks share a probe or an evaluation. Nothing else links it.
set(HEADKV_MPI AUTO CACHE STRING "The module for many machines: AUTO (where MPI is found), ON or OFF")
set_property(CACHE HEADKV_MPI PROPERTY STRINGS AUTO ON OFF)
set(HEADKV_MPI_FOUND OFF)
if(HEADKV_MPI)
  set(MPI_CXX_SKIP_MPICXX ON) # the C interface is used
  if(HEADKV_MPI STREQUAL AUTO)
    find_package(MPI 3.0 QUIET COMPONENTS CXX)
  else()
    find_package(MPI 3.0 REQUIRED COMPONENTS CXX)
  endif()
  set(HEADKV_MPI_FOUND ${MPI_CXX_FOUND})
endif()
