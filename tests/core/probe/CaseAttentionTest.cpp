// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/CaseAttention.h"
#include "core/attention/AttentionObserver.h"
#include "core/cache/DenseCache.h"
#include "core/model/Model.h"
#include "core/model/Transformer.h"
#include "core/probe/ProbeRunner.h"

#include <QTest>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>

using namespace headkv;

namespace {

/// Keeps whole attention rows.
class RowKeeper : public AttentionObserver
{
public:
    void observe(int layer, std::span<const float> probabilities, std::size_t keys) override
    {
        QCOMPARE(layer, static_cast<int>(rows.size()));
        rows.emplace_back(probabilities.begin(), probabilities.end());
        length = keys;
    }

    std::vector<std::vector<float>> rows; ///< [layers][heads·keys]
    std::size_t length = 0;
};

} // namespace

class CaseAttentionTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void equalsTheReferencesRows();
    void equalsEachStepComputedAfresh();
    void followsForcedAnswers();
    void masksHeads();
    void stopsWhenCancelled();
    void refusesCasesThatHaveNotRun();

private:
    [[nodiscard]] ProbeRun probe() const;

    std::shared_ptr<const Model> m_model;
};

void CaseAttentionTest::initTestCase()
{
    m_model = Model::load(HEADKV_GOLDENS "/tiny/tiny-f32.gguf", {.dtype = DType::Float32});
}

ProbeRun CaseAttentionTest::probe() const
{
    ProbeSettings settings;
    settings.kind = ProbeKind::Enhanced;
    settings.lengths = {90};
    settings.depths = {0.4};
    settings.needles = {{" The inn is on the hill.", "Where is the inn?", "on the hill"}};
    settings.haystack = "The rain is in the reed. An otter is on the shore and rests. Nobody sees it there. ";
    settings.filter = {ProbeFilter::Metric::None, 0};
    settings.maxNewTokens = 6;
    return runProbe(m_model, settings);
}

/// The attention of the last token of a text, as transformers gives it, summed over a span.
void CaseAttentionTest::equalsTheReferencesRows()
{
    const auto golden = nlohmann::json::parse(std::ifstream(HEADKV_GOLDENS "/tiny/tiny.json"));
    const auto expected = golden["models"]["f32"]["last_attention"]; // [layers][heads][keys]
    ProbeCase item;
    item.promptIds = golden["ids"].get<std::vector<TokenId>>();
    item.span = {item.promptIds.size() - 9, item.promptIds.size() - 3};
    const CaseAttention attention = attendCase(m_model, item, std::vector<TokenId>{1});
    QCOMPARE(attention.layers, static_cast<int>(expected.size()));
    QCOMPARE(attention.heads, static_cast<int>(expected[0].size()));
    QCOMPARE(attention.mass.size(), std::size_t(1));
    double largest = 0;
    for (int layer = 0; layer < attention.layers; ++layer) {
        for (int head = 0; head < attention.heads; ++head) {
            const auto row = expected[layer][head].get<std::vector<double>>();
            const double sum = std::accumulate(row.end() - 9, row.end() - 3, 0.0);
            largest = std::max(largest, sum);
            QVERIFY(std::abs(attention.mass[0][layer * attention.heads + head] - sum) < 1e-4);
        }
    }
    QVERIFY(largest > 0.05); // there is something to compare
}

/// Each step without what came before: all tokens but the last through prefill, into a new cache.
void CaseAttentionTest::equalsEachStepComputedAfresh()
{
    const ProbeRun run = probe();
    const ProbeCase &item = run.cases[0];
    const std::vector<TokenId> &emitted = run.results[0].emittedIds;
    const CaseAttention attention = attendCase(m_model, item, emitted);
    QCOMPARE(attention.mass.size(), emitted.size());
    QVERIFY(attention.stepIds == emitted);
    std::vector<float> total(8);
    for (std::size_t step = 0; step < emitted.size(); ++step) {
        std::vector<TokenId> ids = item.promptIds;
        ids.insert(ids.end(), emitted.begin(), emitted.begin() + static_cast<std::ptrdiff_t>(step));
        Transformer transformer(m_model);
        DenseCache cache = transformer.makeCache();
        transformer.prefill(std::span(ids).first(ids.size() - 1), cache);
        RowKeeper keeper;
        (void)transformer.decode(ids.back(), cache, &keeper);
        QCOMPARE(keeper.length, ids.size());
        for (std::size_t i = 0; i < 8; ++i) {
            const auto row = std::span(keeper.rows[i / 4]).subspan(i % 4 * keeper.length, keeper.length);
            float sum = 0;
            for (std::size_t key = item.span.begin; key < item.span.end; ++key)
                sum += row[key];
            total[i] += sum;
            QVERIFY(std::abs(attention.mass[step][i] - sum) < 1e-5F);
        }
    }
    for (std::size_t i = 0; i < 8; ++i)
        QVERIFY(std::abs(attention.sum()[i] - total[i]) < 1e-4F);
}

/// The answer's ids in place of the emitted ones: the first step is the same, the next ones are not.
void CaseAttentionTest::followsForcedAnswers()
{
    const ProbeRun run = probe();
    const ProbeCase &item = run.cases[0];
    QVERIFY(item.answerIds.size() > 1 && item.answerIds[0] != run.results[0].emittedIds[0]);
    const CaseAttention emitted = attendCase(m_model, item, run.results[0].emittedIds);
    const CaseAttention forced = attendCase(m_model, item, item.answerIds);
    QCOMPARE(forced.mass.size(), item.answerIds.size());
    QVERIFY(forced.mass[0] == emitted.mass[0]);
    QVERIFY(forced.mass[1] != emitted.mass[1]);
}

/// A head of the first layer that goes nowhere changes where the second layer looks, not where the first does.
void CaseAttentionTest::masksHeads()
{
    const ProbeRun run = probe();
    const CaseAttention whole = attendCase(m_model, run.cases[0], run.results[0].emittedIds);
    const CaseAttention masked = attendCase(m_model, run.cases[0], run.results[0].emittedIds, {{0, 1}, {0, 2}});
    for (std::size_t i = 0; i < 4; ++i)
        QCOMPARE(masked.mass[0][i], whole.mass[0][i]);
    QVERIFY(!std::equal(masked.mass[0].begin() + 4, masked.mass[0].end(), whole.mass[0].begin() + 4));
}

void CaseAttentionTest::stopsWhenCancelled()
{
    const ProbeRun run = probe();
    JobControl control;
    std::vector<std::string> stages;
    control.progress = [&](const Progress &progress) {
        if (stages.empty() || stages.back() != progress.stage)
            stages.push_back(progress.stage);
        if (progress.stage == "Following the answer" && progress.done >= 2)
            control.cancellation.cancel();
    };
    try {
        (void)attendCase(m_model, run.cases[0], run.results[0].emittedIds, {}, control);
        QFAIL("it was not cancelled");
    } catch (const Error &error) {
        QVERIFY(error.kind() == ErrorKind::Cancelled);
    }
    QVERIFY(stages.size() >= 2); // the prompt, then the answer
}

void CaseAttentionTest::refusesCasesThatHaveNotRun()
{
    ProbeCase item = probe().cases[0];
    QVERIFY_EXCEPTION_THROWN((void)attendCase(m_model, item, {}), Error);
    item.span.end = item.promptIds.size() + 1;
    QVERIFY_EXCEPTION_THROWN((void)attendCase(m_model, item, item.answerIds), Error);
}

QTEST_GUILESS_MAIN(CaseAttentionTest)
#include "CaseAttentionTest.moc"
