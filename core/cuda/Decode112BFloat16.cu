// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/DecodeLaunch.cuh"

template headkv::cuda::Status
headkv::cuda::DecodeLaunch<112>::launch<headkv::cuda::BFloat16>(const DecodePlan &, const DecodeParameters &, Stream);
