// SPDX-License-Identifier: GPL-3.0-or-later
// What caches ask of devices: LibTorch's operators against the host's kernels, and CUDA's kernels, as the host emulates
// them, against LibTorch's operators.
#include "core/attention/AttentionObserver.h"
#include "core/attention/AttentionRule.h"
#include "core/cache/KvCache.h"
#include "core/compression/CompressedCache.h"
#include "core/compression/TokenScores.h"
#include "core/compression/TokenSelection.h"
#include "core/device/CudaDevice.h"
#include "core/device/HostDevice.h"
#include "core/model/Computation.h"
#include "core/model/Model.h"
#include "core/model/Transformer.h"
#include "tests/core/device/RandomModel.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <algorithm>
#include <c10/core/InferenceMode.h>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>
#include <random>

#include <QTemporaryDir> // behind LibTorch's headers, which use a keyword of Qt's as a name
#include <QTest>

using namespace headkv;

namespace {

constexpr int multiprocessors = 5;

at::Tensor random(at::IntArrayRef sizes, unsigned seed)
{
    std::mt19937 generator(seed);
    std::normal_distribution<float> normal;
    at::Tensor tensor = at::empty(sizes, at::kFloat);
    std::generate_n(tensor.mutable_data_ptr<float>(), tensor.numel(), [&] { return normal(generator); });
    return tensor;
}

/// The share of positions in a that b has, too.
double sharedPositions(const CacheContents &a, const CacheContents &b)
{
    std::size_t both = 0, all = 0;
    for (std::size_t list = 0; list < a.positions.size(); ++list) {
        std::vector<std::int32_t> common;
        std::ranges::set_intersection(a.positions[list], b.positions[list], std::back_inserter(common));
        both += common.size();
        all += a.positions[list].size();
    }
    return static_cast<double>(both) / static_cast<double>(all);
}

double largestDifference(const at::Tensor &a, const at::Tensor &b)
{
    return (a.to(at::kFloat) - b.to(at::kFloat)).abs().max().item<double>();
}

AttentionInputs inputsOf(const at::Tensor &queries, const at::Tensor &keys, const at::Tensor &values)
{
    return {queries.data_ptr(), keys.data_ptr(), values.data_ptr(), queries.size(0)};
}

CompressionSettings settingsOf(const std::string &method, Granularity granularity, const ModelInfo &info)
{
    CompressionSettings settings;
    settings.method = method;
    settings.budget = 40;
    settings.window = 8;
    settings.granularity = granularity;
    settings.importance.assign(static_cast<std::size_t>(info.layers * info.queryHeads), 1);
    std::iota(settings.importance.begin(), settings.importance.begin() + info.queryHeads, 1);
    return settings;
}

/// Stands for a graph: calls the work that it was made with, whatever the later steps are.
class CountedWork : public RecordedWork
{
public:
    CountedWork(std::function<void()> work, int &replays)
        : m_work(std::move(work))
        , m_replays(replays)
    {}
    void replay() override
    {
        ++m_replays;
        m_work();
    }

private:
    std::function<void()> m_work;
    int &m_replays;
};

class Onlooker : public AttentionObserver
{
public:
    void observe(int, std::span<const float>, std::size_t) override {}
};

/// A model's steps on emulated kernels, without a Transformer, so that the recorder is the test's.
class Stepper
{
public:
    Stepper(const Model &model, const CompressionSettings &settings, WorkRecorder recorder)
        : m_computation(makeDeviceComputation(model, std::move(recorder)))
        , m_cache(model, granularityOf(settings),
                  LayerDevices(model.info().layers,
                               std::make_shared<CudaDevice>(
                                   AttentionShape{model.info().queryHeads, model.info().kvHeads, model.info().headDim},
                                   at::kCPU, at::kBFloat16, multiprocessors)))
    {
        const ModelInfo &info = model.info();
        m_cache.setMethod(makeCompressionMethod({info.layers, info.queryHeads, info.kvHeads}, settings));
        m_cache.reserve(3);
    }

