// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/cuda/TestLayer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

namespace headkv::cuda {

namespace {

struct Shape
{
    Type type = Type::BFloat16;
    int dim = 128, group = 4;
    std::vector<std::int32_t> lengths;
    Type activations = Type::Float32;
    bool window = false, compensated = false;
    double softcap = 0;
};

std::string nameOf(Type type)
{
    return type == Type::BFloat16 ? "bfloat16" : type == Type::Float16 ? "float16" : "float32";
}

std::string nameOf(const Shape &shape)
{
    std::string name = "decode " + nameOf(shape.type) + " D=" + std::to_string(shape.dim) +
                       " group=" + std::to_string(shape.group) + " lists=" + std::to_string(shape.lengths.size());
    if (shape.activations != Type::Float32)
        name += " activations=" + nameOf(shape.activations);
    return name + (shape.window ? " window" : "") + (shape.compensated ? " compensated" : "") +
           (shape.softcap > 0 ? " softcap" : "");
}

/// What one head's attention is, in double.
void attend(const TestLayer &layer, int list, const double *query, double scale, double softcap, std::int32_t begin,
            std::int32_t compensated, double *output)
{
    const std::int32_t end = layer.lengths[list];
    std::vector<double> scores(std::max(0, end - begin));
    double greatest = -std::numeric_limits<double>::infinity(), sum = 0;
    for (std::int32_t entry = begin; entry < end; ++entry) {
        double &score = scores[entry - begin];
        for (int d = 0; d < layer.dim; ++d)
            score += query[d] * layer.key(list, entry, d);
        score *= scale;
        if (softcap > 0)
            score = std::tanh(score / softcap) * softcap;
        if (entry == 0 && compensated > 0)
            score += std::log(compensated);
        greatest = std::max(greatest, score);
    }
    std::fill_n(output, layer.dim, 0);
    for (std::int32_t entry = begin; entry < end; ++entry) {
        const double weight = std::exp(scores[entry - begin] - greatest);
        sum += weight;
        for (int d = 0; d < layer.dim; ++d)
            output[d] += weight * layer.value(list, entry, d);
    }
    for (int d = 0; sum > 0 && d < layer.dim; ++d)
        output[d] /= sum;
}

/// A layer with what a decode attention needs beside it.
class Decode
{
public:
    Decode(Machine &machine, Random &random, const Shape &shape, int room = 5)
        : m_machine(machine)
        , m_random(random)
        , m_shape(shape)
        , layer(machine, random, shape.type, shape.dim, shape.lengths, room)
        , m_heads(layer.lists.count * shape.group)
    {
        const int lists = layer.lists.count;
        for (int list = 0; list < lists; ++list) {
            const std::int32_t length = shape.lengths[list];
            m_begins.push_back(shape.window ? static_cast<std::int32_t>(random() % (length + 2)) : 0);
            m_compensated.push_back(shape.compensated && list % 2 == 0 ? 1 + static_cast<std::int32_t>(random() % 500)
                                                                       : 0);
        }
        if (shape.window) // what is behind the window's begin is seen, be it nothing
            m_begins.front() = shape.lengths.front();
        arguments.lists = layer.lists;
        arguments.activations = shape.activations;
        arguments.heads = m_heads;
        arguments.begins = shape.window ? upload(machine, m_begins) : nullptr;
        arguments.compensated = shape.compensated ? upload(machine, m_compensated) : nullptr;
        arguments.scale = 1 / std::sqrt(static_cast<float>(shape.dim));
        arguments.softcap = static_cast<float>(shape.softcap);
        const std::size_t outputs = static_cast<std::size_t>(m_heads) * shape.dim * bytesOf(shape.activations);
        arguments.output = machine.allocate(outputs);
        const std::size_t bytes = decodeWorkspaceBytes(machine.multiprocessors(), lists, m_heads, shape.dim);
        arguments.workspace =
            upload(machine, std::vector<unsigned char>(bytes, 0xff)); // NaN, and counters that are off
        status =
            prepareDecode(arguments.workspace, machine.multiprocessors(), lists, m_heads, shape.dim, machine.stream());
        newQueries();
    }

