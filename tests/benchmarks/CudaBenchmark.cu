// SPDX-License-Identifier: GPL-3.0-or-later
// How near the CUDA kernels come to what the device's memory can do.   CudaBenchmark [--json FILE] [--seconds S]
// [--only WORD] A step goes through so many layers that none of it is in a cache when its turn comes again, as decoding
// does; it is a captured graph, timed by events. Exit status 77 where there is no device.
#include "core/cuda/CudaKernels.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cuda_runtime.h>
#include <functional>
#include <iterator>
#include <numeric>
#include <random>
#include <string>
#include <vector>

using namespace headkv::cuda;

namespace {

void check(cudaError_t status, const char *what)
{
    if (status == cudaSuccess)
        return;
    std::fprintf(stderr, "CudaBenchmark: %s: %s\n", what, cudaGetErrorString(status));
    std::exit(1);
}

void check(Status status, const char *what) { check(static_cast<cudaError_t>(status), what); }

/// Numbers between −1 and 1 in a type of 16 bits, from a hash of their index.
template <class Element>
__global__ void fillKernel(std::uint16_t *values, std::size_t count, unsigned seed)
{
    const std::size_t threads = std::size_t{gridDim.x} * blockDim.x;
    for (std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += threads) {
        auto hash = static_cast<unsigned>(i) * 2654435761U + seed;
        hash = (hash ^ hash >> 15) * 2246822519U;
        hash ^= hash >> 13;
        values[i] = Element::fromFloat(static_cast<float>(hash & 0xffffU) / 32768 - 1);
    }
}

/// Reads all and writes nothing, as attention nearly does.
__global__ void __launch_bounds__(512) readKernel(const uint4 *words, std::size_t count, unsigned *result)
{
    const std::size_t threads = std::size_t{gridDim.x} * blockDim.x;
    unsigned sum = 0;
#pragma unroll 8
    for (std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += threads) {
        const uint4 word = words[i];
        sum ^= word.x ^ word.y ^ word.z ^ word.w;
    }
    if (sum == 0x12345678U)
        *result = sum;
}

/// Reads all and writes as much, sixteen bytes a thread and four times at once.
__global__ void __launch_bounds__(512) copyKernel(uint4 *to, const uint4 *from, std::size_t count)
{
    const std::size_t threads = std::size_t{gridDim.x} * blockDim.x;
#pragma unroll 4
    for (std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += threads)
        to[i] = from[i];
}

/// Device memory that is given back together.
class Memory
{
public:
    Memory() = default;
    Memory(const Memory &) = delete;
    Memory &operator=(const Memory &) = delete;
    ~Memory()
    {
        for (void *memory : m_all)
            cudaFree(memory);
    }
    template <class Element>
    Element *get(std::size_t count)
    {
        void *memory = nullptr;
        check(cudaMalloc(&memory, std::max<std::size_t>(1, count * sizeof(Element))), "memory");
        m_all.push_back(memory);
        return static_cast<Element *>(memory);
    }
    template <class Element>
    Element *put(const std::vector<Element> &values)
    {
        auto *memory = get<Element>(values.size());
        check(cudaMemcpy(memory, values.data(), values.size() * sizeof(Element), cudaMemcpyHostToDevice), "a copy");
        return memory;
    }
    std::uint16_t *random(Type type, std::size_t count)
    {
        auto *memory = get<std::uint16_t>(count);
        if (type == Type::BFloat16)
            fillKernel<BFloat16><<<1024, 256>>>(memory, count, ++m_seed);
        else
            fillKernel<Float16><<<1024, 256>>>(memory, count, ++m_seed);
        check(cudaGetLastError(), "filling");
        return memory;
    }

private:
    std::vector<void *> m_all;
    unsigned m_seed = 0;
};

class Bench
{
public:
    explicit Bench(double seconds)
        : m_seconds(seconds)
    {
        check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "a stream");
        check(cudaEventCreate(&m_begin), "an event");
        check(cudaEventCreate(&m_end), "an event");
        check(cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, 0), "the device");
    }
    /// Median time of what the calls enqueue, in seconds, after a warm-up.
    double time(const std::function<void()> &calls)
    {
        check(cudaDeviceSynchronize(), "what comes before");
        cudaGraph_t graph = nullptr;
        cudaGraphExec_t executable = nullptr;
        check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal), "a capture");
        calls();
        check(cudaStreamEndCapture(stream, &graph), "a capture");
        check(cudaGraphInstantiate(&executable, graph, 0), "a graph");
        std::vector<double> times;
        double total = 0;
        for (int run = -3; run < 5 || (total < m_seconds && run < 200); ++run) {
            check(cudaEventRecord(m_begin, stream), "an event");
            check(cudaGraphLaunch(executable, stream), "a launch");
            check(cudaEventRecord(m_end, stream), "an event");
            check(cudaEventSynchronize(m_end), "a kernel");
            float milliseconds = 0;
            check(cudaEventElapsedTime(&milliseconds, m_begin, m_end), "an event");
            if (run >= 0) {
                times.push_back(milliseconds / 1e3);
                total += times.back();
            }
        }
        check(cudaGraphExecDestroy(executable), "a graph");
        check(cudaGraphDestroy(graph), "a graph");
        std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
        return times[times.size() / 2];
    }

    cudaStream_t stream = nullptr;
    int multiprocessors = 0;