    void prefill(TokenId first, int count)
    {
        std::vector<TokenId> ids(count);
        std::iota(ids.begin(), ids.end(), first);
        const TokenRun runs[] = {{ids, &m_cache, {}}};
        m_computation->prefill(runs, masked, {}, 1);
        m_cache.commit();
    }
    /// With an observer the step is never a repeated one.
    void decode(TokenId id, AttentionObserver *observer, bool isKept = true)
    {
        AttentionObserver *const observers[] = {observer};
        const TokenRun runs[] = {{{&id, 1}, &m_cache, observers}};
        m_computation->decode(runs, masked, {});
        if (isKept)
            m_cache.commit();
        else
            m_cache.rollback();
        m_computation->readLogits(0, 1, logits.emplace_back());
    }
    [[nodiscard]] CacheContents contents() const { return m_cache.contents(); }

    std::vector<HeadId> masked;
    std::vector<std::vector<float>> logits;

private:
    std::unique_ptr<Computation> m_computation;
    CompressedCache m_cache;
};

/// Steps past the room behind the lists, one that is taken back, a masked head, a second turn.
void takeSteps(Stepper &stepper, AttentionObserver *observer)
{
    stepper.prefill(100, 90);
    for (TokenId id = 7; id < 13; ++id)
        stepper.decode(id, observer);
    stepper.decode(200, observer, false);
    for (TokenId id = 20; id < 23; ++id)
        stepper.decode(id, observer);
    stepper.masked = {{1, 2}};
    for (TokenId id = 30; id < 33; ++id)
        stepper.decode(id, observer);
    stepper.prefill(5, 20);
    for (TokenId id = 40; id < 43; ++id)
        stepper.decode(id, observer);
}

} // namespace

class CacheDeviceTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void operatorsAttendAsTheHost_data();
    void operatorsAttendAsTheHost();
    void highestScoresAreTheHosts_data();
    void highestScoresAreTheHosts();
    void sharedPlacesAreTheHosts_data();
    void sharedPlacesAreTheHosts();
    void windowScoresAreThoseOfLists_data();
    void windowScoresAreThoseOfLists();
    void kernelsServeAModel_data();
    void kernelsServeAModel();
    void repeatedStepsAreTheSame_data();
    void repeatedStepsAreTheSame();

private:
    QTemporaryDir m_folder;
};

void CacheDeviceTest::initTestCase()
{
    RandomModel plain, windowed;
    windowed.window = 30;
    for (RandomModel *model : {&plain, &windowed}) {
        model->layers = 2;
        model->heads = 4;
    }
    plain.write(m_folder.filePath("plain").toStdString(), 3);
    windowed.write(m_folder.filePath("windowed").toStdString(), 4);
}

void CacheDeviceTest::operatorsAttendAsTheHost_data()
{
    QTest::addColumn<int>("past");
    QTest::addColumn<int>("tokens");
    QTest::addColumn<int>("window");
    QTest::addColumn<double>("softcap");
    QTest::newRow("first chunk") << 0 << 300 << 0 << 0.0;
    QTest::newRow("later chunk") << 77 << 270 << 0 << 0.0;
    QTest::newRow("window") << 50 << 280 << 33 << 0.0;
    QTest::newRow("soft cap") << 3 << 20 << 0 << 5.0;
    QTest::newRow("window and soft cap") << 90 << 11 << 7 << 3.0;
    QTest::newRow("one token") << 40 << 1 << 0 << 0.0;
}

