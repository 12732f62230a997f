// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/Kernels.h"

#include <QTest>
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace headkv;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<float> randomValues(std::size_t count, float magnitude = 1)
{
    static std::mt19937 random(7);
    std::uniform_real_distribution<float> uniform(-magnitude, magnitude);
    std::vector<float> values(count);
    for (float &value : values)
        value = uniform(random);
    return values;
}

/// The largest difference, in units of the larger of 1 and the expected value.
double difference(const std::vector<float> &actual, const std::vector<double> &expected)
{
    double largest = actual.size() == expected.size() ? 0 : infinity;
    for (std::size_t i = 0; i < std::min(actual.size(), expected.size()); ++i) {
        const double distance = std::abs(actual[i] - expected[i]) / std::max(1.0, std::abs(expected[i]));
        largest = std::isnan(distance) ? infinity : std::max(largest, distance);
    }
    return largest;
}

float fromBits(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); }

/// Keys and values of random numbers in either type; `keys` and `values` are what is stored, as float.
struct KeyValues
{
    KeyValues(std::int64_t count, std::int64_t dim, ElementType type)
        : keys(randomValues(count * dim, 2))
        , values(randomValues(count * dim))
    {
        if (type == ElementType::Float32) {
            rows = {keys.data(), values.data(), type, dim};
            return;
        }
        for (auto *pair : {&keyBits, &valueBits}) {
            std::vector<float> &source = pair == &keyBits ? keys : values;
            pair->resize(source.size());
            supportedKernels().front()->toBFloat16(source.data(), pair->data(), std::ssize(source));
            std::ranges::transform(*pair, source.begin(), fromBits);
        }
        rows = {keyBits.data(), valueBits.data(), type, dim};
    }

    std::vector<float> keys, values;
    std::vector<std::uint16_t> keyBits, valueBits;
    KeyValueRows rows;
};

/// Softmax attention of one query over keys [begin, end), in double; the last element is the log of the sum.
std::vector<double> plainAttention(const float *query, const KeyValues &keyValues, std::int64_t begin, std::int64_t end,
                                   double scale, double softcap)
{
    const std::int64_t dim = keyValues.rows.dim;
    std::vector<double> out(dim + 1, 0);
    double sum = 0;
    for (std::int64_t key = begin; key < end; ++key) {
        double score = 0;
        for (std::int64_t d = 0; d < dim; ++d)
            score += double{query[d]} * keyValues.keys[key * dim + d];
        score *= scale;
        if (softcap > 0)
            score = std::tanh(score / softcap) * softcap;
        const double weight = std::exp(score);
        sum += weight;
        for (std::int64_t d = 0; d < dim; ++d)
            out[d] += weight * keyValues.values[key * dim + d];
    }
    for (std::int64_t d = 0; d < dim && sum > 0; ++d)
        out[d] /= sum;
    out[dim] = std::log(sum);
    return out;
}

} // namespace

/// Every set that this machine runs, against plain sums in double, over sizes that fill vectors and sizes that do not.
class KernelsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void normalizes();
    void rotates();
    void gates();
    void roundsToBFloat16();
    void quantizesActivations();
    void multipliesInt4();
    void multipliesInt8();
    void multipliesDense();
    void decodesInParts();
    void weighsNoKeys();
    void attendsCausally();
    void attendsInWindows();
};

void KernelsTest::normalizes()
{
    for (const Kernels *set : supportedKernels()) {
        for (const std::int64_t n : {1, 7, 8, 64, 100, 576}) {
            const std::vector<float> x = randomValues(n), weight = randomValues(n);
            std::vector<float> y(n);
            set->rmsNorm(x.data(), weight.data(), y.data(), n, 1e-5F);
            double squares = 0;
            for (const float value : x)
                squares += double{value} * value;
            std::vector<double> expected;
            for (std::int64_t i = 0; i < n; ++i)
                expected.push_back(x[i] / std::sqrt(squares / static_cast<double>(n) + 1e-5) * weight[i]);
            QVERIFY(difference(y, expected) < 1e-6);
        }
    }
}

void KernelsTest::rotates()
{
    for (const Kernels *set : supportedKernels()) {
        for (const std::int64_t half : {1, 3, 8, 20, 32}) {
            const std::vector<float> cos = randomValues(half), sin = randomValues(half);
            std::vector<float> vector = randomValues(2 * half + 3); // the last three are not rotated
            std::vector<double> expected(vector.begin(), vector.end());
            for (std::int64_t i = 0; i < half; ++i) {
                expected[i] = double{vector[i]} * cos[i] - double{vector[half + i]} * sin[i];
                expected[half + i] = double{vector[half + i]} * cos[i] + double{vector[i]} * sin[i];
            }
            set->rotate(vector.data(), cos.data(), sin.data(), half);
            QVERIFY(difference(vector, expected) < 1e-6);
        }
    }
}