private:
    double m_seconds;
    cudaEvent_t m_begin = nullptr, m_end = nullptr;
};

struct Row
{
    std::string name;
    int layers = 1;
    double microseconds = 0; ///< a layer
    double bytes = 0;        ///< a layer
    double operations = 0;   ///< a layer
};

/// Lists of so many layers, each layer in memory of its own, but one set of lengths and offsets.
struct Layers
{
    Layers(Memory &memory, Type type, int dim, const std::vector<std::int32_t> &lengths, int room,
           std::size_t leastBytes)
    {
        std::vector<std::int64_t> offsets = {0};
        for (const std::int32_t length : lengths) {
            offsets.push_back(offsets.back() + length + room);
            entries += length;
        }
        const std::size_t elements = static_cast<std::size_t>(offsets.back()) * static_cast<std::size_t>(dim);
        bytes = static_cast<double>(entries) * dim * 4;
        const auto count = std::clamp<std::size_t>(leastBytes / std::max<std::size_t>(1, elements * 4), 1, 512);
        auto *offsetsOnDevice = memory.put(offsets);
        for (std::size_t layer = 0; layer < count; ++layer)
            all.push_back({memory.random(type, elements), memory.random(type, elements), nullptr, type, dim,
                           static_cast<int>(lengths.size()), offsetsOnDevice, memory.put(lengths)});
    }

    std::vector<Lists> all;
    std::int64_t entries = 0;
    double bytes = 0; ///< of keys and values that a layer holds
};

constexpr std::size_t coldBytes = std::size_t{2} << 30;

struct DecodeShape
{
    const char *name;
    Type type;
    int dim, group;
    std::vector<std::int32_t> lengths;
    bool append = false;
};

Row decode(Bench &bench, const DecodeShape &shape)
{
    Memory memory;
    const int lists = static_cast<int>(shape.lengths.size()), heads = lists * shape.group;
    const Layers layers(memory, shape.type, shape.dim, shape.lengths, shape.append ? 1024 : 0, coldBytes);
    DecodeArguments arguments;
    arguments.queries = memory.random(shape.type, static_cast<std::size_t>(heads) * shape.dim);
    arguments.output = memory.get<std::uint16_t>(static_cast<std::size_t>(heads) * shape.dim);
    arguments.activations = shape.type;
    arguments.heads = heads;
    arguments.scale = 0.1F;
    arguments.workspace = memory.get<char>(decodeWorkspaceBytes(bench.multiprocessors, lists, heads, shape.dim));
    check(prepareDecode(arguments.workspace, bench.multiprocessors, lists, heads, shape.dim, bench.stream),
          "a workspace");
    auto *token = memory.random(shape.type, static_cast<std::size_t>(lists) * shape.dim);
    auto *position = memory.put(std::vector<std::int32_t>{0});
    const double seconds = bench.time([&] {
        for (const Lists &layer : layers.all) {
            if (shape.append)
                check(appendToken(layer, token, token, lists, position, nullptr, bench.stream), "an append");
            arguments.lists = layer;
            check(decodeAttention(arguments, bench.multiprocessors, bench.stream), "a decode");
        }
    });
    const auto count = static_cast<int>(layers.all.size());
    return {shape.name, count, seconds / count * 1e6, layers.bytes,
            static_cast<double>(layers.entries) * shape.group * shape.dim * 4};
}

