// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/Portable.h"

namespace headkv::cuda {

// Scores are logarithms to base 2 here, so that a weight is one 2^x.

/// Σ 2^(score − greatest) over scores, with the greatest of them: what two parts need to be joined (Dao et al. 2023).
struct SoftmaxSum
{
    float greatest = negativeInfinity;
    float sum = 0;
};

/// What weights are relative to: the greatest score, or anything finite where no score has been seen.
HEADKV_HOST_DEVICE float referenceOf(float greatest) { return greatest == negativeInfinity ? 0.0F : greatest; }

/// What sums that belong to an older greatest score are multiplied by.
HEADKV_HOST_DEVICE float rescaling(float older, float newer) { return powerOfTwo(older - referenceOf(newer)); }

/// What a query is multiplied by before its products with keys.
HEADKV_HOST_DEVICE float queryFactor(float scale, float softcap) { return softcap > 0 ? scale : scale * log2OfE; }

/// The score of such a product. softcap: c·tanh(score/c) of the natural score; 0: none.
HEADKV_HOST_DEVICE float scoreOf(float product, float softcap)
{
    return softcap > 0 ? std::tanh(product / softcap) * softcap * log2OfE : product;
}

/// What the score of an entry grows by that stands for so many tokens.
HEADKV_HOST_DEVICE float compensationOf(int tokens) { return tokens > 0 ? std::log2(static_cast<float>(tokens)) : 0; }

/// Joins sums; a, b: what the values that go with them are to be multiplied by.
HEADKV_HOST_DEVICE SoftmaxSum join(const SoftmaxSum &first, const SoftmaxSum &second, float &a, float &b)
{
    const float greatest = std::fmax(first.greatest, second.greatest);
    a = rescaling(first.greatest, greatest);
    b = rescaling(second.greatest, greatest);
    return {greatest, first.sum * a + second.sum * b};
}

} // namespace headkv::cuda