void KernelsTest::gates()
{
    for (const Kernels *set : supportedKernels()) {
        for (const std::int64_t n : {1, 5, 16, 33}) {
            std::vector<float> gate = randomValues(n, 12);
            gate[0] = n == 5 ? -120.0F : 120.0F; // where e^x leaves float32
            std::vector<float> gelu = gate;
            const std::vector<float> up = randomValues(n);
            std::vector<double> silu, tanhGelu;
            for (std::int64_t i = 0; i < n; ++i) {
                const double x = gate[i];
                silu.push_back(x / (1 + std::exp(-x)) * up[i]);
                tanhGelu.push_back(x / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))) * up[i]);
            }
            set->siluProduct(gate.data(), up.data(), n);
            set->geluProduct(gelu.data(), up.data(), n);
            QVERIFY(difference(gate, silu) < 2e-6);
            QVERIFY(difference(gelu, tanhGelu) < 2e-6);
        }
    }
}

void KernelsTest::roundsToBFloat16()
{
    // A half way between two bfloat16 numbers goes to the even one; NaN stays NaN.
    const std::vector<float> x{1.0F,      1.00390625F, 1.01171875F,   -2.5F, 3.0e38F, 1e-40F,
                               -INFINITY, NAN,         3.4028235e38F, 0.1F,  -0.0F,   65537.0F};
    const std::vector<std::uint16_t> expected{0x3f80, 0x3f80, 0x3f82, 0xc020, 0x7f62, 0x0001,
                                              0xff80, 0x7fc0, 0x7f80, 0x3dcd, 0x8000, 0x4780};
    for (const Kernels *set : supportedKernels()) {
        std::vector<std::uint16_t> bits(x.size());
        set->toBFloat16(x.data(), bits.data(), std::ssize(x));
        QCOMPARE(bits, expected);
    }
}

void KernelsTest::quantizesActivations()
{
    for (const Kernels *set : supportedKernels()) {
        std::vector<float> x = randomValues(3 * 64, 5);
        std::fill_n(x.begin() + 32, 32, 0.0F);
        std::vector<std::int8_t> quants(x.size());
        std::vector<float> scales(6), sums(6);
        set->quantize(x.data(), 3, {quants.data(), scales.data(), sums.data(), 64});
        for (std::size_t block = 0; block < 6; ++block) {
            double sum = 0;
            float magnitude = 0;
            for (std::size_t i = block * 32; i < block * 32 + 32; ++i) {
                const float rounded = static_cast<float>(quants[i]) * scales[block];
                QVERIFY(std::abs(rounded - x[i]) <= 0.5001F * scales[block]);
                sum += rounded;
                magnitude = std::max(magnitude, std::abs(x[i]));
            }
            QVERIFY(std::abs(scales[block] - magnitude / 127) <= 1e-6F * magnitude);
            QVERIFY(std::abs(sums[block] - sum) < 1e-4);
        }
    }
}

/// Half-precision bits of 2^e·(1 + f/1024).
std::uint16_t half(int e, int f, bool negative = false)
{
    return static_cast<std::uint16_t>((negative ? 0x8000 : 0) | (e + 15) << 10 | f);
}

void KernelsTest::multipliesInt4()
{
    std::mt19937 random(1);
    for (const Kernels *set : supportedKernels()) {
        for (const std::int64_t rows : {1, 2, 5, 6, 13}) {
            constexpr std::int64_t inputs = 96, outputs = 21, tiles = 3, blocks = 3;
            std::vector<Int4Block> matrix(tiles * blocks);
            for (Int4Block &block : matrix) {
                for (std::uint8_t &quants : block.quants)
                    quants = static_cast<std::uint8_t>(random()); // 15·127 among them
                for (int column = 0; column < 8; ++column) {
                    block.scale[column] = half(-5, static_cast<int>(random() % 1024));
                    block.minimum[column] = half(-3, static_cast<int>(random() % 1024), true);
                }
            }
            std::ranges::fill(matrix[1].quants, std::uint8_t{0xff}); // the greatest sums
            std::vector<float> x = randomValues(rows * inputs, 3);
            std::fill_n(x.begin() + 32, 32, 3.0F);
            std::vector<std::int8_t> quants(x.size());
            std::vector<float> scales(rows * blocks), sums(rows * blocks);
            const QuantizedRows activations{quants.data(), scales.data(), sums.data(), inputs};
            set->quantize(x.data(), rows, activations);
            constexpr std::int64_t stride = 24;
            std::vector<float> out(rows * stride, -1);
            set->multiplyInt4(matrix.data(), tiles, outputs, activations, rows, out.data(), stride);
            std::vector<double> expected(rows * stride, -1);
            for (std::int64_t row = 0; row < rows; ++row) {
                for (std::int64_t output = 0; output < outputs; ++output) {
                    double sum = 0;
                    for (std::int64_t input = 0; input < inputs; ++input) {
                        const Int4Block &block = matrix[output / 8 * blocks + input / 32];
                        const std::int64_t i = input % 32, column = output % 8;
                        const int byte = block.quants[32 * (i / 8) + 4 * column + i % 4];
                        const int q = i % 8 < 4 ? byte & 15 : byte >> 4;
                        const auto value = [](std::uint16_t bits) {
                            return (bits & 0x8000 ? -1 : 1) *
                                   std::ldexp(1 + (bits & 1023) / 1024.0, (bits >> 10 & 31) - 15);
                        };
                        sum += (value(block.scale[column]) * q + value(block.minimum[column])) *
                               quants[row * inputs + input] * scales[row * blocks + input / 32];
                    }
                    expected[row * stride + output] = sum;
                }
            }
            QVERIFY2(difference(out, expected) < 1e-5, qPrintable(QString::number(difference(out, expected))));
        }
    }
}