Row scores(Bench &bench, const char *name, int window, int group, int length)
{
    Memory memory;
    constexpr int lists = 8, dim = 128;
    const Layers layers(memory, Type::BFloat16, dim, std::vector<std::int32_t>(lists, length), 0, coldBytes / 4);
    WindowScoreArguments arguments;
    arguments.heads = lists * group;
    arguments.window = window;
    arguments.queries = memory.random(Type::BFloat16, static_cast<std::size_t>(arguments.heads) * window * dim);
    arguments.activations = Type::BFloat16;
    arguments.scale = 0.1F;
    arguments.mostEntries = length;
    arguments.scores = memory.get<float>(static_cast<std::size_t>(lists) * length);
    arguments.workspace = memory.get<char>(windowScoresWorkspaceBytes(lists, arguments.heads, window, length));
    const double seconds = bench.time([&] {
        for (const Lists &layer : layers.all) {
            arguments.lists = layer;
            check(windowScores(arguments, bench.stream), "scores");
        }
    });
    const auto count = static_cast<int>(layers.all.size());
    const double products = 2.0 * arguments.heads * window * length * dim;
    return {name, count, seconds / count * 1e6, layers.bytes, 2 * products}; // the keys, twice
}

Row highest(Bench &bench, const char *name, int length, int capacity)
{
    Memory memory;
    constexpr int lists = 8, layers = 32;
    std::mt19937 random(1);
    std::exponential_distribution<float> exponential(1000);
    std::vector<float> values(static_cast<std::size_t>(lists) * length);
    std::generate(values.begin(), values.end(), [&] { return exponential(random); });
    auto *scoresOnDevice = memory.put(values);
    auto *lengths = memory.put(std::vector<std::int32_t>(lists, length));
    auto *capacities = memory.put(std::vector<std::int32_t>(lists, capacity));
    auto *indices = memory.get<std::int32_t>(static_cast<std::size_t>(lists) * (capacity + 8));
    auto *counts = memory.get<std::int32_t>(lists);
    const double seconds = bench.time([&] {
        for (int layer = 0; layer < layers; ++layer)
            check(keepHighest(scoresOnDevice, length, lengths, capacities, 8, lists, indices, capacity + 8, counts,
                              bench.stream),
                  "the highest");
    });
    return {name, layers, seconds / layers * 1e6, static_cast<double>(lists) * length * 4, 0};
}

Row gather(Bench &bench, const char *name, int length, int kept)
{
    Memory memory;
    constexpr int lists = 8, dim = 128;
    const Layers source(memory, Type::BFloat16, dim, std::vector<std::int32_t>(lists, length), 0, coldBytes);
    const Layers target(memory, Type::BFloat16, dim, std::vector<std::int32_t>(lists, kept), 0, 1);
    std::mt19937 random(1);
    std::vector<std::int32_t> indices, all(length);
    std::iota(all.begin(), all.end(), 0);
    for (int list = 0; list < lists; ++list)
        std::sample(all.begin(), all.end(), std::back_inserter(indices), kept, random);
    auto *indicesOnDevice = memory.put(indices);
    auto *counts = memory.put(std::vector<std::int32_t>(lists, kept));
    const double seconds = bench.time([&] {
        for (const Lists &layer : source.all)
            check(gatherEntries(layer, target.all.front(), indicesOnDevice, kept, counts, kept, nullptr, bench.stream),
                  "a gather");
    });
    const auto count = static_cast<int>(source.all.size());
    return {name, count, seconds / count * 1e6, 2 * target.bytes, 0};
}

struct Device
{
    cudaDeviceProp properties{};
    double datasheet = 0, copy = 0, read = 0; ///< bytes a second
};

