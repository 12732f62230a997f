// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/HeadScores.h"
#include "core/base/Error.h"
#include "core/probe/HeadScoreFile.h"
#include "core/probe/ScoreText.h"

#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <nlohmann/json.hpp>

using namespace headkv;

class HeadScoresTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void summarizes();
    void ranksTiesByPlace();
    void comparesByHand();
    void roundTrips();
    void toleratesOrderAndIntegers();
    void readsQuicklyWhatJsonIs_data();
    void readsQuicklyWhatJsonIs();
    void refuses_data();
    void refuses();
    void requiresTheModelsShape();

private:
    static HeadScores twoByTwo(std::vector<std::vector<double>> values);
};

HeadScores HeadScoresTest::twoByTwo(std::vector<std::vector<double>> values)
{
    HeadScores scores(2, 2);
    scores.values = std::move(values);
    return scores;
}

void HeadScoresTest::summarizes()
{
    // Means 0.1, 0.5, 0, 0.4: they sum to 1, so shares are the means.
    const HeadScoreSummary summary = summarize(twoByTwo({{0.0, 0.2}, {0.5, 0.5}, {0, 0}, {0.2, 0.6}}));
    const std::vector<double> expected{0.1, 0.5, 0, 0.4};
    for (std::size_t i = 0; i < 4; ++i) {
        QVERIFY(std::abs(summary.means[i] - expected[i]) < 1e-12);
        QVERIFY(std::abs(summary.shares[i] - expected[i]) < 1e-12);
    }
    QVERIFY(std::abs(summary.standardErrors[0] - 0.1) < 1e-12); // deviations ±0.1: √(0.02 / 1 / 2)
    QCOMPARE(summary.standardErrors[1], 0.0);
    QVERIFY((summary.ranks == std::vector<int>{3, 1, 4, 2}));
    QVERIFY(std::abs(summary.layerShares[0] - 0.6) < 1e-12);
    QCOMPARE(summary.zeroShare, 0.25);
    QCOMPARE(summary.nonzeroHeads, std::size_t(3));
    QCOMPARE(summary.lorenz.size(), std::size_t(5));
    QVERIFY(std::abs(summary.lorenz[3] - 0.5) < 1e-12);
    QVERIFY(std::abs(summary.lorenz[4] - 1) < 1e-12);
}

void HeadScoresTest::ranksTiesByPlace()
{
    const HeadScores tied = twoByTwo({{0.5}, {0.5}, {1}, {0.5}});
    const auto top = topHeads(tied, summarize(tied), 3);
    QCOMPARE(top.size(), std::size_t(3));
    QVERIFY(top[0].layer == 1 && top[0].head == 0 && top[1].layer == 0 && top[1].head == 0 && top[2].head == 1);
    QCOMPARE(topHeads(tied, summarize(tied), 9).size(), std::size_t(4));
    QCOMPARE(summarize(twoByTwo({{0}, {0}, {0}, {0}})).shares[0], 0.0);
}

void HeadScoresTest::comparesByHand()
{
    const HeadScores a = twoByTwo({{1}, {2}, {2}, {5}});
    const HeadScores b = twoByTwo({{4}, {3}, {2}, {1}});
    const HeadScoreComparison comparison = compare(a, b);
    // Ranks 4, 2.5, 2.5, 1 against 1, 2, 3, 4: covariance −4.5, variances 4.5 and 5.
    QVERIFY(std::abs(comparison.spearman + 4.5 / std::sqrt(4.5 * 5)) < 1e-12);
    // Means 2.5 and 2.5: products −6, squares 9 and 5.
    QVERIFY(std::abs(comparison.pearson + 6 / std::sqrt(9.0 * 5)) < 1e-12);
    QVERIFY(std::abs(comparison.difference[1][1] - (0.5 - 0.1)) < 1e-12);
    QCOMPARE(comparison.topOverlap(1), 0.0);
    QCOMPARE(comparison.topOverlap(2), 0.5); // {1-1, 0-1} against {0-0, 0-1}
    QCOMPARE(comparison.topOverlap(100), 1.0);
    QCOMPARE(compare(a, twoByTwo({{1}, {1}, {1}, {1}})).pearson, 0.0); // constant: no correlation, not NaN
    QVERIFY_EXCEPTION_THROWN((void)compare(a, HeadScores(1, 4)), Error);
}

void HeadScoresTest::roundTrips()
{
    QTemporaryDir folder;
    const std::filesystem::path path = folder.filePath("a.scores.json").toStdString();
    const HeadScores scores =
        twoByTwo({{0.1, 1.0 / 3}, {1e-17, 5e-324}, {0, 12345.678901234567}, {1, 0.30000000000000004}});
    writeHeadScores(path, scores, nlohmann::json{{"model", "m"}});
    QVERIFY(readHeadScores(path).values == scores.values);
    QCOMPARE(headScoreMetaPath(path).filename().string(), std::string("a.scores.meta.json"));
    QVERIFY(std::filesystem::exists(headScoreMetaPath(path)));
    QVERIFY(formatHeadScores(scores).starts_with(R"({"0-0":[0.1,)"));
}

void HeadScoresTest::toleratesOrderAndIntegers()
{
    const HeadScores scores = parseHeadScores("{\"1-0\": [3], \"0-1\": [2], \"0-0\": [1], \"1-1\": [4.0]}\n", "f");
    QVERIFY((scores.values == std::vector<std::vector<double>>{{1}, {2}, {3}, {4}}));
    QVERIFY(scores.layers == 2 && scores.heads == 2);
}

