// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace headkv {

struct Linear;
struct Product;

/// Rows of activations, and scratch space to round them for quantised weights once.
class Activations
{
public:
    /// Takes rows [count, columns] of float32, which outlive the products.
    void take(const float *rows, std::int64_t count, std::int64_t columns);

private:
    friend void multiply(Activations &, std::span<const Product>);
    void quantize();

    const float *m_rows = nullptr;
    std::int64_t m_count = 0, m_columns = 0;
    bool m_isQuantized = false;
    std::vector<std::int8_t> m_quants;   ///< [count, columns]
    std::vector<float> m_scales, m_sums; ///< [count, columns/32]
};

/// out [count, outputs] = x·Wᵀ + bias.
struct Product
{
    const Linear *linear = nullptr;
    float *out = nullptr;
};

/// Products of the same activations with several matrices, on all threads. Quantised weights take activations in 8
/// bits, output layers in 8 bits as they are; dense ones in their dtype, or as they are where there is one row.
void multiply(Activations &activations, std::span<const Product> products);

} // namespace headkv
