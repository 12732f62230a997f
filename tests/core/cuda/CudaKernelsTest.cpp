// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/DecodePlan.h"
#include "core/cuda/TokenOrder.h"
#include "tests/core/cuda/KernelCases.h"
#include "tests/core/cuda/KernelEmulator.h"

#include <QTest>
#include <algorithm>
#include <limits>
#include <memory>
#include <numeric>
#include <random>

using namespace headkv::cuda;

namespace {

/// Memory of the host; each allocation by itself, so that a sanitizer sees what is beyond it.
class EmulatedMachine : public Machine
{
public:
    explicit EmulatedMachine(int multiprocessors)
        : m_multiprocessors(multiprocessors)
    {}

    void *allocate(std::size_t bytes) override
    {
        return m_memory.emplace_back(::operator new(bytes, std::align_val_t(16))).get();
    }
    void write(void *device, const void *host, std::size_t bytes) override { copy(device, host, bytes); }
    void read(void *host, const void *device, std::size_t bytes) override { copy(host, device, bytes); }
    std::function<void()> capture(const std::function<void()> &calls) override { return calls; }
    void clear() override { m_memory.clear(); }
    [[nodiscard]] Stream stream() const override { return nullptr; }
    [[nodiscard]] int multiprocessors() const override { return m_multiprocessors; }
    [[nodiscard]] bool isEmulated() const override { return true; }

private:
    struct Release
    {
        void operator()(void *memory) const { ::operator delete(memory, std::align_val_t(16)); }
    };
    static void copy(void *to, const void *from, std::size_t bytes)
    {
        if (bytes > 0)
            std::memcpy(to, from, bytes);
    }

    int m_multiprocessors;
    std::vector<std::unique_ptr<void, Release>> m_memory;
};

} // namespace

class CudaKernelsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void elementsRoundToTheNearest();
    void workIsSharedOutEvenly_data();
    void workIsSharedOutEvenly();
    void plansFitTheGroup();
    void softmaxSumsJoin();
    void ordersAreThoseOfScores();
    void radixRoundsFindTheLeastTaken();
    void kernels_data();
    void kernels();
};

void CudaKernelsTest::elementsRoundToTheNearest()
{
    for (int bits = 0; bits < 0x10000; ++bits) {
        const auto word = static_cast<std::uint16_t>(bits);
        const float half = Float16::toFloat(word), bfloat = BFloat16::toFloat(word);
        if (!std::isnan(half))
            QCOMPARE(Float16::fromFloat(half), word);
        if (!std::isnan(bfloat))
            QCOMPARE(BFloat16::fromFloat(bfloat), word);
        QCOMPARE(std::isnan(half), (bits & 0x7fff) > 0x7c00);
        if (!std::isnan(half) && !std::isinf(half)) {
            const double fraction = bits & 0x3ff;
            const int exponent = bits >> 10 & 0x1f;
            const double magnitude =
                exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
            QCOMPARE(static_cast<double>(half), (bits & 0x8000) != 0 ? -magnitude : magnitude);
        }
    }
    std::mt19937 random(2);
    for (int i = 0; i < 200000; ++i) { // between neighbours, and in the middle of them
        const auto word = static_cast<std::uint16_t>(random() % 0x7bff);
        const float low = Float16::toFloat(word), high = Float16::toFloat(static_cast<std::uint16_t>(word + 1));
        const float middle = (low + high) / 2, at = low + (high - low) * static_cast<float>(random() % 1000) / 1000;
        QCOMPARE(Float16::fromFloat(middle), static_cast<std::uint16_t>(word + word % 2));
        QCOMPARE(Float16::fromFloat(at), static_cast<std::uint16_t>(at == middle  ? word + word % 2
                                                                    : at < middle ? word
                                                                                  : word + 1));
    }
    QCOMPARE(Float16::fromFloat(65519), std::uint16_t{0x7bff});
    QCOMPARE(Float16::fromFloat(65520), std::uint16_t{0x7c00});
    QVERIFY(std::isnan(Float16::toFloat(Float16::fromFloat(std::nanf("")))));
    QVERIFY(std::isnan(BFloat16::toFloat(BFloat16::fromFloat(asFloat(0x7f800001U)))));
    QCOMPARE(BFloat16::fromFloat(asFloat(0x3f808000U)), std::uint16_t{0x3f80});
    QCOMPARE(BFloat16::fromFloat(asFloat(0x3f818000U)), std::uint16_t{0x3f82});
}

void CudaKernelsTest::workIsSharedOutEvenly_data()
{
    QTest::addColumn<std::vector<int>>("entries");
    QTest::addColumn<int>("blocks");
    QTest::newRow("one long list") << std::vector<int>{100000} << 132;
    QTest::newRow("one entry") << std::vector<int>{1} << 132;
    QTest::newRow("nothing") << std::vector<int>{0, 0, 0} << 7;
    QTest::newRow("ragged") << std::vector<int>{0, 1, 5000, 128, 0, 17, 90000, 2} << 132;
    QTest::newRow("equal and short") << std::vector<int>(8, 128) << 132;
    QTest::newRow("more lists than blocks") << std::vector<int>(1000, 33) << 16;
    std::vector<int> random;
    std::mt19937 generator(1);
    random.reserve(200);
    for (int i = 0; i < 200; ++i)
        random.push_back(static_cast<int>(generator() % 4000) * static_cast<int>(generator() % 2));
    QTest::newRow("random") << random << 108;
    QTest::newRow("one block") << random << 1;
}