void HeadScoresTest::readsQuicklyWhatJsonIs_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<bool>("isQuick");
    const auto row = [](const char *name, const char *json, bool isQuick) {
        QTest::newRow(name) << QByteArray(json) << isQuick;
    };
    row("plain", R"({"0-0":[0.5,0],"0-1":[1,2e-3],"10-0":[7E+2,0.0]})", true);
    row("blanks", " {\t\"0-0\" :\r\n[ 1 , 2 ] }\n", true);
    row("ends of the range", R"({"0-0":[5e-324,1.7976931348623157e308,0.1]})", true);
    // Left to the library: its own spellings, and all that is wrong.
    row("escaped", R"({"\u0030-0":[1]})", false);
    row("vanishing", R"({"0-0":[1e-400]})", false);
    row("minus zero", R"({"0-0":[-0.0]})", false);
    for (const char *const bad : {"",
                                  "{}",
                                  "[1]",
                                  R"({"0-0":[]})",
                                  R"({"0-0":[01]})",
                                  R"({"0-0":[.5]})",
                                  R"({"0-0":[1.]})",
                                  R"({"0-0":[1e]})",
                                  R"({"0-0":[+1]})",
                                  R"({"0-0":[1,]})",
                                  R"({"0-0":[1],})",
                                  R"({"0-0":[1]}x)",
                                  R"({"0-0":[1])",
                                  R"({"0-0":[1)",
                                  R"({"0-0":[nan]})",
                                  R"({"0-0":[inf]})",
                                  R"({"0-0":[0x1]})",
                                  R"({"00-0":[1]})",
                                  R"({"0-99999999999":[1]})",
                                  R"({"0-0":[1],"0-0":[1]})",
                                  R"({"0-0":[1e999]})",
                                  R"({"0-0" [1]})",
                                  R"({"0-0:[1]})",
                                  R"({0-0:[1]})"})
        row(*bad ? bad : "empty", bad, false);
}

void HeadScoresTest::readsQuicklyWhatJsonIs()
{
    QFETCH(QByteArray, json);
    QFETCH(bool, isQuick);
    const auto lists = readScoreText({json.data(), static_cast<std::size_t>(json.size())});
    QCOMPARE(lists.has_value(), isQuick);
    if (!lists)
        return;
    const auto expected = nlohmann::json::parse(json.toStdString());
    QCOMPARE(lists->size(), expected.size());
    for (const auto &[head, values] : *lists)
        QVERIFY(values == expected[toString(head)].get<std::vector<double>>());
}

void HeadScoresTest::refuses_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *name, const char *json, const char *says) {
        QTest::newRow(name) << QByteArray(json) << QString(says);
    };
    row("empty file", "", "not JSON");
    row("cut off", R"({"0-0":[1,2)", "not JSON");
    row("trailing", R"({"0-0":[1]} x)", "not JSON");
    row("a list", "[1]", "one JSON object");
    row("no head", "{}", "no head");
    row("missing head", R"({"0-0":[1],"0-1":[1],"1-0":[1]})", R"("1-1" is missing)");
    row("missing in the middle", R"({"0-0":[1],"0-1":[1],"2-0":[1],"2-1":[1]})", R"("1-0" is missing)");
    row("extra head", R"({"0-0":[1],"1-0":[1],"1-1":[1]})", "one too many");
    row("huge layer", R"({"0-0":[1],"999999999-0":[1]})", R"("1-0" is missing)");
    row("twice", R"({"0-0":[1],"0-0":[1]})", "twice");
    row("key", R"({"0-0":[1],"head":[1]})", "LAYER-HEAD");
    row("leading zero", R"({"00-0":[1]})", "LAYER-HEAD");
    row("negative", R"({"0-0":[1,-0.5]})", R"(["0-0"][1])");
    row("overflow", R"({"0-0":[1e999]})", "out of range");
    row("NaN", R"({"0-0":[NaN]})", "not JSON");
    row("string", R"({"0-0":["1"]})", "expected a score");
    row("null", R"({"0-0":null})", "list of scores");
    row("nested", R"({"0-0":[[1]]})", "a list");
    row("empty list", R"({"0-0":[]})", "empty");
    row("object for a list", R"({"0-0":{"a":[1]}})", R"($["0-0"]: found an object; expected a list of scores)");
    row("object in a list", R"({"0-0":[1,{}]})", R"($["0-0"][1]: found an object; expected a score)");
    row("missing in layer 0", R"({"0-0":[1],"0-2":[1],"1-0":[1],"1-1":[1],"1-2":[1]})", R"("0-1" is missing)");
    row("huge head", R"({"0-0":[1],"0-999999999":[1]})", R"("0-1" is missing)");
    row("lengths", R"({"0-0":[1,2],"0-1":[1]})", "has 1 scores");
}

void HeadScoresTest::refuses()
{
    QFETCH(QByteArray, json);
    QFETCH(QString, says);
    try {
        (void)parseHeadScores(json.toStdString(), "scores.json");
        QFAIL("accepted");
    } catch (const Error &error) {
        QCOMPARE(error.kind(), ErrorKind::Input);
        QVERIFY2(QString(error.what()).startsWith("scores.json: ") && QString(error.what()).contains(says),
                 error.what());
    }
}

void HeadScoresTest::requiresTheModelsShape()
{
    requireShape(HeadScores(2, 2), 2, 2, "f");
    QVERIFY_EXCEPTION_THROWN(requireShape(HeadScores(2, 2), 2, 3, "f"), Error);
}

QTEST_GUILESS_MAIN(HeadScoresTest)
#include "HeadScoresTest.moc"
