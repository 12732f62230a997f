// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/Products.h"

#include "core/kernels/Kernels.h"
#include "core/model/Weights.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linear.h>
#include <algorithm>
#include <atomic>

namespace headkv {

namespace {

/// Rows that pass over a tile of weights while it is in the first-level cache.
constexpr std::int64_t rowBlock = 48;
/// Work below which a thread costs more than it gives, in weights.
constexpr std::int64_t leastWeights = 16384;

ElementType elementType(const at::Tensor &tensor)
{
    return tensor.scalar_type() == at::kFloat ? ElementType::Float32 : ElementType::BFloat16;
}

/// A part of a product that one thread computes: some outputs for some rows.
struct Work
{
    const float *rows;
    QuantizedRows quantized;
    std::int64_t columns;
};

/// Rows [rowBegin, rowEnd) of the activations times the tiles [begin, end) of a matrix.
void multiplyTiles(const Product &product, const Work &x, std::int64_t begin, std::int64_t end, std::int64_t rowBegin,
                   std::int64_t rowEnd)
{
    const Linear &linear = *product.linear;
    const std::int64_t stride = linear.outputs(), first = begin * tileColumns;
    if (!linear.quantized) { // one row
        const std::int64_t count = std::min(end * tileColumns, stride) - first;
        const auto *weights = static_cast<const std::byte *>(linear.weight.const_data_ptr());
        kernels().multiplyDense(weights + first * x.columns * linear.weight.element_size(), elementType(linear.weight),
                                count, x.columns, x.rows, product.out + first);
        return;
    }
    for (std::int64_t row = rowBegin; row < rowEnd; row += rowBlock) {
        const std::int64_t rows = std::min(rowBlock, rowEnd - row);
        float *out = product.out + row * stride + first;
        if (linear.quantized->bits() == QuantizedMatrix::Bits::Four) {
            const std::int64_t blocks = x.columns / blockWeights;
            const QuantizedRows part{x.quantized.quants + row * x.columns, x.quantized.scales + row * blocks,
                                     x.quantized.sums + row * blocks, x.columns};
            kernels().multiplyInt4(linear.quantized->int4Tile(begin), end - begin, stride - first, part, rows, out,
                                   stride);
        } else {
            kernels().multiplyInt8(linear.quantized->int8Tile(begin), end - begin, stride - first,
                                   x.rows + row * x.columns, x.columns, rows, out, stride);
        }
    }
}

/// Many rows times a dense matrix: LibTorch's own product.
void multiplyDenseRows(const Product &product, const float *rows, std::int64_t count)
{
    const Linear &linear = *product.linear;
    const at::Tensor x = at::from_blob(const_cast<float *>(rows), {count, linear.inputs()}, at::kFloat);
    at::from_blob(product.out, {count, linear.outputs()}, at::kFloat)
        .copy_(at::linear(x.to(linear.weight.scalar_type()), linear.weight));
}

void addBias(const Product &product, std::int64_t count)
{
    const at::Tensor &bias = product.linear->bias;
    if (bias.defined())
        at::from_blob(product.out, {count, bias.size(0)}, at::kFloat).add_(bias);
}

/// Few rows: threads share out the outputs of all matrices, so that each weight is read once.
void multiplyByTiles(std::span<const Product> products, const Work &x, std::int64_t rows)
{
    const auto tilesHere = [rows](const Product &product) {
        return product.linear->quantized || rows == 1 ? tilesOf(product.linear->outputs()) : 0; // others are LibTorch's
    };
    std::int64_t tiles = 0;
    for (const Product &product : products)
        tiles += tilesHere(product);
    const std::int64_t grain = std::max<std::int64_t>(1, leastWeights / (x.columns * tileColumns * rows));
    at::parallel_for(0, tiles, grain, [&](std::int64_t begin, std::int64_t end) {
        std::int64_t first = 0; // tile of the present product
        for (const Product &product : products) {
            const std::int64_t count = tilesHere(product);
            const std::int64_t from = std::max(begin - first, std::int64_t{0}), to = std::min(end - first, count);
            if (from < to)
                multiplyTiles(product, x, from, to, 0, rows);
            first += count;
        }
    });
}

/// Many rows: threads take blocks of rows as they come free, since a neighbour of the machine may hold one of them up.
void multiplyByRows(const Product &product, const Work &x, std::int64_t rows)
{
    const std::int64_t tiles = tilesOf(product.linear->outputs());
    const std::int64_t blocks = (rows + rowBlock - 1) / rowBlock;
    std::atomic<std::int64_t> next = 0;
    at::parallel_for(0, std::min<std::int64_t>(at::get_num_threads(), blocks), 1, [&](std::int64_t, std::int64_t) {
        for (std::int64_t block = next++; block < blocks; block = next++)
            multiplyTiles(product, x, 0, tiles, block * rowBlock, std::min((block + 1) * rowBlock, rows));
    });
}

} // namespace

void Activations::take(const float *rows, std::int64_t count, std::int64_t columns)
{
    m_rows = rows;
    m_count = count;
    m_columns = columns;
    m_isQuantized = false;
}

void Activations::quantize()
{
    if (m_isQuantized)
        return;
    const std::int64_t blocks = m_columns / blockWeights;
    m_quants.resize(std::max(m_quants.size(), static_cast<std::size_t>(m_count * m_columns)));
    m_scales.resize(std::max(m_scales.size(), static_cast<std::size_t>(m_count * blocks)));
    m_sums.resize(m_scales.size());
    at::parallel_for(0, m_count, std::max<std::int64_t>(1, leastWeights / m_columns),
                     [&](std::int64_t begin, std::int64_t end) {
                         kernels().quantize(m_rows + begin * m_columns, end - begin,
                                            {m_quants.data() + begin * m_columns, m_scales.data() + begin * blocks,
                                             m_sums.data() + begin * blocks, m_columns});
                     });
    m_isQuantized = true;
}

void multiply(Activations &activations, std::span<const Product> products)
{
    const std::int64_t count = activations.m_count;
    const bool int4 = std::ranges::any_of(products, [](const Product &product) {
        return product.linear->quantized && product.linear->quantized->bits() == QuantizedMatrix::Bits::Four;
    });
    if (int4)
        activations.quantize();
    const Work x{
        activations.m_rows,
        {activations.m_quants.data(), activations.m_scales.data(), activations.m_sums.data(), activations.m_columns},
        activations.m_columns};
    if (count <= rowBlock)
        multiplyByTiles(products, x, count);
    for (const Product &product : products) {
        if (!product.linear->quantized && count > 1)
            multiplyDenseRows(product, x.rows, count);
        else if (count > rowBlock)
            multiplyByRows(product, x, count);
    }
    for (const Product &product : products)
        addBias(product, count);
}

} // namespace headkv