void CudaKernelsTest::workIsSharedOutEvenly()
{
    QFETCH(std::vector<int>, entries);
    QFETCH(int, blocks);
    const int lists = static_cast<int>(entries.size()), all = std::accumulate(entries.begin(), entries.end(), 0);
    const int share = WorkSplit::shareOf(all, lists, blocks);
    std::vector<int> starts = {0};
    for (const int count : entries)
        starts.push_back(starts.back() + WorkSplit::partsOf(count, share));
    QVERIFY(starts.back() <= WorkSplit::mostParts(lists, blocks));
    if (lists <= blocks / 2) // each block has one part at most
        QVERIFY(starts.back() <= blocks);
    for (int part = 0; part < starts.back(); ++part) {
        const int list = WorkSplit::listAt(starts.data(), lists, part);
        QVERIFY(starts[list] <= part && part < starts[list + 1]);
    }
    for (const int grain : {16, 32}) {
        for (int list = 0; list < lists; ++list) {
            const int parts = starts[list + 1] - starts[list], count = entries[list];
            QCOMPARE(WorkSplit::beginOf(0, parts, count, grain), 0);
            QCOMPARE(WorkSplit::beginOf(parts, parts, count, grain), count);
            for (int part = 0; part < parts; ++part) {
                const int begin = WorkSplit::beginOf(part, parts, count, grain);
                const int end = WorkSplit::beginOf(part + 1, parts, count, grain);
                QVERIFY(begin % grain == 0 && end - begin <= share + grain && (begin < end || count == 0));
            }
        }
    }
}

void CudaKernelsTest::plansFitTheGroup()
{
    for (int group = 1; group <= 40; ++group) {
        const DecodePlan plan(132, 8, 8 * group, 128);
        QVERIFY(plan.queries * plan.tiles >= group && plan.queries * (plan.tiles - 1) < group);
        QVERIFY(plan.blocks * plan.tiles <= 132);
        QCOMPARE(plan.tiles == 1, group <= 16);
    }
    QVERIFY(DecodePlan(4, 2, 200, 64).blocks >= 1);
}

void CudaKernelsTest::softmaxSumsJoin()
{
    std::mt19937 random(3);
    std::uniform_real_distribution<float> uniform(-40, 40);
    SoftmaxSum all;
    float value = 0, greatest = negativeInfinity; // value: Σ weight·score, as sums of values go
    std::vector<float> scores;
    for (int i = 0; i < 300; ++i) {
        const float score = i % 7 == 3 ? negativeInfinity : uniform(random);
        float a = 0, b = 0;
        all = join(all, {score, score == negativeInfinity ? 0.0F : 1.0F}, a, b);
        value = value * a + (score == negativeInfinity ? 0 : score * b);
        greatest = std::max(greatest, score);
        scores.push_back(score);
    }
    double sum = 0, weighted = 0;
    for (const float score : scores) {
        const double weight = std::exp2(static_cast<double>(score) - greatest);
        sum += weight;
        weighted += weight > 0 ? weight * score : 0;
    }
    QCOMPARE(all.greatest, greatest);
    QVERIFY(std::abs(all.sum - sum) < 1e-5 * sum);
    QVERIFY(std::abs(value - weighted) < 1e-5 * std::abs(weighted));
    float a = 1, b = 1;
    const SoftmaxSum nothing = join({}, {}, a, b);
    QVERIFY(nothing.sum == 0 && a == 0 && b == 0);
}

void CudaKernelsTest::ordersAreThoseOfScores()
{
    const float infinity = std::numeric_limits<float>::infinity();
    const std::vector<float> rising = {-infinity, -3e38F, -1, -1e-40F, 0, 1e-45F, 1e-3F, 1, 3e38F, infinity};
    for (std::size_t i = 0; i + 1 < rising.size(); ++i)
        QVERIFY(orderOf(rising[i]) < orderOf(rising[i + 1]));
    QCOMPARE(orderOf(-0.0F), orderOf(0.0F));
    QCOMPARE(orderOf(std::nanf("")), orderOf(-infinity));
    const float means[] = {1, 5, std::nanf(""), 2, 3, 4};
    QCOMPARE(pooledScore(means, 6, 5, 3, false), 4.0F);
    QCOMPARE(pooledScore(means, 6, 5, 3, true), 7.0F / 3);
    QCOMPARE(pooledScore(means, 6, 0, 3, true), 2.0F);
    QCOMPARE(pooledScore(means, 6, 3, 3, true), -infinity);
    QCOMPARE(pooledScore(means, 6, 1, 3, false), -infinity);
}

void CudaKernelsTest::radixRoundsFindTheLeastTaken()
{
    int counts[256] = {};
    counts[3] = 4;
    counts[9] = 1;
    counts[200] = 2;
    for (const auto &[wanted, digit, left] : {std::array{1, 200, 1}, {2, 200, 2}, {3, 9, 1}, {4, 3, 1}, {7, 3, 4}}) {
        const RadixRound round = radixRound(counts, wanted);
        QCOMPARE(round.digit, static_cast<std::uint32_t>(digit));
        QCOMPARE(round.left, left);
    }
}

void CudaKernelsTest::kernels_data()
{
    QTest::addColumn<KernelCase>("kernelCase");
    for (const auto &cases : {decodeCases(true), cacheCases(), selectionCases(true)}) {
        for (const KernelCase &kernelCase : cases)
            QTest::newRow(kernelCase.name.c_str()) << kernelCase;
    }
}

void CudaKernelsTest::kernels()
{
    QFETCH(KernelCase, kernelCase);
    emulator::mostSharedBytes =
        kernelCase.name.size() % 2 == 0 ? 99 << 10 : 227 << 10; // a small device's, a large one's
    EmulatedMachine machine(5);
    QCOMPARE(QString::fromStdString(kernelCase.run(machine)), QString());
}

QTEST_GUILESS_MAIN(CudaKernelsTest)
#include "CudaKernelsTest.moc"
