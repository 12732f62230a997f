// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Installation.h"
#include "core/model/Model.h"
#include "core/probe/Haystack.h"
#include "core/probe/ProbeRunner.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace headkv;

/// The default model's scores against those of transformers (tests/goldens/probe).
class ProbeGoldenTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void matchesTransformers_data();
    void matchesTransformers();

private:
    nlohmann::json m_cases = nlohmann::json::parse(std::ifstream(HEADKV_GOLDENS "/probe/probe.json"));
    std::shared_ptr<const Model> m_model = Model::load(defaultModelPath(), {.dtype = DType::Float32});
};

void ProbeGoldenTest::matchesTransformers_data()
{
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < m_cases.size(); ++i)
        QTest::addRow("%s %s %d", m_cases[i]["scoring"].get<std::string>().c_str(),
                      m_cases[i]["kind"].get<std::string>().c_str(), static_cast<int>(i))
            << static_cast<int>(i);
}

void ProbeGoldenTest::matchesTransformers()
{
    QFETCH(int, index);
    const nlohmann::json &golden = m_cases[index];
    ProbeSettings settings;
    settings.kind = *probeKindFrom(golden["kind"].get<std::string>());
    settings.scoring = *probeScoringFrom(golden["scoring"].get<std::string>());
    for (const nlohmann::json &head : golden["masked"])
        settings.maskedHeads.push_back(*headIdFrom(head.get<std::string>()));
    settings.lengths = {golden["length"].get<int>()};
    settings.depths = {golden["depth"].get<double>()};
    settings.needles = {{golden["needle"]["needle"], golden["needle"]["question"], golden["needle"]["answer"]}};
    settings.haystack = builtInHaystack().text;
    settings.filter = {ProbeFilter::Metric::None, 0};
    settings.maxNewTokens = 12;
    const ProbeRun run = runProbe(m_model, settings);
    QVERIFY(golden["prompt_ids"] == run.cases[0].promptIds);
    QVERIFY(golden["span"][0] == run.cases[0].span.begin && golden["span"][1] == run.cases[0].span.end);
    QVERIFY(golden["emitted_ids"] == run.results[0].emittedIds);

    const auto expected = golden["scores"].get<std::vector<double>>();
    const std::vector<double> &actual = run.results[0].scores;
    QCOMPARE(actual.size(), expected.size());
    QVERIFY(std::ranges::any_of(expected, [](double score) { return score > 0.05; })); // there is something to compare
    std::size_t equal = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        // Eq. 2: attention of both in float32, sums in another order. Eq. 1 counts: near-equal keys may swap, on few
        // heads.
        if (settings.kind != ProbeKind::Retrieval)
            QVERIFY2(std::abs(actual[i] - expected[i]) < 3e-3,
                     qPrintable(QString("head %1: %2, not %3").arg(i).arg(actual[i]).arg(expected[i])));
        equal += std::abs(actual[i] - expected[i]) < 1e-5;
    }
    if (settings.kind == ProbeKind::Retrieval)
        QVERIFY(static_cast<double>(equal) >= 0.995 * static_cast<double>(expected.size()));
}

QTEST_GUILESS_MAIN(ProbeGoldenTest)
#include "ProbeGoldenTest.moc"
