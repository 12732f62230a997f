// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/DecodeLaunch.cuh"

template headkv::cuda::Status
headkv::cuda::DecodeLaunch<64>::launch<headkv::cuda::Float16>(const DecodePlan &, const DecodeParameters &, Stream);