void KernelsTest::multipliesInt8()
{
    std::mt19937 random(2);
    for (const Kernels *set : supportedKernels()) {
        for (const std::int64_t rows : {1, 3, 7}) {
            constexpr std::int64_t inputs = 64, outputs = 11, tiles = 2, blocks = 2;
            std::vector<Int8Block> matrix(tiles * blocks);
            for (Int8Block &block : matrix) {
                for (std::int8_t &q : block.quants)
                    q = static_cast<std::int8_t>(random());
                std::ranges::fill(block.scale, half(-6, 512)); // 1.5·2⁻⁶
            }
            const std::vector<float> x = randomValues(rows * inputs);
            std::vector<float> out(rows * outputs);
            set->multiplyInt8(matrix.data(), tiles, outputs, x.data(), inputs, rows, out.data(), outputs);
            std::vector<double> expected;
            for (std::int64_t row = 0; row < rows; ++row) {
                for (std::int64_t output = 0; output < outputs; ++output) {
                    double sum = 0;
                    for (std::int64_t input = 0; input < inputs; ++input)
                        sum += matrix[output / 8 * blocks + input / 32].quants[input % 32 * 8 + output % 8] * 1.5 / 64 *
                               x[row * inputs + input];
                    expected.push_back(sum);
                }
            }
            QVERIFY(difference(out, expected) < 1e-5);
        }
    }
}

void KernelsTest::multipliesDense()
{
    for (const Kernels *set : supportedKernels()) {
        for (const ElementType type : {ElementType::Float32, ElementType::BFloat16}) {
            for (const std::int64_t columns : {3, 32, 67}) {
                const KeyValues matrix(5, columns, type);
                const std::vector<float> x = randomValues(columns);
                std::vector<float> out(5);
                set->multiplyDense(matrix.rows.keys, type, 5, columns, x.data(), out.data());
                std::vector<double> expected(5, 0);
                for (std::int64_t i = 0; i < 5 * columns; ++i)
                    expected[i / columns] += double{matrix.keys[i]} * x[i % columns];
                QVERIFY(difference(out, expected) < 1e-5);
            }
        }
    }
}

/// Scores, exponentials and sums together are attention.
void KernelsTest::decodesInParts()
{
    for (const Kernels *set : supportedKernels()) {
        for (const ElementType type : {ElementType::Float32, ElementType::BFloat16}) {
            for (const auto &[heads, dim, count] :
                 {std::tuple(1, 64, 33), {3, 64, 7}, {4, 20, 64}, {7, 128, 5}, {2, 6, 1}}) {
                const KeyValues keyValues(count, dim, type);
                const std::vector<float> queries = randomValues(heads * dim, 0.5F);
                const std::int64_t stride = count + 2;
                std::vector<float> scores(heads * stride), out(heads * dim, 0);
                set->scoreKeys(queries.data(), heads, keyValues.rows, count, scores.data(), stride);
                std::vector<SoftmaxPart> parts;
                for (int head = 0; head < heads; ++head)
                    parts.push_back(set->exponentials(scores.data() + head * stride, count));
                set->sumValues(scores.data(), stride, heads, keyValues.rows, count, out.data());
                for (int head = 0; head < heads; ++head) {
                    const std::vector<double> expected =
                        plainAttention(queries.data() + head * dim, keyValues, 0, count, 1, 0);
                    std::vector<float> actual;
                    for (int d = 0; d < dim; ++d)
                        actual.push_back(out[head * dim + d] / parts[head].sum);
                    actual.push_back(parts[head].greatest + std::log(parts[head].sum));
                    QVERIFY(difference(actual, expected) < 1e-5);
                }
            }
        }
    }
}

