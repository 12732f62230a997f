// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/core/cuda/KernelCases.h"

#include <random>

namespace headkv::cuda {

using Random = std::mt19937;

template <class Element>
Element *upload(Machine &machine, const std::vector<Element> &values)
{
    auto *device = static_cast<Element *>(machine.allocate(values.size() * sizeof(Element)));
    machine.write(device, values.data(), values.size() * sizeof(Element));
    return device;
}

template <class Element>
std::vector<Element> download(Machine &machine, const Element *device, std::size_t count)
{
    std::vector<Element> values(count);
    machine.read(values.data(), device, count * sizeof(Element));
    return values;
}

/// Random numbers, as a type holds them, and where they lie on the machine.
struct TestArray
{
    Type type = Type::Float32;
    std::vector<double> values; ///< what is held
    void *device = nullptr;

    TestArray(Machine &machine, Random &random, Type type, std::size_t count, double magnitude = 1);
};

/// Bits of a number in a type of 16 bits, and back.
[[nodiscard]] std::uint16_t toBits(Type type, float value);
[[nodiscard]] double fromBits(Type type, std::uint16_t bits);

/// A layer's lists of random keys and values, with odd room behind each that holds no numbers.
struct TestLayer
{
    Type type;
    int dim;
    std::vector<std::int32_t> lengths, positions;
    std::vector<std::int64_t> offsets;
    std::vector<std::uint16_t> keys, values;
    Lists lists; ///< on the machine

    TestLayer(Machine &machine, Random &random, Type type, int dim, const std::vector<std::int32_t> &lengths,
              int room = 5);
    [[nodiscard]] double key(int list, std::int64_t entry, int d) const;
    [[nodiscard]] double value(int list, std::int64_t entry, int d) const;
    /// What lies on the machine now.
    void readBack(Machine &machine);
};

/// Says where numbers differ by more than absolute + relative·|expected|, if they do.
[[nodiscard]] std::string difference(const std::vector<double> &actual, const std::vector<double> &expected,
                                     double absolute, double relative);
template <class Number>
std::string difference(const char *what, const std::vector<Number> &actual, const std::vector<Number> &expected)
{
    if (actual.size() != expected.size())
        return std::string(what) + ": " + std::to_string(actual.size()) + " instead of " +
               std::to_string(expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i) {
        if (actual[i] != expected[i])
            return std::string(what) + " " + std::to_string(i) + ": " + std::to_string(actual[i]) + " instead of " +
                   std::to_string(expected[i]);
    }
    return {};
}

} // namespace headkv::cuda
