// SPDX-License-Identifier: GPL-3.0-or-later
// What the kernels reach of what the machine can do: reading memory, and LibTorch's own product of matrices, are
// measured in the same run. Counters: GB/s and GFLOP/s, and the share of those two.
#include "core/attention/DecodeAttention.h"
#include "core/attention/PrefillAttention.h"
#include "core/kernels/Kernels.h"
#include "core/model/Products.h"
#include "core/model/Weights.h"

#include <ATen/Parallel.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/rand.h>
#include <algorithm>
#include <atomic>
#include <benchmark/benchmark.h>
#include <c10/core/InferenceMode.h>
#include <chrono>
#include <random>

using namespace headkv;

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// Reads 512 MiB on all threads, the best of several times: bytes a second.
double memoryBandwidth()
{
    static const double bandwidth = [] {
        const std::vector<std::uint64_t> words(std::size_t{64} << 20, 1);
        double best = 0;
        for (int round = 0; round < 8; ++round) {
            std::atomic<std::uint64_t> sum = 0;
            const Clock::time_point begin = Clock::now();
            at::parallel_for(0, std::ssize(words), 1, [&](std::int64_t first, std::int64_t last) {
                std::uint64_t part = 0;
                for (std::int64_t i = first; i < last; ++i)
                    part += words[static_cast<std::size_t>(i)];
                sum += part;
            });
            best = std::max(best, static_cast<double>(words.size() * sizeof(std::uint64_t)) / secondsSince(begin));
            benchmark::DoNotOptimize(sum.load());
        }
        return best;
    }();
    return bandwidth;
}

/// LibTorch's product of two 1,024 × 1,024 matrices of float32: operations a second.
double productRate()
{
    static const double rate = [] {
        const c10::InferenceMode guard;
        constexpr double operations = 2.0 * 1024 * 1024 * 1024;
        const at::Tensor a = at::rand({1024, 1024}), b = at::rand({1024, 1024});
        double best = 0;
        for (int round = 0; round < 8; ++round) {
            const Clock::time_point begin = Clock::now();
            benchmark::DoNotOptimize(at::mm(a, b));
            best = std::max(best, operations / secondsSince(begin));
        }
        return best;
    }();
    return rate;
}

/// What one iteration moved and computed.
void report(benchmark::State &state, double bytes, double operations)
{
    using benchmark::Counter;
    const auto iterations = static_cast<double>(state.iterations());
    state.counters["GB/s"] = Counter(bytes * iterations / 1e9, Counter::kIsRate);
    state.counters["of_memory"] = Counter(bytes * iterations / memoryBandwidth(), Counter::kIsRate);
    state.counters["GFLOP/s"] = Counter(operations * iterations / 1e9, Counter::kIsRate);
    state.counters["of_product"] = Counter(operations * iterations / productRate(), Counter::kIsRate);
}

std::vector<float> randomValues(std::size_t count)
{
    std::mt19937 random(1);
    std::uniform_real_distribution<float> uniform(-1, 1);
    std::vector<float> values(count);
    for (float &value : values)
        value = uniform(random);
    return values;
}

std::vector<std::uint16_t> randomBFloat16(std::size_t count)
{
    const std::vector<float> values = randomValues(count);
    std::vector<std::uint16_t> bits(count);
    kernels().toBFloat16(values.data(), bits.data(), std::ssize(values));
    return bits;
}

/// The default model's layer: 9 query heads, 3 KV heads of 64.
constexpr AttentionShape shape{9, 3, 64};

