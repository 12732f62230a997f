// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/PromptFormat.h"
#include "core/base/Error.h"

#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <set>

using namespace headkv;

namespace {

std::string problemOf(const std::string &json)
{
    try {
        PromptFormats::builtIn().parse(json, "p.json");
    } catch (const Error &error) {
        return error.kind() == ErrorKind::Input ? error.what() : "of another kind";
    }
    return "read";
}

} // namespace

class PromptFormatTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void knowsLongBenchsDatasets_data();
    void knowsLongBenchsDatasets();
    void knowsItsOwnDatasets();
    void usersFileOverrides();
    void readsLongBenchsPrompts();
    void refusesMalformedFiles_data();
    void refusesMalformedFiles();
};

/// Metrics, lengths and the exceptions from the chat template and to the whole answer, as LongBench has them.
void PromptFormatTest::knowsLongBenchsDatasets_data()
{
    QTest::addColumn<QString>("metric");
    QTest::addColumn<int>("tokens");
    QTest::addColumn<bool>("chat");
    QTest::addColumn<bool>("firstLine");
    const auto row = [](const char *name, const char *metric, int tokens, bool chat = true, bool firstLine = false) {
        QTest::newRow(name) << metric << tokens << chat << firstLine;
    };
    row("narrativeqa", "qa_f1", 128);
    row("qasper", "qa_f1", 128);
    row("multifieldqa_en", "qa_f1", 64);
    row("hotpotqa", "qa_f1", 32);
    row("2wikimqa", "qa_f1", 32);
    row("musique", "qa_f1", 32);
    row("gov_report", "rouge_l", 512);
    row("qmsum", "rouge_l", 512);
    row("multi_news", "rouge_l", 512);
    row("trec", "classification", 64, false, true);
    row("triviaqa", "qa_f1", 32, false, true);
    row("samsum", "rouge_l", 128, false, true);
    row("passage_count", "count", 32);
    row("passage_retrieval_en", "retrieval", 32);
    row("lcc", "code_similarity", 64, false);
    row("repobench-p", "code_similarity", 64, false);
}

void PromptFormatTest::knowsLongBenchsDatasets()
{
    QFETCH(QString, metric);
    QFETCH(int, tokens);
    QFETCH(bool, chat);
    QFETCH(bool, firstLine);
    const std::string name = QTest::currentDataTag();
    const PromptFormats formats = PromptFormats::builtIn();
    QVERIFY(formats.all().contains(name));
    const PromptFormat &format = formats.of(name);
    QCOMPARE(toString(format.metric), metric.toStdString());
    QCOMPARE(format.maxNewTokens, tokens);
    QCOMPARE(format.chat, chat);
    QCOMPARE(format.firstLineOnly, firstLine);
    const bool asks = !std::set<std::string>{"gov_report", "multi_news", "passage_count", "lcc"}.contains(name);
    QCOMPARE(format.prompt.find("{input}") != std::string::npos, asks);
    QVERIFY(formats.of(name + "_e") == format); // LongBench-E
}

void PromptFormatTest::knowsItsOwnDatasets()
{
    const PromptFormats formats = PromptFormats::builtIn();
    QVERIFY(formats.of("facts").metric == AnswerMetric::Rouge1Recall);
    QVERIFY(formats.of("counting").metric == AnswerMetric::Count);
    QVERIFY(formats.of("two-step").metric == AnswerMetric::QaF1);
    QVERIFY(formats.of("ordering").metric == AnswerMetric::QaF1);
    QVERIFY(formats.of("some file's name").metric == AnswerMetric::QaF1);
    QVERIFY(formats.of("some file's name") == formats.of("default"));
    QVERIFY(isChineseDataset("dureader") && !isChineseDataset("qasper"));
}

void PromptFormatTest::usersFileOverrides()
{
    const QTemporaryDir folder;
    const std::string path = folder.filePath("p.json").toStdString();
    std::ofstream(path) << R"({"qasper": {"max_new_tokens": 9, "prompt": "{input} {context}"},
                               "mine": {"prompt": "{context}: {input}", "metric": "rouge_l", "first_line": true}})";
    PromptFormats formats = PromptFormats::builtIn();
    formats.read(path);
    QCOMPARE(formats.of("qasper").prompt, std::string("{input} {context}"));
    QCOMPARE(formats.of("qasper").maxNewTokens, 9);
    QVERIFY(formats.of("qasper").metric == AnswerMetric::QaF1 && formats.of("qasper").chat);
    QVERIFY(formats.of("mine").metric == AnswerMetric::RougeL && formats.of("mine").firstLineOnly);
    QCOMPARE(formats.of("mine").maxNewTokens, formats.of("default").maxNewTokens);
    QVERIFY(formats.of("trec") == PromptFormats::builtIn().of("trec"));
}

void PromptFormatTest::readsLongBenchsPrompts()
{
    PromptFormats formats = PromptFormats::builtIn();
    formats.parse(R"({"trec": "T {context}\n{input}", "dureader": "\u95ee {context} {input}"})", "dataset2prompt.json");
    QCOMPARE(formats.of("trec").prompt, std::string("T {context}\n{input}"));
    QVERIFY(formats.of("trec").metric == AnswerMetric::Classification && !formats.of("trec").chat);
    QVERIFY(!formats.all().contains("dureader")); // passed over, so that the original file can be read
}

void PromptFormatTest::refusesMalformedFiles_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QByteArray>("reason");
    const auto row = [](const char *json, const char *reason) {
        QTest::newRow(json) << QByteArray(json) << QByteArray(reason);
    };
    row("", "not JSON");
    row("{\"a\": ", "not JSON");
    row("[]", "not a JSON object");
    row("{\"a\": 3}", "\"a\": neither a prompt's text nor an object");
    row("{\"a\": \"no mark\"}", "\"a\": the prompt must hold {context} once");
    row("{\"a\": \"{context} {context}\"}", "\"a\": the prompt must hold {context} once");
    row("{\"a\": {\"prompt\": 1}}", "\"prompt\" is not a text");
    row("{\"a\": {\"metric\": \"f1\"}}", "there is no metric \"f1\"");
    row("{\"a\": {\"max_new_tokens\": 0}}", "\"max_new_tokens\" is not a number of tokens");
    row("{\"a\": {\"max_new_tokens\": 1.5}}", "\"max_new_tokens\" is not a number of tokens");
    row("{\"a\": {\"max_new_tokens\": 99999999999999999999}}", "\"max_new_tokens\" is not a number of tokens");
    row("{\"a\": {\"chat\": \"yes\"}}", "\"chat\" is neither true nor false");
    row("{\"a\": {\"chats\": true}}", "\"chats\" is no setting");
}

void PromptFormatTest::refusesMalformedFiles()
{
    QFETCH(QByteArray, json);
    QFETCH(QByteArray, reason);
    const std::string problem = problemOf(json.toStdString());
    QVERIFY2(problem.starts_with("p.json: "), problem.c_str());
    QVERIFY2(problem.find(reason.toStdString()) != std::string::npos, problem.c_str());
}

QTEST_GUILESS_MAIN(PromptFormatTest)
#include "PromptFormatTest.moc"
