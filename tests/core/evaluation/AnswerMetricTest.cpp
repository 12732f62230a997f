// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/AnswerMetric.h"

#include <nlohmann/json.hpp>

#include <QTest>
#include <cmath>
#include <fstream>
#include <map>
#include <vector>

using namespace headkv;

class AnswerMetricTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void equalsThePublishedScorers();
    void namesAreBothWays();
    void takesTheBestAnswer();
    void scoresWhatPythonRefuses();
    void firstLines();
};

/// Scores by the Python packages that LongBench uses: tests/goldens/evaluation/make_metrics.py.
void AnswerMetricTest::equalsThePublishedScorers()
{
    const auto goldens = nlohmann::json::parse(std::ifstream(HEADKV_GOLDENS "/evaluation/metrics.json"));
    std::map<std::string, int> counts;
    for (const auto &golden : goldens) {
        const auto metric = answerMetricFrom(golden.at("metric").get<std::string>());
        QVERIFY2(metric.has_value(), golden.dump().c_str());
        const auto answers = golden.at("answers").get<std::vector<std::string>>();
        const auto classes = golden.value("classes", std::vector<std::string>());
        const double actual = scoreAnswer(*metric, golden.at("prediction").get<std::string>(), answers, classes);
        QVERIFY2(std::abs(actual - golden.at("score").get<double>()) < 1e-6,
                 (golden.dump() + " but " + std::to_string(actual)).c_str());
        ++counts[toString(*metric)];
    }
    QCOMPARE(counts.size(), std::size_t(6)); // the seventh is the text metrics'
    for (const auto &[name, count] : counts)
        QVERIFY2(count >= 60, name.c_str());
}

void AnswerMetricTest::namesAreBothWays()
{
    for (const char *name :
         {"rouge1_recall", "qa_f1", "rouge_l", "classification", "retrieval", "count", "code_similarity"}) {
        QVERIFY(answerMetricFrom(name).has_value());
        QCOMPARE(toString(*answerMetricFrom(name)), std::string(name));
    }
    QVERIFY(!answerMetricFrom("QA_F1"));
    QVERIFY(!answerMetricFrom(""));
}

void AnswerMetricTest::takesTheBestAnswer()
{
    const std::vector<std::string> answers{"a blue boat", "the red boat", ""};
    QCOMPARE(scoreAnswer(AnswerMetric::QaF1, "Red boat!", answers), 100.0);
    QCOMPARE(scoreAnswer(AnswerMetric::Rouge1Recall, "a boat", answers), 100.0 * 2 / 3);
    QCOMPARE(scoreAnswer(AnswerMetric::QaF1, "Red boat!", {}), 0.0);
}

/// The published scorers end in an exception here.
void AnswerMetricTest::scoresWhatPythonRefuses()
{
    const std::vector<std::string> answers{"the third"};
    QCOMPARE(scoreAnswer(AnswerMetric::Retrieval, "3", answers), 0.0);
    QCOMPARE(scoreAnswer(AnswerMetric::Classification, "the third", answers), 0.0);
    QCOMPARE(scoreAnswer(AnswerMetric::QaF1, "the \xFF third", answers), 100.0 * 2 / 3); // U+FFFD is a word
    std::string words; // two sentences that exceed Python's recursion
    for (int i = 0; i < 1200; ++i)
        words += "w" + std::to_string(i) + " ";
    QVERIFY(std::abs(scoreAnswer(AnswerMetric::RougeL, words, std::vector<std::string>{words}) - 100) < 1e-5);
}

void AnswerMetricTest::firstLines()
{
    QCOMPARE(firstLine("\n\nred\nblue"), std::string_view("red"));
    QCOMPARE(firstLine("red"), std::string_view("red"));
    QCOMPARE(firstLine(" \nred"), std::string_view(" "));
    QCOMPARE(firstLine("\n\n"), std::string_view(""));
    QCOMPARE(firstLine(""), std::string_view(""));
}

QTEST_GUILESS_MAIN(AnswerMetricTest)
#include "AnswerMetricTest.moc"
