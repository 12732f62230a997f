// SPDX-License-Identifier: GPL-3.0-or-later
// The whole library as the host runs it: its calls, and its kernels thread for thread.
#include "tests/core/cuda/KernelEmulator.h"

#include "core/cuda/Cache.cu"
#include "core/cuda/Decode.cu"
#include "core/cuda/DecodeLaunch.cuh"
#include "core/cuda/Selection.cu"
