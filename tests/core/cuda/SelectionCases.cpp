// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/cuda/TestLayer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace headkv::cuda {

namespace {

struct Scoring
{
    Type type = Type::BFloat16;
    int dim = 64, group = 1, window = 8;
    std::vector<std::int32_t> lengths;
    int kernel = 7;
    bool average = false;
    int slidingWindow = 0;
    bool positions = true, compensated = false;
    double softcap = 0;
};

std::string nameOf(const Scoring &scoring)
{
    return "window scores D=" + std::to_string(scoring.dim) + " group=" + std::to_string(scoring.group) +
           " window=" + std::to_string(scoring.window) + (scoring.average ? " average " : " max ") +
           std::to_string(scoring.kernel) + (scoring.slidingWindow > 0 ? " sliding" : "") +
           (scoring.positions ? "" : " without positions") + (scoring.compensated ? " compensated" : "") +
           (scoring.softcap > 0 ? " softcap" : "");
}

/// The mean over a list's heads and rows of the attention on each entry, in double.
std::vector<double> means(const TestLayer &layer, const Scoring &scoring, int list, const std::vector<double> &queries,
                          double scale, int compensated)
{
    const int length = layer.lengths[list], rows = scoring.group * scoring.window;
    std::vector<double> result(length);
    for (int row = 0; row < rows; ++row) {
        const int query = length - scoring.window + row % scoring.window;
        const double *q = queries.data() + static_cast<std::ptrdiff_t>(list * rows + row) * layer.dim;
        std::vector<double> scores(length, -std::numeric_limits<double>::infinity());
        for (int entry = 0; entry <= query; ++entry) {
            const int distance = scoring.positions ? layer.positions[layer.offsets[list] + query] -
                                                         layer.positions[layer.offsets[list] + entry]
                                                   : query - entry;
            if (scoring.slidingWindow > 0 && distance >= scoring.slidingWindow)
                continue;
            double score = 0;
            for (int d = 0; d < layer.dim; ++d)
                score += q[d] * layer.key(list, entry, d);
            score *= scale;
            if (scoring.softcap > 0)
                score = std::tanh(score / scoring.softcap) * scoring.softcap;
            scores[entry] = score + (entry == 0 && compensated > 0 ? std::log(compensated) : 0);
        }
        const double greatest = *std::ranges::max_element(scores);
        double sum = 0;
        for (double &score : scores)
            sum += score = std::exp(score - greatest);
        for (int entry = 0; entry < length; ++entry)
            result[entry] += scores[entry] / sum / rows;
    }
    return result;
}

double pooled(const std::vector<double> &means, int count, int token, const Scoring &scoring)
{
    double greatest = 0, sum = 0;
    for (int i = token - scoring.kernel / 2; i <= token + scoring.kernel / 2; ++i) {
        if (i >= 0 && i < count) {
            greatest = std::max(greatest, means[i]);
            sum += means[i];
        }
    }
    return scoring.average ? sum / scoring.kernel : greatest;
}

std::string runScores(Machine &machine, const Scoring &scoring)
{
    Random random(8);
    TestLayer layer(machine, random, scoring.type, scoring.dim, scoring.lengths);
    const int lists = layer.lists.count, heads = lists * scoring.group;
    TestArray queries(machine, random, scoring.average ? Type::Float32 : scoring.type,
                      static_cast<std::size_t>(heads) * scoring.window * scoring.dim, 3);
    std::vector<std::int32_t> compensated(lists);
    for (int list = 0; list < lists; list += 2)
        compensated[list] = 3 + list * 50;
    WindowScoreArguments arguments;
    arguments.lists = layer.lists;
    if (!scoring.positions)
        arguments.lists.positions = nullptr;
    arguments.queries = queries.device;
    arguments.activations = queries.type;
    arguments.heads = heads;
    arguments.window = scoring.window;
    arguments.compensated = scoring.compensated ? upload(machine, compensated) : nullptr;
    arguments.scale = 1 / std::sqrt(static_cast<float>(scoring.dim));
    arguments.softcap = static_cast<float>(scoring.softcap);
    arguments.slidingWindow = scoring.slidingWindow;
    arguments.kernel = scoring.kernel;
    arguments.average = scoring.average;
    arguments.mostEntries = *std::ranges::max_element(scoring.lengths) + 3;
    const std::size_t bytes = windowScoresWorkspaceBytes(lists, heads, scoring.window, arguments.mostEntries);
    arguments.workspace = upload(machine, std::vector<unsigned char>(bytes, 0xff));
    constexpr float untouched = -77;
    const std::vector<float> before(static_cast<std::size_t>(lists) * arguments.mostEntries, untouched);
    arguments.scores = upload(machine, before);
    if (const Status status = windowScores(arguments, machine.stream()); status != 0)
        return "the call returned " + std::to_string(status);
    const std::vector<float> scores = download<float>(machine, arguments.scores, before.size());
    std::vector<double> expected(before.size(), untouched);
    for (int list = 0; list < lists; ++list) {
        const int count = layer.lengths[list] - scoring.window;
        if (count <= 0)
            continue;
        const std::vector<double> row =
            means(layer, scoring, list, queries.values, arguments.scale, scoring.compensated ? compensated[list] : 0);
        for (int token = 0; token < count; ++token)
            expected[static_cast<std::size_t>(list) * arguments.mostEntries + token] =
                pooled(row, count, token, scoring);
    }
    return difference({scores.begin(), scores.end()}, expected, 1e-9, 3e-5);
}

/// Scores where many are equal, and some no numbers.
std::vector<float> mixedScores(Random &random, int count, int levels)
{
    std::vector<float> scores(count);
    for (float &score : scores) {
        score = levels > 0 ? (static_cast<float>(random() % levels) - static_cast<float>(levels) / 2) / 8
                           : std::uniform_real_distribution<float>(0, 0.01F)(random);
        if (levels > 0 && random() % 50 == 0)
            score = -score * 0; // of either sign
        if (levels > 0 && random() % 40 == 0)
            score = random() % 2 == 0 ? std::nanf("") : -std::numeric_limits<float>::infinity();
    }
    return scores;
}

std::string runHighest(Machine &machine, int levels, int tail, bool small)
{
    Random random(12);
    std::vector<std::int32_t> lengths = {0, 3, 8, 9, 500, 1024, 1033, 3000, 2500, 2100};
    if (!small)
        lengths.insert(lengths.end(), {32776, 50000, 131072});
    const int lists = static_cast<int>(lengths.size()), stride = *std::ranges::max_element(lengths) + 1;
    std::vector<std::int32_t> capacities = {5, 5, 0, 1, 100, 1, 1024, 1500, 2499, 0};
    capacities.resize(lists, 1777);
    std::vector<float> scores(static_cast<std::size_t>(lists) * stride, 1e9F);
    std::vector<std::int32_t> expected(static_cast<std::size_t>(lists) * stride, -5), counts, before = expected;
    for (int list = 0; list < lists; ++list) {
        const int last = std::min(tail, lengths[list]), count = lengths[list] - last;
        const std::vector<float> row = mixedScores(random, count, levels);
        std::ranges::copy(row, scores.begin() + static_cast<std::ptrdiff_t>(list) * stride);
        std::vector<std::int32_t> order(count);
        std::iota(order.begin(), order.end(), 0);
        std::ranges::stable_sort(order, [&](std::int32_t a, std::int32_t b) {
            const auto number = [&](std::int32_t i) {
                return std::isnan(row[i]) ? -std::numeric_limits<float>::infinity() : row[i];
            };
            return number(a) > number(b);
        });
        order.resize(std::min(count, capacities[list]));
        std::ranges::sort(order);
        for (int i = 0; i < last; ++i)
            order.push_back(count + i);
        std::ranges::copy(order, expected.begin() + static_cast<std::ptrdiff_t>(list) * stride);
        counts.push_back(static_cast<std::int32_t>(order.size()));
    }
    auto *indices = upload(machine, before);
    auto *countsOnMachine = upload(machine, std::vector<std::int32_t>(lists, -1));
    if (const Status status =
            keepHighest(upload(machine, scores), stride, upload(machine, lengths), upload(machine, capacities), tail,
                        lists, indices, stride, countsOnMachine, machine.stream());
        status != 0)
        return "the call returned " + std::to_string(status);
    if (auto wrong = difference("count of list", download(machine, countsOnMachine, lists), counts); !wrong.empty())
        return wrong;
    return difference("index", download(machine, indices, before.size()), expected);
}

} // namespace