    void newQueries()
    {
        m_queries = std::make_unique<TestArray>(m_machine, m_random, m_shape.activations,
                                                static_cast<std::size_t>(m_heads) * m_shape.dim, 3);
        if (arguments.queries == nullptr) {
            arguments.queries = m_queries->device;
            return;
        }
        const std::size_t bytes = m_queries->values.size() * bytesOf(m_shape.activations);
        std::vector<unsigned char> copy(bytes);
        m_machine.read(copy.data(), m_queries->device, bytes);
        m_machine.write(const_cast<void *>(arguments.queries), copy.data(), bytes);
    }
    void spoilOutput()
    {
        const std::vector<unsigned char> nans(
            static_cast<std::size_t>(m_heads) * m_shape.dim * bytesOf(m_shape.activations), 0xff);
        m_machine.write(arguments.output, nans.data(), nans.size());
    }
    void enqueue()
    {
        if (const Status now = decodeAttention(arguments, m_machine.multiprocessors(), m_machine.stream()); now != 0)
            status = now;
    }
    std::string check()
    {
        if (status != 0)
            return "a call returned " + std::to_string(status);
        const std::size_t count = static_cast<std::size_t>(m_heads) * m_shape.dim;
        std::vector<unsigned char> bytes(count * bytesOf(m_shape.activations));
        m_machine.read(bytes.data(), arguments.output, bytes.size());
        std::vector<double> actual(count), expected(count);
        for (std::size_t i = 0; i < count; ++i)
            actual[i] = loadElement(bytes.data(), m_shape.activations, static_cast<std::int64_t>(i));
        for (int head = 0; head < m_heads; ++head) {
            const int list = head / m_shape.group;
            attend(layer, list, m_queries->values.data() + static_cast<std::ptrdiff_t>(head) * m_shape.dim,
                   arguments.scale, m_shape.softcap, m_begins[list], m_compensated[list],
                   expected.data() + static_cast<std::ptrdiff_t>(head) * m_shape.dim);
        }
        // Sums in float32; a 16-bit output is rounded to its last place.
        const double rounding = m_shape.activations == Type::Float32    ? 0
                                : m_shape.activations == Type::BFloat16 ? 1.0 / 256
                                                                        : 1.0 / 2048;
        return difference(actual, expected, 2e-5, rounding);
    }

private:
    Machine &m_machine;
    Random &m_random;
    Shape m_shape;

public:
    TestLayer layer;
    DecodeArguments arguments;
    Status status = 0;

private:
    int m_heads;
    std::vector<std::int32_t> m_begins, m_compensated;
    std::unique_ptr<TestArray> m_queries;
};

/// Twice with other queries, since a call leaves the workspace ready for the next.
std::string runShape(Machine &machine, const Shape &shape)
{
    Random random(5);
    Decode decode(machine, random, shape);
    for (int call = 0; call < 2; ++call) {
        decode.newQueries();
        decode.spoilOutput();
        decode.enqueue();
        if (const std::string wrong = decode.check(); !wrong.empty())
            return "call " + std::to_string(call) + ": " + wrong;
    }
    return {};
}

/// A step of decoding, captured once: a token is appended to every list and attended, with what is new in device
/// memory.
std::string runReplay(Machine &machine)
{
    constexpr int steps = 40, dim = 64, group = 3;
    Random random(9);
    const Shape shape{Type::BFloat16, dim, group, {0, 250, 1, 517}};
    Decode decode(machine, random, shape, steps);
    const int lists = decode.layer.lists.count;
    std::vector<std::uint16_t> rows(static_cast<std::size_t>(lists) * dim);
    auto *keys = upload(machine, rows), *values = upload(machine, rows);
    auto *position = upload(machine, std::vector<std::int32_t>{0});
    Status status = 0;
    const auto step = machine.capture([&] {
        status = appendToken(decode.layer.lists, keys, values, lists, position, nullptr, machine.stream());
        decode.enqueue();
    });
    std::uniform_real_distribution<float> uniform(-2, 2);
    for (std::int32_t i = 0; i < steps && status == 0; ++i) {
        for (auto *array : {keys, values}) {
            std::ranges::generate(rows, [&] { return toBits(Type::BFloat16, uniform(random)); });
            machine.write(array, rows.data(), rows.size() * sizeof(std::uint16_t));
        }
        const std::int32_t at = 2000 + i;
        machine.write(position, &at, sizeof at);
        decode.newQueries();
        decode.spoilOutput();
        step();
        decode.layer.readBack(machine);
        for (int list = 0; list < lists; ++list) {
            const std::int64_t end = decode.layer.offsets[list] + decode.layer.lengths[list];
            if (decode.layer.lengths[list] != shape.lengths[list] + i + 1 || decode.layer.positions[end - 1] != at)
                return "step " + std::to_string(i) + ": list " + std::to_string(list) + " was not appended to";
        }
        if (const std::string wrong = decode.check(); !wrong.empty())
            return "step " + std::to_string(i) + ": " + wrong;
    }
    return status == 0 ? std::string() : "append returned " + std::to_string(status);
}

/// Calls one after another on the same: bit for bit the same output, whichever blocks are done first.
std::string runRepeats(Machine &machine, const Shape &shape)
{
    Random random(2);
    Decode decode(machine, random, shape);
    const std::size_t bytes = static_cast<std::size_t>(decode.arguments.heads) * shape.dim * bytesOf(shape.activations);
    std::vector<void *> outputs(machine.isEmulated() ? 4 : 50);
    for (void *&output : outputs) {
        output = machine.allocate(bytes);
        decode.arguments.output = output;
        decode.enqueue();
    }
    if (std::string wrong = decode.check(); !wrong.empty())
        return wrong;
    const auto first = download(machine, static_cast<const unsigned char *>(outputs.front()), bytes);
    for (std::size_t i = 1; i < outputs.size(); ++i) {
        if (download(machine, static_cast<const unsigned char *>(outputs[i]), bytes) != first)
            return "call " + std::to_string(i) + " gave other bits than the first";
    }
    return {};
}

std::string runRefusals(Machine &machine)
{
    Random random(1);
    Decode decode(machine, random, {Type::BFloat16, 64, 2, {3, 4}});
    auto refuses = [&](auto change) {
        DecodeArguments arguments = decode.arguments;
        change(arguments);
        return decodeAttention(arguments, machine.multiprocessors(), machine.stream()) != 0;
    };
    if (!refuses([](DecodeArguments &a) { a.lists.dim = 72; }))
        return "D = 72 was taken";
    if (!refuses([](DecodeArguments &a) { a.heads = 3; }))
        return "3 heads over 2 lists were taken";
    if (!refuses([](DecodeArguments &a) { a.workspace = nullptr; }))
        return "no workspace was taken";
    if (!refuses([](DecodeArguments &a) { a.lists.type = Type::Float32; }))
        return "float32 keys were taken";
    if (!refuses([](DecodeArguments &a) { a.lists.count = 0; }))
        return "no lists were taken";
    return decodeWorkspaceBytes(8, 2000, 2000, 64) == 0 ? std::string() : "2,000 lists were taken";
}

} // namespace

std::vector<KernelCase> decodeCases(bool small)
{
    std::vector<Shape> shapes;
    const std::vector<std::int32_t> ragged = {0, 1, 130, 7, 613};
    for (const Type type : {Type::BFloat16, Type::Float16}) {
        for (const int dim : {64, 80, 96, 112, 128, 192, 256}) {
            for (const int group : {1, 3, 4, 8}) {
                if (!small || group == 3 || (dim == 128 && type == Type::BFloat16) || (dim == 64 && group == 8))
                    shapes.push_back({type, dim, group, ragged});
            }
        }
    }
    shapes.push_back({Type::BFloat16, 64, 12, {200, 0, 333}});
    shapes.push_back({Type::Float16, 80, 16, {200, 0, 333}});
    shapes.push_back({Type::BFloat16, 256, 9, {70, 150}, Type::BFloat16});
    shapes.push_back({Type::BFloat16, 64, 20, {200, 0, 333}}); // more heads than a block serves
    shapes.push_back({Type::BFloat16, 128, 2, {400, 35, 0}, Type::BFloat16});
    shapes.push_back({Type::Float16, 128, 4, {400, 35, 0}, Type::Float16});
    shapes.push_back({Type::BFloat16, 128, 4, {300, 900, 41, 5}, Type::Float32, true});
    shapes.push_back({Type::BFloat16, 64, 1, {300, 900, 41, 5}, Type::Float32, false, true});
    shapes.push_back({Type::BFloat16, 256, 8, {300, 900, 41, 5}, Type::Float32, true, true, 30});
    shapes.push_back({Type::Float16, 96, 1, {0, 0, 0}}); // nothing at all
    std::vector<std::int32_t> many(70);
    for (std::size_t i = 0; i < many.size(); ++i)
        many[i] = static_cast<std::int32_t>(i * 37 % 50);
    shapes.push_back({Type::BFloat16, 64, 1, many});
    if (!small) {
        shapes.push_back({Type::BFloat16, 128, 4, {20011, 3, 9000, 0, 12345, 128, 700, 32768}});
        shapes.push_back({Type::BFloat16, 128, 8, {65537}});
        shapes.push_back({Type::Float16, 64, 1, std::vector<std::int32_t>(300, 131)});
        shapes.push_back({Type::BFloat16, 128, 1, std::vector<std::int32_t>(1024, 19)});
        shapes.push_back({Type::BFloat16, 128, 20, {5000, 6000}});
    }
    std::vector<KernelCase> cases;
    cases.reserve(shapes.size() + 3);
    for (const Shape &shape : shapes)
        cases.push_back({nameOf(shape), [shape](Machine &machine) { return runShape(machine, shape); }});
    const Shape repeated{Type::BFloat16, 128, 4, small ? ragged : std::vector<std::int32_t>{5000, 1, 40, 16000, 2222}};
    cases.push_back({"decode repeated", [repeated](Machine &machine) { return runRepeats(machine, repeated); }});
    cases.push_back({"decode replayed while lists grow", runReplay});
    cases.push_back({"decode refuses what it cannot do", runRefusals});
    return cases;
}

} // namespace headkv::cuda
