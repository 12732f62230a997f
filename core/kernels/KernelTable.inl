// SPDX-License-Identifier: GPL-3.0-or-later

namespace headkv {
namespace {

constexpr Kernels kernelTable(std::string_view name)
{
    return {name,         rmsNorm,      rotate,           siluProduct,        geluProduct, quantize,
            multiplyInt4, multiplyInt8, multiplyDense,    toBFloat16,         scoreKeys,   exponentials,
            sumValues,    attendRows,   attentionScratch, tilesAtOnce * lanes};
}

} // namespace
} // namespace headkv