std::vector<KernelCase> selectionCases(bool small)
{
    std::vector<Scoring> scorings = {
        {Type::BFloat16, 64, 1, 8, {0, 5, 8, 9, 300, 131}},
        {Type::Float16, 80, 3, 8, {40, 260, 129}, 5, true},
        {Type::BFloat16, 128, 4, 8, {200, 17, 137}},
        {Type::BFloat16, 112, 8, 5, {12, 280}, 7, false, 100},
        {Type::Float16, 64, 2, 40, {41, 300, 20}, 7, true, 64, false},
        {Type::BFloat16, 96, 3, 1, {1, 2, 150}, 1, false, 0, true, true},
        {Type::BFloat16, 256, 1, 33, {100, 161}, 13, false, 90, true, true, 20},
        {Type::Float16, 192, 4, 3, {129, 128, 127, 4}, 7, true, 0, false, true, 50},
    };
    if (!small) {
        scorings.push_back({Type::BFloat16, 128, 4, 8, {20000, 7, 1500, 9001}});
        scorings.push_back({Type::BFloat16, 128, 4, 64, {5000, 70, 0}, 7, true});
    }
    std::vector<KernelCase> cases;
    cases.reserve(scorings.size() + 6);
    for (const Scoring &scoring : scorings)
        cases.push_back({nameOf(scoring), [scoring](Machine &machine) { return runScores(machine, scoring); }});
    for (const int levels : {0, 3, 40}) {
        for (const int tail : {0, 8})
            cases.push_back({"highest scores, " + (levels > 0 ? std::to_string(levels) + " levels" : "all different") +
                                 ", tail " + std::to_string(tail),
                             [=](Machine &machine) { return runHighest(machine, levels, tail, small); }});
    }
    return cases;
}

} // namespace headkv::cuda