/// One token over so many layers of lists that do not fit into a cache, as decoding goes through a model's.
void decodeAttention(benchmark::State &state)
{
    const std::int64_t tokens = state.range(0);
    const auto layers = std::max<std::int64_t>(1, 30 * 8192 / tokens / 2);
    const auto count = static_cast<std::size_t>(layers * shape.kvHeads * tokens * shape.dim);
    const std::vector<std::uint16_t> keys = randomBFloat16(count), values = randomBFloat16(count);
    const std::vector<float> queries = randomValues(shape.queryHeads * shape.dim);
    std::vector<float> output(queries.size());
    DecodeAttention attention;
    std::vector<DecodeList> lists(shape.kvHeads);
    for (auto _ : state) {
        for (std::int64_t layer = 0; layer < layers; ++layer) {
            for (std::int64_t head = 0; head < shape.kvHeads; ++head) {
                const std::int64_t offset = (layer * shape.kvHeads + head) * tokens * shape.dim;
                lists[head] = {
                    {keys.data() + offset, values.data() + offset, ElementType::BFloat16, shape.dim}, tokens, {}, 0};
            }
            attention.attend(queries.data(), shape.queryHeads, lists, tokens - 1, {0.125, 0, 0}, output.data());
            benchmark::DoNotOptimize(output.data());
        }
    }
    const double entries = static_cast<double>(layers * tokens);
    report(state, entries * shape.kvHeads * shape.dim * 4, entries * shape.queryHeads * shape.dim * 4);
}
BENCHMARK(decodeAttention)->Arg(128)->Arg(1024)->Arg(8192)->Unit(benchmark::kMillisecond)->UseRealTime();

/// A chunk of 512 tokens that ends at so many.
void prefillAttention(benchmark::State &state, bool exact)
{
    constexpr std::int64_t chunk = 512;
    const std::int64_t tokens = state.range(0);
    const std::vector<float> keys = randomValues(shape.kvHeads * tokens * shape.dim), values = keys;
    const std::vector<float> queries = randomValues(chunk * shape.queryHeads * shape.dim);
    std::vector<float> output(queries.size());
    std::vector<KeyValueRows> rows;
    for (std::int64_t head = 0; head < shape.kvHeads; ++head)
        rows.push_back({keys.data() + head * tokens * shape.dim, values.data() + head * tokens * shape.dim,
                        ElementType::Float32, shape.dim});
    for (auto _ : state)
        headkv::prefillAttention(queries.data(), chunk, shape, rows, tokens, {0.125, 0, 0}, exact, output.data());
    const double seen = static_cast<double>(chunk) * (static_cast<double>(tokens) - chunk / 2.0);
    report(state, static_cast<double>(2 * keys.size() * sizeof(float)), seen * shape.queryHeads * shape.dim * 4);
}
BENCHMARK_CAPTURE(prefillAttention, exact, true)->Arg(512)->Arg(8192)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(prefillAttention, rounded, false)->Arg(512)->Arg(8192)->Unit(benchmark::kMillisecond)->UseRealTime();

/// Rows of activations times as many matrices [1536, 576] as a model of 100 million weights has.
void multiplyMatrices(benchmark::State &state, QuantizedMatrix::Bits bits)
{
    constexpr std::int64_t outputs = 1536, inputs = 576, matrices = 113;
    const std::int64_t rows = state.range(0);
    const std::vector<float> row = randomValues(inputs);
    std::vector<Linear> linears(rows == 1 ? matrices : 4);
    for (Linear &linear : linears) {
        auto matrix = std::make_shared<QuantizedMatrix>(bits, outputs, inputs);
        for (std::int64_t output = 0; output < outputs; ++output)
            matrix->setRounded(output, row);
        linear.quantized = std::move(matrix);
    }
    const std::vector<float> x = randomValues(rows * inputs);
    std::vector<float> out(rows * outputs);
    Activations activations;
    for (auto _ : state) {
        for (const Linear &linear : linears) {
            activations.take(x.data(), rows, inputs);
            const Product product{&linear, out.data()};
            multiply(activations, {&product, 1});
        }
    }
    const auto count = static_cast<double>(linears.size());
    report(state, count * static_cast<double>(linears.front().quantized->bytes()),
           count * 2 * static_cast<double>(rows * outputs * inputs));
}
BENCHMARK_CAPTURE(multiplyMatrices, int4, QuantizedMatrix::Bits::Four)
    ->Arg(1)
    ->Arg(16)
    ->Arg(512)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(multiplyMatrices, int8, QuantizedMatrix::Bits::Eight)
    ->Arg(1)
    ->Arg(64)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

} // namespace

int main(int argc, char **argv)
{
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
        return 1;
    benchmark::AddCustomContext("kernels", std::string(kernels().name));
    benchmark::AddCustomContext("threads", std::to_string(at::get_num_threads()));
    benchmark::AddCustomContext("memory_gb_per_s", std::to_string(memoryBandwidth() / 1e9));
    benchmark::AddCustomContext("product_gflop_per_s", std::to_string(productRate() / 1e9));
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