/// A chunk's attention and its sums, then a token's; float32 on both, so that only the order of sums differs.
void CacheDeviceTest::operatorsAttendAsTheHost()
{
    QFETCH(int, past);
    QFETCH(int, tokens);
    QFETCH(int, window);
    QFETCH(double, softcap);
    const AttentionShape shape{6, 2, 40};
    const AttentionRule rule{0.3, window, softcap};
    HostDevice host(shape, ElementType::Float32);
    TensorDevice operators(shape, at::kCPU, at::kFloat);
    const at::Tensor queries = random({tokens, 6, 40}, 1), keys = random({past + tokens, 2, 40}, 2),
                     values = random({past + tokens, 2, 40}, 3);
    std::vector<at::Tensor> outputs, sums;
    std::vector<Probabilities> rows;
    for (CacheDevice *device : {static_cast<CacheDevice *>(&host), static_cast<CacheDevice *>(&operators)}) {
        at::Tensor heldKeys = at::zeros({2, 400, 40}, device->stored()), heldValues = at::zeros_like(heldKeys);
        device->store({nullptr, keys.data_ptr(), values.data_ptr(), past + tokens}, heldKeys, heldValues, 0);
        at::Tensor output = at::empty({tokens, 6, 40}), logSumExps;
        device->attendToChunk(inputsOf(queries, keys, values), heldKeys, heldValues, past + tokens, rule,
                              output.data_ptr(), &logSumExps);
        at::Tensor last = at::empty({6, 40});
        Probabilities probabilities;
        const at::Tensor query = queries.narrow(0, tokens - 1, 1);
        device->attendToAll(inputsOf(query, keys, values), heldKeys, heldValues, past + tokens, rule, last.data_ptr(),
                            &probabilities);
        QVERIFY(largestDifference(last, output.select(0, tokens - 1)) < 1e-5);
        outputs.push_back(output);
        sums.push_back(logSumExps);
        rows.push_back(probabilities);
    }
    QVERIFY(largestDifference(outputs[0], outputs[1]) < 1e-5);
    QVERIFY(largestDifference(sums[0], sums[1]) < 1e-4);
    QCOMPARE(rows[0].size(), rows[1].size());
    for (std::size_t i = 0; i < rows[0].size(); ++i)
        QVERIFY(std::abs(rows[0][i] - rows[1][i]) < 1e-5);
}

void CacheDeviceTest::highestScoresAreTheHosts_data()
{
    QTest::addColumn<bool>("kernels");
    QTest::newRow("operators") << false;
    QTest::newRow("kernels") << true;
}

/// Among many equals, too; lists of several lengths and capacities, none and all of them.
void CacheDeviceTest::highestScoresAreTheHosts()
{
    QFETCH(bool, kernels);
    const AttentionShape shape{5, 5, 64};
    TensorDevice operators(shape, at::kCPU, at::kBFloat16);
    CudaDevice emulated(shape, at::kCPU, at::kBFloat16, multiprocessors);
    CacheDevice &device = kernels ? emulated : operators;
    const at::Tensor scores = (random({5, 700}, 5) * 3).round();
    const std::vector<std::int64_t> counts{708, 300, 9, 8, 500}, capacities{100, 0, 5, 7, 492};
    const auto kept = device.keepHighest(scores, counts, capacities, 8);
    QVERIFY(kept.has_value());
    for (std::size_t list = 0; list < counts.size(); ++list) {
        const float *row = scores.const_data_ptr<float>() + list * 700;
        KeptTokens expected = highestScores({row, static_cast<std::size_t>(counts[list] - 8)}, capacities[list]);
        for (std::int64_t token = counts[list] - 8; token < counts[list]; ++token)
            expected.push_back(static_cast<std::int32_t>(token));
        QCOMPARE((*kept)[list], expected);
    }
}

void CacheDeviceTest::sharedPlacesAreTheHosts_data()
{
    QTest::addColumn<std::vector<std::int64_t>>("counts");
    QTest::newRow("equal lists") << std::vector<std::int64_t>{708, 708, 708, 708, 708};
    QTest::newRow("lists of a later turn") << std::vector<std::int64_t>{708, 300, 9, 8, 500};
    QTest::newRow("short ones") << std::vector<std::int64_t>{9, 3, 10, 8, 9};
    QTest::newRow("nothing to choose from") << std::vector<std::int64_t>{8, 8, 2, 8, 8};
}

