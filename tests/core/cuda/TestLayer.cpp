// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/cuda/TestLayer.h"

#include <algorithm>
#include <cmath>

namespace headkv::cuda {

std::uint16_t toBits(Type type, float value)
{
    return type == Type::BFloat16 ? BFloat16::fromFloat(value) : Float16::fromFloat(value);
}

double fromBits(Type type, std::uint16_t bits)
{
    return type == Type::BFloat16 ? BFloat16::toFloat(bits) : Float16::toFloat(bits);
}

TestArray::TestArray(Machine &machine, Random &random, Type elements, std::size_t count, double magnitude)
    : type(elements)
    , values(count)
{
    std::uniform_real_distribution<float> uniform(static_cast<float>(-magnitude), static_cast<float>(magnitude));
    std::vector<float> floats(count);
    std::vector<std::uint16_t> bits(count);
    for (std::size_t i = 0; i < count; ++i) {
        floats[i] = uniform(random);
        if (type != Type::Float32)
            bits[i] = toBits(type, floats[i]);
        values[i] = type == Type::Float32 ? floats[i] : fromBits(type, bits[i]);
    }
    device = type == Type::Float32 ? static_cast<void *>(upload(machine, floats)) : upload(machine, bits);
}

TestLayer::TestLayer(Machine &machine, Random &random, Type elements, int elementsPerRow,
                     const std::vector<std::int32_t> &lengthsOfLists, int room)
    : type(elements)
    , dim(elementsPerRow)
    , lengths(lengthsOfLists)
{
    std::uniform_real_distribution<float> uniform(-2, 2);
    std::int64_t rows = 3; // before the first list
    for (std::size_t list = 0; list < lengths.size(); ++list) {
        offsets.push_back(rows);
        rows += lengths[list] + room + static_cast<int>(list % 3);
    }
    offsets.push_back(rows);
    keys.assign(rows * dim, toBits(type, std::nanf("")));
    values = keys;
    positions.assign(rows, -2);
    for (std::size_t list = 0; list < lengths.size(); ++list) {
        for (std::int64_t i = offsets[list] * dim; i < (offsets[list] + lengths[list]) * dim; ++i) {
            keys[i] = toBits(type, uniform(random));
            values[i] = toBits(type, uniform(random) / 2);
        }
        for (std::int32_t entry = 0, position = -1; entry < lengths[list]; ++entry) {
            position += 1 + static_cast<int>(random() % 3);
            positions[offsets[list] + entry] = position;
        }
    }
    lists = {upload(machine, keys),
             upload(machine, values),
             upload(machine, positions),
             type,
             dim,
             static_cast<int>(lengths.size()),
             upload(machine, offsets),
             upload(machine, lengths)};
}

double TestLayer::key(int list, std::int64_t entry, int d) const
{
    return fromBits(type, keys[(offsets[list] + entry) * dim + d]);
}

double TestLayer::value(int list, std::int64_t entry, int d) const
{
    return fromBits(type, values[(offsets[list] + entry) * dim + d]);
}

void TestLayer::readBack(Machine &machine)
{
    keys = download(machine, static_cast<const std::uint16_t *>(lists.keys), keys.size());
    values = download(machine, static_cast<const std::uint16_t *>(lists.values), values.size());
    positions = download<std::int32_t>(machine, lists.positions, positions.size());
    lengths = download<std::int32_t>(machine, lists.lengths, lengths.size());
}

std::string difference(const std::vector<double> &actual, const std::vector<double> &expected, double absolute,
                       double relative)
{
    if (actual.size() != expected.size())
        return std::to_string(actual.size()) + " numbers instead of " + std::to_string(expected.size());
    std::size_t wrong = 0, worst = 0;
    double greatest = 0;
    for (std::size_t i = 0; i < actual.size(); ++i) {
        const double excess = std::abs(actual[i] - expected[i]) / (absolute + relative * std::abs(expected[i]));
        if (!(excess <= 1)) {
            ++wrong;
            if (std::isnan(excess) || excess > greatest) {
                greatest = std::isnan(excess) ? greatest : excess;
                worst = i;
            }
        }
    }
    if (wrong == 0)
        return {};
    return std::to_string(wrong) + " of " + std::to_string(actual.size()) + " numbers differ; " +
           std::to_string(worst) + ": " + std::to_string(actual[worst]) + " instead of " +
           std::to_string(expected[worst]);
}

} // namespace headkv::cuda