Device measureDevice(Bench &bench)
{
    Device device;
    check(cudaGetDeviceProperties(&device.properties, 0), "the device");
    int kilohertz = 0, bits = 0;
    check(cudaDeviceGetAttribute(&kilohertz, cudaDevAttrMemoryClockRate, 0), "the memory's clock");
    check(cudaDeviceGetAttribute(&bits, cudaDevAttrGlobalMemoryBusWidth, 0), "the memory's width");
    device.datasheet = 2e3 * kilohertz * bits / 8;
    Memory memory;
    const std::size_t bytes = std::size_t{1} << 30;
    auto *from = memory.random(Type::BFloat16, bytes / 2), *to = memory.random(Type::BFloat16, bytes / 2);
    auto *result = memory.get<unsigned>(1);
    // Bytes read and bytes written; of cudaMemcpy and a plain kernel the faster.
    const double copied =
        bench.time([&] { check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, bench.stream), "a copy"); });
    const double copiedByKernel = bench.time([&] {
        copyKernel<<<bench.multiprocessors * 4, 512, 0, bench.stream>>>(
            reinterpret_cast<uint4 *>(to), reinterpret_cast<const uint4 *>(from), bytes / 16);
        check(cudaGetLastError(), "copying");
    });
    device.copy = 2 * static_cast<double>(bytes) / std::min(copied, copiedByKernel);
    device.read = static_cast<double>(bytes) / bench.time([&] {
        readKernel<<<bench.multiprocessors * 4, 512, 0, bench.stream>>>(reinterpret_cast<const uint4 *>(from),
                                                                        bytes / 16, result);
        check(cudaGetLastError(), "reading");
    });
    return device;
}

std::vector<Row> measure(Bench &bench, const std::string &only)
{
    const auto isWanted = [&only](const char *name) { return std::strstr(name, only.c_str()) != nullptr; };
    constexpr Type bf16 = Type::BFloat16, fp16 = Type::Float16;
    const auto equal = [](int lists, std::int32_t length) { return std::vector<std::int32_t>(lists, length); };
    std::vector<std::int32_t> heads; // as HeadKV shares out 1,024 tokens a query head
    std::mt19937 random(1);
    std::exponential_distribution<double> exponential(1.0 / 824);
    for (int head = 0; head < 32; ++head)
        heads.push_back(200 + static_cast<std::int32_t>(exponential(random)));
    const std::vector<DecodeShape> shapes = {
        {"decode 8 lists x 32768, group 4, D 128, bf16", bf16, 128, 4, equal(8, 32768)},
        {"decode 8 lists x 32768, group 4, D 128, fp16", fp16, 128, 4, equal(8, 32768)},
        {"append + decode 8 x 32768, group 4, D 128, bf16", bf16, 128, 4, equal(8, 32768), true},
        {"decode 8 lists x 32768, group 1, D 128, bf16", bf16, 128, 1, equal(8, 32768)},
        {"decode 8 lists x 32768, group 8, D 128, bf16", bf16, 128, 8, equal(8, 32768)},
        {"decode 8 lists x 32768, group 8, D 128, fp16", fp16, 128, 8, equal(8, 32768)},
        {"decode 8 lists x 32768, group 16, D 128, bf16", bf16, 128, 16, equal(8, 32768)},
        {"decode 3 lists x 32768, group 3, D 64, bf16", bf16, 64, 3, equal(3, 32768)},
        {"decode 8 lists x 32768, group 4, D 64, bf16", bf16, 64, 4, equal(8, 32768)},
        {"decode 8 lists x 32768, group 4, D 80, bf16", bf16, 80, 4, equal(8, 32768)},
        {"decode 8 lists x 32768, group 4, D 256, bf16", bf16, 256, 4, equal(8, 32768)},
        {"decode 32 lists x 32768, group 1, D 128, bf16", bf16, 128, 1, equal(32, 32768)},
        {"decode 8 lists x 8192, group 4, D 128, bf16", bf16, 128, 4, equal(8, 8192)},
        {"decode 8 lists x 1024, group 4, D 128, bf16", bf16, 128, 4, equal(8, 1024)},
        {"decode 8 lists x 128, group 4, D 128, bf16", bf16, 128, 4, equal(8, 128)},
        {"decode 32 lists x 128, group 1, D 128, bf16", bf16, 128, 1, equal(32, 128)},
        {"decode 32 ragged lists, mean 1024, group 1, D 128, bf16", bf16, 128, 1, heads},
    };
    std::vector<Row> rows;
    for (const DecodeShape &shape : shapes) {
        if (isWanted(shape.name))
            rows.push_back(decode(bench, shape));
    }
    for (const int window : {8, 64}) {
        const char *name =
            window == 8 ? "window scores 8 x 32768, window 8, group 4" : "window scores 8 x 32768, window 64, group 4";
        if (isWanted(name))
            rows.push_back(scores(bench, name, window, 4, 32768));
    }
    if (const char *name = "highest 1024 of 8 x 32768"; isWanted(name))
        rows.push_back(highest(bench, name, 32768, 1024));
    if (const char *name = "gather 1024 of 8 x 32768"; isWanted(name))
        rows.push_back(gather(bench, name, 32768, 1024));
    if (const char *name = "gather 16384 of 8 x 32768"; isWanted(name))
        rows.push_back(gather(bench, name, 32768, 16384));
    return rows;
}

