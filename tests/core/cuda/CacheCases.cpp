// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/cuda/TestLayer.h"

#include <algorithm>

namespace headkv::cuda {

namespace {

std::string runAppend(Machine &machine, Type type, int dim, int groups, bool positions)
{
    Random random(3);
    const std::vector<std::int32_t> lengths = {0, 1, 30, 7, 64, 5};
    TestLayer layer(machine, random, type, dim, lengths, 1), before = layer;
    if (!positions)
        layer.lists.positions = nullptr;
    const int lists = layer.lists.count;
    // Rooms are 1, 2 and 3 rows: the second token is one too many for some lists, the third for more.
    TestArray keys(machine, random, type, static_cast<std::size_t>(groups) * dim);
    TestArray values(machine, random, type, static_cast<std::size_t>(groups) * dim);
    auto *full = upload(machine, std::vector<int>{0});
    for (std::int32_t token = 0; token < 3; ++token) {
        const auto *position = upload(machine, std::vector<std::int32_t>{100 + token});
        if (const Status status =
                appendToken(layer.lists, keys.device, values.device, groups, position, full, machine.stream());
            status != 0)
            return "the call returned " + std::to_string(status);
        if (download(machine, full, 1).front() != (token > 0 ? 1 : 0))
            return "token " + std::to_string(token) + ": whether a list is full is said wrongly";
    }
    layer.lists.positions = before.lists.positions;
    layer.readBack(machine);
    for (int list = 0; list < lists; ++list) {
        const auto room = static_cast<std::int32_t>(layer.offsets[list + 1] - layer.offsets[list]);
        const std::int32_t end = std::min(lengths[list] + 3, room);
        for (std::int32_t entry = lengths[list]; entry < end; ++entry) {
            const std::int64_t row = layer.offsets[list] + entry;
            for (int d = 0; d < dim; ++d) {
                const std::size_t at = static_cast<std::size_t>(list / (lists / groups)) * dim + d;
                before.keys[row * dim + d] = toBits(type, static_cast<float>(keys.values[at]));
                before.values[row * dim + d] = toBits(type, static_cast<float>(values.values[at]));
            }
            if (positions)
                before.positions[row] = 100 + entry - lengths[list];
        }
        before.lengths[list] = end;
    }
    if (auto wrong = difference("length", layer.lengths, before.lengths); !wrong.empty())
        return wrong;
    if (auto wrong = difference("position", layer.positions, before.positions); !wrong.empty())
        return wrong;
    if (auto wrong = difference("element of keys", layer.keys, before.keys); !wrong.empty())
        return wrong;
    return difference("element of values", layer.values, before.values);
}

std::string runGather(Machine &machine, Type type, int dim, bool positions)
{
    Random random(4);
    const std::vector<std::int32_t> lengths = {0, 1, 900, 77, 350};
    TestLayer source(machine, random, type, dim, lengths);
    TestLayer target(machine, random, type, dim, {0, 2, 300, 0, 90}, 9), expected = target;
    if (!positions)
        source.lists.positions = nullptr;
    constexpr int stride = 640;
    std::vector<std::int32_t> counts, indices(lengths.size() * stride, -1);
    for (std::size_t list = 0; list < lengths.size(); ++list) {
        std::int32_t count = 0;
        for (std::int32_t entry = 0; entry < lengths[list]; ++entry) {
            if (list == 1 || random() % 3 != 0)
                indices[list * stride + count++] = entry; // more than the last lists have room for
        }
        counts.push_back(count);
    }
    auto *full = upload(machine, std::vector<int>{0});
    if (const Status status = gatherEntries(source.lists, target.lists, upload(machine, indices), stride,
                                            upload(machine, counts), stride, full, machine.stream());
        status != 0)
        return "the call returned " + std::to_string(status);
    target.readBack(machine);
    for (std::size_t list = 0; list < lengths.size(); ++list) {
        const auto room = static_cast<std::int32_t>(target.offsets[list + 1] - target.offsets[list]);
        expected.lengths[list] = std::min(counts[list], room);
        for (std::int32_t i = 0; i < expected.lengths[list]; ++i) {
            const std::int64_t from = source.offsets[list] + indices[list * stride + i], to = target.offsets[list] + i;
            std::copy_n(source.keys.begin() + from * dim, dim, expected.keys.begin() + to * dim);
            std::copy_n(source.values.begin() + from * dim, dim, expected.values.begin() + to * dim);
            expected.positions[to] = positions ? source.positions[from] : indices[list * stride + i];
        }
    }
    if (download(machine, full, 1).front() != 1)
        return "a list that was cut is not told";
    if (auto wrong = difference("length", target.lengths, expected.lengths); !wrong.empty())
        return wrong;
    if (auto wrong = difference("position", target.positions, expected.positions); !wrong.empty())
        return wrong;
    if (auto wrong = difference("element of keys", target.keys, expected.keys); !wrong.empty())
        return wrong;
    return difference("element of values", target.values, expected.values);
}

std::string runWindowBegins(Machine &machine, bool positions)
{
    Random random(6);
    TestLayer layer(machine, random, Type::BFloat16, 64, {0, 1, 400, 33, 150, 2});
    Lists lists = layer.lists;
    if (!positions)
        lists.positions = nullptr;
    auto *begins = upload(machine, std::vector<std::int32_t>(layer.lengths.size(), -7));
    for (const std::int32_t position : {0, 5, 60, 200, 800}) {
        for (const int window : {0, 1, 17, 100, 5000}) {
            if (const Status status =
                    findWindowBegins(lists, upload(machine, std::vector{position}), window, begins, machine.stream());
                status != 0)
                return "the call returned " + std::to_string(status);
            std::vector<std::int32_t> expected;
            for (std::size_t list = 0; list < layer.lengths.size(); ++list) {
                std::int32_t begin = 0;
                while (window > 0 && begin < layer.lengths[list] &&
                       (positions ? layer.positions[layer.offsets[list] + begin] : begin) <= position - window)
                    ++begin;
                expected.push_back(begin);
            }
            if (auto wrong = difference("begin of list", download(machine, begins, layer.lengths.size()), expected);
                !wrong.empty())
                return "position " + std::to_string(position) + ", window " + std::to_string(window) + ": " + wrong;
        }
    }
    return {};
}

} // namespace

std::vector<KernelCase> cacheCases()
{
    return {
        {"append to lists of KV heads", [](Machine &m) { return runAppend(m, Type::BFloat16, 128, 6, true); }},
        {"append to lists of query heads", [](Machine &m) { return runAppend(m, Type::Float16, 80, 2, true); }},
        {"append without positions", [](Machine &m) { return runAppend(m, Type::BFloat16, 256, 3, false); }},
        {"gather D=64", [](Machine &m) { return runGather(m, Type::BFloat16, 64, true); }},
        {"gather D=112", [](Machine &m) { return runGather(m, Type::Float16, 112, true); }},
        {"gather without positions", [](Machine &m) { return runGather(m, Type::BFloat16, 256, false); }},
        {"begins of windows", [](Machine &m) { return runWindowBegins(m, true); }},
        {"begins of windows without positions", [](Machine &m) { return runWindowBegins(m, false); }},
    };
}

} // namespace headkv::cuda