/// How a layer's highest scores fall to its lists, with many equals and with none.
void CacheDeviceTest::sharedPlacesAreTheHosts()
{
    QFETCH(std::vector<std::int64_t>, counts);
    TensorDevice device({5, 5, 64}, at::kCPU, at::kBFloat16);
    for (const double steps : {0.0, 2.0, 1e6}) {
        const at::Tensor scores = (random({5, 700}, 6) * steps).round();
        std::vector<std::vector<float>> rows;
        for (std::size_t list = 0; list < counts.size(); ++list) {
            const auto candidates = std::max<std::int64_t>(0, counts[list] - 8);
            const at::Tensor row = scores.select(0, static_cast<std::int64_t>(list));
            rows.emplace_back(row.const_data_ptr<float>(), row.const_data_ptr<float>() + candidates);
            row.narrow(0, candidates, 700 - candidates).fill_(std::numeric_limits<float>::quiet_NaN()); // not filled
        }
        for (const std::int64_t places : {0, 1, 2, 5, 100, 1000, 3499, 3500, 9999}) {
            const auto found = device.highestByList(scores, counts, places, 8);
            QVERIFY(found.has_value());
            QCOMPARE(*found, highestByList(rows, places));
        }
    }
    QVERIFY(!HostDevice({5, 5, 64}, ElementType::Float32).highestByList({}, counts, 5, 8)); // counted by list
}

void CacheDeviceTest::windowScoresAreThoseOfLists_data()
{
    QTest::addColumn<int>("lists");
    QTest::addColumn<int>("window");
    QTest::addColumn<bool>("average");
    QTest::newRow("KV heads") << 2 << 0 << false;
    QTest::newRow("query heads") << 6 << 0 << false;
    QTest::newRow("query heads, window, mean") << 6 << 40 << true;
}

void CacheDeviceTest::windowScoresAreThoseOfLists()
{
    QFETCH(int, lists);
    QFETCH(int, window);
    QFETCH(bool, average);
    const int tokens = 203, observed = 8;
    CudaDevice device({6, 2, 64}, at::kCPU, at::kBFloat16, multiprocessors);
    const at::Tensor queries = random({6, observed, 64}, 7).to(at::kBFloat16),
                     keys = random({2, tokens, 64}, 8).to(at::kBFloat16);
    const AttentionRule rule{0.2, window, 0};
    CompressionSettings settings;
    settings.window = observed;
    settings.pooling = average ? Pooling::Average : Pooling::Max;
    const at::Tensor scores = device.windowScores(queries, keys, lists, rule, settings);
    std::vector<std::int32_t> positions(tokens);
    std::iota(positions.begin(), positions.end(), 0);
    for (int list = 0; list < lists; ++list) {
        const at::Tensor listKeys = keys.select(0, list * 2 / lists);
        const at::Tensor expected = windowScores(queries.narrow(0, list * 6 / lists, 6 / lists), tokens - observed,
                                                 {listKeys, listKeys, positions, 0}, rule, settings);
        QVERIFY(largestDifference(scores.select(0, list).narrow(0, 0, tokens - observed), expected) < 1e-5);
    }
}

void CacheDeviceTest::kernelsServeAModel_data()
{
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("method");
    QTest::addColumn<bool>("byKvHead");
    for (const char *model : {"plain", "windowed"}) {
        for (const char *method : {"full", "headkv", "razor", "ada-snapkv"}) {
            for (const bool byKvHead : {true, false})
                QTest::addRow("%s, %s, %s", model, method, byKvHead ? "kv-head" : "query-head")
                    << QString(model) << QString(method) << byKvHead;
        }
    }
}