void print(const Device &device, const std::vector<Row> &rows)
{
    std::printf("%s, %d multiprocessors, L2 %.0f MB; memory: datasheet %.0f GB/s, copy %.0f, read %.0f\n",
                device.properties.name, device.properties.multiProcessorCount, device.properties.l2CacheSize / 1e6,
                device.datasheet / 1e9, device.copy / 1e9, device.read / 1e9);
    std::printf("%-58s %7s %10s %9s %8s %8s %9s\n", "per layer", "layers", "us", "GB/s", "of read", "of sheet",
                "TFLOP/s");
    for (const Row &row : rows) {
        const double rate = row.bytes / row.microseconds * 1e6;
        std::printf("%-58s %7d %10.2f %9.1f %7.1f%% %7.1f%% %9.2f\n", row.name.c_str(), row.layers, row.microseconds,
                    rate / 1e9, 100 * rate / device.read, 100 * rate / device.datasheet,
                    row.operations / row.microseconds / 1e6);
    }
}

/// The goal: decode attention over 32,768 entries reads 80 % of what the data sheet says.
void printGoals(const Device &device, const std::vector<Row> &rows)
{
    for (const Row &row : rows) {
        if (row.name.find("decode") == std::string::npos || row.name.find("32768") == std::string::npos)
            continue;
        const double share = row.bytes / row.microseconds * 1e6 / device.datasheet;
        std::printf("goal of 80 %% of the data sheet: %-6s at %.1f %% by %s\n", share >= 0.8 ? "met" : "missed",
                    100 * share, row.name.c_str());
    }
}

void writeJson(const char *path, const Device &device, const std::vector<Row> &rows)
{
    std::FILE *file = std::fopen(path, "w");
    if (file == nullptr) {
        std::fprintf(stderr, "CudaBenchmark: %s cannot be written\n", path);
        std::exit(1);
    }
    std::fprintf(file,
                 "{\n  \"device\": \"%s\",\n  \"multiprocessors\": %d,\n  \"datasheet_gb_per_s\": %.1f,\n"
                 "  \"copy_gb_per_s\": %.1f,\n  \"read_gb_per_s\": %.1f,\n  \"rows\": [\n",
                 device.properties.name, device.properties.multiProcessorCount, device.datasheet / 1e9,
                 device.copy / 1e9, device.read / 1e9);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Row &row = rows[i];
        std::fprintf(file,
                     "    {\"name\": \"%s\", \"layers\": %d, \"us_per_layer\": %.3f, \"bytes_per_layer\": %.0f, "
                     "\"gb_per_s\": %.1f, \"of_read\": %.4f, \"of_datasheet\": %.4f, \"flop_per_layer\": %.0f}%s\n",
                     row.name.c_str(), row.layers, row.microseconds, row.bytes, row.bytes / row.microseconds / 1e3,
                     row.bytes / row.microseconds * 1e6 / device.read,
                     row.bytes / row.microseconds * 1e6 / device.datasheet, row.operations,
                     i + 1 < rows.size() ? "," : "");
    }
    std::fprintf(file, "  ]\n}\n");
    std::fclose(file);
}

} // namespace

int main(int argc, char **argv)
{
    const char *json = nullptr, *only = "";
    double seconds = 0.1;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (std::strcmp(argv[i], "--json") == 0)
            json = argv[i + 1];
        else if (std::strcmp(argv[i], "--seconds") == 0)
            seconds = std::atof(argv[i + 1]);
        else if (std::strcmp(argv[i], "--only") == 0)
            only = argv[i + 1];
    }
    int devices = 0;
    if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
        std::printf("skipped: no CUDA device\n");
        return 77;
    }
    Bench bench(seconds);
    const Device device = measureDevice(bench);
    const std::vector<Row> rows = measure(bench, only);
    print(device, rows);
    printGoals(device, rows);
    if (json != nullptr)
        writeJson(json, device, rows);
    return 0;
}