void KernelsTest::weighsNoKeys()
{
    for (const Kernels *set : supportedKernels()) {
        std::vector<float> scores(19, -INFINITY);
        const SoftmaxPart part = set->exponentials(scores.data(), std::ssize(scores));
        QCOMPARE(part.sum, 0.0F);
        QCOMPARE(scores, std::vector<float>(19, 0.0F));
    }
}

/// Rows [first, …) of queries that see keys [begins, ends), against plainAttention.
template <typename Attend>
void checkRows(Attend attend, double tolerance, ElementType type, std::int64_t dim,
               const std::vector<std::int32_t> &begins, const std::vector<std::int32_t> &ends, float softcap)
{
    const auto count = std::ssize(ends);
    const KeyValues keyValues(*std::ranges::max_element(ends), dim, type);
    const std::vector<float> queries = randomValues(count * dim);
    std::vector<float> outputs(count * dim, -7), sums(count);
    std::vector<const float *> queryRows;
    std::vector<float *> outputRows;
    for (std::int64_t i = 0; i < count; ++i) {
        queryRows.push_back(queries.data() + i * dim);
        outputRows.push_back(outputs.data() + i * dim);
    }
    const float scale = 1 / std::sqrt(static_cast<float>(dim));
    attend({queryRows.data(), outputRows.data(), sums.data(), begins.data(), ends.data(), count, scale, softcap},
           keyValues.rows);
    for (std::int64_t i = 0; i < count; ++i) {
        std::vector<double> expected = plainAttention(queryRows[i], keyValues, begins[i], ends[i], scale, softcap);
        std::vector<float> actual(outputRows[i], outputRows[i] + dim);
        if (ends[i] <= begins[i]) { // no key: weighs nothing
            QCOMPARE(sums[i], -INFINITY);
            expected.pop_back();
        } else {
            actual.push_back(sums[i]);
        }
        QVERIFY2(difference(actual, expected) < tolerance, qPrintable(QString::number(difference(actual, expected))));
    }
}

/// Both kinds of products. Rounding to 12 bits leaves some 1e-4 of values around 1.
void checkRows(const Kernels &set, ElementType type, std::int64_t dim, const std::vector<std::int32_t> &begins,
               const std::vector<std::int32_t> &ends, float softcap)
{
    std::vector<float> scratch(static_cast<std::size_t>(set.attentionScratch(dim)));
    const auto exact = [&](const AttentionRows &rows, const KeyValueRows &keyValues) {
        set.attendRows(rows, keyValues, scratch.data());
    };
    checkRows(exact, 2e-5, type, dim, begins, ends, softcap);
    // Blocks that no query sees need not be there.
    const std::int64_t keys = *std::ranges::max_element(ends);
    const std::int64_t firstBlock = *std::ranges::min_element(begins) / packedKeys;
    const auto rounded = [&](const AttentionRows &rows, const KeyValueRows &keyValues) {
        std::vector<float> blocks;
        for (std::int64_t first = firstBlock * packedKeys; first < keys; first += packedKeys) {
            blocks.resize(blocks.size() + static_cast<std::size_t>(packedFloats(dim)));
            set.packKeyValues(keyValues, first, std::min(packedKeys, keys - first),
                              blocks.data() + blocks.size() - packedFloats(dim), scratch.data());
        }
        set.attendRowsRounded(rows, {blocks.data(), firstBlock, dim}, scratch.data());
    };
    checkRows(rounded, 1e-3, type, dim, begins, ends, softcap);
}

void KernelsTest::attendsCausally()
{
    for (const Kernels *set : supportedKernels()) {
        for (const ElementType type : {ElementType::Float32, ElementType::BFloat16}) {
            for (const auto &[dim, rows, past] : {std::tuple(64, 130, 200), {20, 7, 0}, {6, 1, 31}, {128, 49, 64}}) {
                std::vector<std::int32_t> begins(rows, 0), ends;
                for (int row = 0; row < rows; ++row)
                    ends.push_back(past + row / 3 + 1);
                checkRows(*set, type, dim, begins, ends, 0);
                checkRows(*set, type, dim, begins, ends, 3);
            }
        }
    }
}

void KernelsTest::attendsInWindows()
{
    for (const Kernels *set : supportedKernels()) {
        std::vector<std::int32_t> begins, ends;
        for (int row = 0; row < 100; ++row) {
            ends.push_back(row < 2 ? 0 : 150 + row);
            begins.push_back(row < 2 ? 0 : std::max(0, 150 + row - (row % 2 ? 40 : 3)));
        }
        checkRows(*set, ElementType::Float32, 32, begins, ends, 0);
    }
}

QTEST_APPLESS_MAIN(KernelsTest)
#include "KernelsTest.moc"