/// Prefill, decoding past the room behind the lists, and a second turn.
void CacheDeviceTest::kernelsServeAModel()
{
    QFETCH(QString, model);
    QFETCH(QString, method);
    QFETCH(bool, byKvHead);
    const auto loaded =
        Model::load(m_folder.filePath(model).toStdString(), {.device = "tensors", .dtype = DType::BFloat16});
    const ModelInfo &info = loaded->info();
    const AttentionShape shape{info.queryHeads, info.kvHeads, info.headDim};
    const CompressionSettings settings =
        settingsOf(method.toStdString(), byKvHead ? Granularity::KvHead : Granularity::QueryHead, info);
    std::vector<std::vector<float>> logits;
    std::vector<CacheContents> contents;
    for (const bool kernels : {false, true}) {
        std::shared_ptr<CacheDevice> device = std::make_shared<TensorDevice>(shape, at::kCPU, at::kBFloat16);
        if (kernels)
            device = std::make_shared<CudaDevice>(shape, at::kCPU, at::kBFloat16, multiprocessors);
        Transformer transformer(loaded);
        CompressedCache cache(*loaded, granularityOf(settings), LayerDevices(info.layers, device));
        cache.setMethod(makeCompressionMethod({info.layers, info.queryHeads, info.kvHeads}, settings));
        cache.reserve(3);
        std::vector<TokenId> prompt(90), turn(30);
        std::iota(prompt.begin(), prompt.end(), 100);
        std::iota(turn.begin(), turn.end(), 5);
        const auto note = [&](std::span<const float> row) { logits.emplace_back(row.begin(), row.end()); };
        note(transformer.prefillAndPredict(prompt, cache));
        contents.push_back(cache.contents());
        for (TokenId id = 7; id < 15; ++id)
            note(transformer.decode(id, cache));
        note(transformer.prefillAndPredict(turn, cache));
        note(transformer.decode(9, cache));
        contents.push_back(cache.contents());
    }
    QVERIFY(contents[0] == contents[2]);
    // The second turn's scores come of what was decoded, which is rounded otherwise: near ties may be kept otherwise.
    QVERIFY(sharedPositions(contents[1], contents[3]) > 0.9);
    const std::size_t steps = logits.size() / 2;
    for (std::size_t step = 0; step < steps; ++step) {
        double largest = 0; // of logits whose deviation is about 2; both round products to bfloat16
        for (std::size_t i = 0; i < logits[step].size(); ++i)
            largest = std::max<double>(largest, std::abs(logits[step][i] - logits[steps + step][i]));
        QVERIFY2(largest < 0.1, qPrintable(QString("step %1: %2").arg(step).arg(largest)));
    }
}

void CacheDeviceTest::repeatedStepsAreTheSame_data()
{
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("method");
    QTest::newRow("full") << "plain"
                          << "full";
    QTest::newRow("headkv") << "plain"
                            << "headkv";
    QTest::newRow("compensation, window") << "windowed"
                                          << "razor";
}

/// The same kernels and operators with the same numbers: equal to the bit.
void CacheDeviceTest::repeatedStepsAreTheSame()
{
    QFETCH(QString, model);
    QFETCH(QString, method);
    const c10::InferenceMode guard;
    const auto loaded =
        Model::load(m_folder.filePath(model).toStdString(), {.device = "tensors", .dtype = DType::BFloat16});
    const CompressionSettings settings = settingsOf(method.toStdString(), Granularity::KvHead, loaded->info());
    int recordings = 0, replays = 0;
    const WorkRecorder recorder = [&](const std::function<void()> &work) {
        ++recordings;
        return std::make_unique<CountedWork>(work, replays);
    };
    Stepper observed(*loaded, settings, {}), repeated(*loaded, settings, recorder);
    Onlooker onlooker;
    takeSteps(observed, &onlooker);
    takeSteps(repeated, nullptr);
    QVERIFY(observed.contents() == repeated.contents());
    QCOMPARE(repeated.logits, observed.logits);
    // Of 6 steps the fourth finds no room, so 3 + 3; the one that is taken back follows them. Then 3, 3 and 3: of each
    // row the first is done as it comes, the second recorded.
    QCOMPARE(recordings, 5);
    QCOMPARE(replays, 2 + 3 + 2 + 2 + 2);
}

QTEST_GUILESS_MAIN(CacheDeviceTest)
#include "CacheDeviceTest.moc"
