// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/DocumentFile.h"
#include "core/base/Error.h"

#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

using namespace headkv;

namespace {

/// The message of the error that a text gives, or "read".
std::string problemOf(const std::string &jsonl)
{
    try {
        (void)parseDocuments(jsonl, "f.jsonl", "f");
    } catch (const Error &error) {
        return error.kind() == ErrorKind::Input ? error.what() : "of another kind";
    }
    return "read";
}

const std::string goodLine = R"({"context": "A mill.", "input": "What?", "answers": ["a mill"]})";

} // namespace

class DocumentFileTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsLongBenchsLayout();
    void toleratesHowFilesAreWritten();
    void refusesMalformedLines_data();
    void refusesMalformedLines();
    void skipsMalformedLinesWhenTold();
    void readsHugeLines();
    void readsFiles();
    void builtInDocumentsAreWhatTheyPromise();
    void builtInAnswersFollowFromTheText();
};

void DocumentFileTest::readsLongBenchsLayout()
{
    const std::string all =
        R"({"input": "Type?", "context": "A \u00e9 \"mill\".\nTwo.", "answers": ["hill", "mill"], "length": 12, )"
        R"("dataset": "trec", "language": "en", "all_classes": ["hill", "mill", "rill"], "_id": "abc"})";
    const std::string few = R"({"context": "c", "input": "", "answers": "one", "all_classes": null, "_id": 7})";
    const DocumentFile file = parseDocuments(all + "\n" + few, "f.jsonl", "f");
    QCOMPARE(file.name, std::string("f"));
    QCOMPARE(file.questions.size(), std::size_t(2));
    const DocumentQuestion &first = file.questions[0];
    QCOMPARE(first.context, std::string("A \u00e9 \"mill\".\nTwo."));
    QCOMPARE(first.input, std::string("Type?"));
    QVERIFY((first.answers == std::vector<std::string>{"hill", "mill"}));
    QVERIFY((first.allClasses == std::vector<std::string>{"hill", "mill", "rill"}));
    QCOMPARE(first.dataset, std::string("trec"));
    QCOMPARE(first.id, std::string("abc"));
    const DocumentQuestion &second = file.questions[1];
    QVERIFY((second.answers == std::vector<std::string>{"one"}));
    QVERIFY(second.allClasses.empty() && second.dataset.empty() && second.input.empty());
    QCOMPARE(second.id, std::string("7"));
}

void DocumentFileTest::toleratesHowFilesAreWritten()
{
    const DocumentFile file =
        parseDocuments("\xEF\xBB\xBF" + goodLine + "\r\n\r\n  \t\n" + goodLine + "\r\n" + goodLine, "f.jsonl", "f");
    QCOMPARE(file.questions.size(), std::size_t(3));
    QCOMPARE(file.questions[0].line, std::size_t(1));
    QCOMPARE(file.questions[1].line, std::size_t(4));
    QCOMPARE(file.questions[2].line, std::size_t(5));
    QVERIFY(file.skipped.empty());
}

void DocumentFileTest::refusesMalformedLines_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<QByteArray>("reason");
    const auto row = [](const char *line, const char *reason) {
        QTest::newRow(line) << QByteArray(line) << QByteArray(reason);
    };
    row("{\"context\": \"c\", \"input\": ", "not JSON from byte 27");
    row("{'context': 1}", "not JSON from byte 2");
    row("[1, 2]", "not a JSON object");
    row("{}{}", "not JSON from byte 3");
    row("null", "not a JSON object");
    row("1e999", "not JSON that can be read");
    row("{\"input\": \"q\", \"answers\": [\"a\"]}", "\"context\" is missing");
    row("{\"context\": \"c\", \"answers\": [\"a\"]}", "\"input\" is missing");
    row("{\"context\": \"c\", \"input\": \"q\"}", "\"answers\" is missing");
    row("{\"context\": 3, \"input\": \"q\", \"answers\": [\"a\"]}", "\"context\" is not a text");
    row("{\"context\": \"\", \"input\": \"q\", \"answers\": [\"a\"]}", "\"context\" is empty");
    row("{\"context\": \"c\", \"input\": null, \"answers\": [\"a\"]}", "\"input\" is not a text");
    row("{\"context\": \"c\", \"input\": \"q\", \"answers\": []}", "\"answers\" is empty");
    row("{\"context\": \"c\", \"input\": \"q\", \"answers\": [\"a\", 4]}", "\"answers\" is not a list of texts");
    row("{\"context\": \"c\", \"input\": \"q\", \"answers\": {\"a\": 1}}", "\"answers\" is not a list of texts");
    row("{\"context\": \"c\", \"input\": \"q\", \"answers\": [\"a\"], \"all_classes\": [[]]}",
        "\"all_classes\" is not");
    row("{\"context\": \"c\", \"input\": \"q\", \"answers\": [\"a\"], \"dataset\": 1}", "\"dataset\" is not a text");
    row("{\"context\": \"c\xFF\", \"input\": \"q\", \"answers\": [\"a\"]}", "no UTF-8");
    QTest::newRow("deep") << QByteArray(200'000, '[') << QByteArray("not JSON from byte 200001");
}

void DocumentFileTest::refusesMalformedLines()
{
    QFETCH(QByteArray, line);
    QFETCH(QByteArray, reason);
    const std::string problem = problemOf(goodLine + "\n\n" + line.toStdString() + "\n" + goodLine + "\n");
    QVERIFY2(problem.starts_with("f.jsonl:3: "), problem.c_str());
    QVERIFY2(problem.find(reason.toStdString()) != std::string::npos, problem.c_str());
    QVERIFY(problem.find('\n') == std::string::npos);
}

void DocumentFileTest::skipsMalformedLinesWhenTold()
{
    const DocumentFile file = parseDocuments("{\n" + goodLine + "\n[]\n" + goodLine + "\n", "f.jsonl", "f", true);
    QCOMPARE(file.questions.size(), std::size_t(2));
    QCOMPARE(file.questions[1].line, std::size_t(4));
    QCOMPARE(file.skipped.size(), std::size_t(2));
    QVERIFY(file.skipped[0].starts_with("f.jsonl:1: not JSON"));
    QVERIFY(file.skipped[1].starts_with("f.jsonl:3: not a JSON object"));
    try { // nothing is left
        (void)parseDocuments("{\n[]\n", "f.jsonl", "f", true);
        QFAIL("read");
    } catch (const Error &error) {
        QVERIFY(std::string(error.what()).find("f.jsonl:1: not JSON") != std::string::npos);
    }
    QVERIFY(problemOf("").find("holds no question") != std::string::npos);
    QVERIFY(problemOf("\n \n").find("holds no question") != std::string::npos);
}

void DocumentFileTest::readsHugeLines()
{
    std::string words;
    while (words.size() < 20'000'000)
        words += "mill and river ";
    const DocumentFile file = parseDocuments(
        R"({"context": ")" + words + R"(", "input": "q", "answers": ["a"]})" + "\n" + goodLine, "f.jsonl", "f");
    QCOMPARE(file.questions.size(), std::size_t(2));
    QCOMPARE(file.questions[0].context, words);
}

void DocumentFileTest::readsFiles()
{
    const QTemporaryDir folder;
    const std::string path = folder.filePath("some.set.jsonl").toStdString();
    std::ofstream(path) << goodLine << "\n{";
    QCOMPARE(readDocuments(path, true).name, std::string("some.set"));
    QCOMPARE(readDocuments(path, true).source, path);
    try {
        (void)readDocuments(path);
        QFAIL("read");
    } catch (const Error &error) {
        QVERIFY(std::string(error.what()).starts_with(path + ":2: "));
    }
    QVERIFY_EXCEPTION_THROWN((void)readDocuments(path + ".not"), Error);
    QVERIFY_EXCEPTION_THROWN((void)readDocuments(folder.path().toStdString()), Error);
}

void DocumentFileTest::builtInDocumentsAreWhatTheyPromise()
{
    const DocumentFile file = builtInDocuments();
    QVERIFY(file.skipped.empty());
    std::map<std::string, std::size_t> counts;
    std::set<std::string> contexts, ids;
    for (const DocumentQuestion &question : file.questions) {
        ++counts[question.dataset];
        contexts.insert(question.context);
        QVERIFY(ids.insert(question.id).second);
        QCOMPARE(question.answers.size(), std::size_t(1));
        QVERIFY(question.input.ends_with('?'));
        const bool isNumber = question.dataset == "counting";
        QVERIFY2(isNumber || question.context.find(question.answers[0]) != std::string::npos, question.id.c_str());
        QVERIFY2(question.input.find(question.answers[0]) == std::string::npos, question.id.c_str());
    }
    QVERIFY(file.questions.size() >= 48);
    QCOMPARE(counts.size(), std::size_t(4));
    for (const char *dataset : {"facts", "two-step", "counting", "ordering"})
        QCOMPARE(counts[dataset], contexts.size()); // one of each about every document
}

/// Each line names the sentences that decide; make_documents.py --check looks more closely.
void DocumentFileTest::builtInAnswersFollowFromTheText()
{
    std::ifstream file(HEADKV_GOLDENS "/../../resources/evaluation/documents.jsonl");
    std::size_t lines = 0;
    for (std::string line; std::getline(file, line); ++lines) {
        const auto object = nlohmann::json::parse(line);
        const auto text = object.at("context").get<std::string>();
        const auto evidence = object.at("evidence").get<std::vector<std::string>>();
        const auto answer = object.at("answers").at(0).get<std::string>();
        const auto dataset = object.at("dataset").get<std::string>();
        for (const std::string &sentence : evidence)
            QVERIFY2(text.find(sentence) != std::string::npos, sentence.c_str());
        const auto holds = [&answer](const std::string &sentence) {
            return QString::fromStdString(sentence).contains(QString::fromStdString(answer), Qt::CaseInsensitive);
        };
        if (dataset == "facts") {
            QCOMPARE(evidence.size(), std::size_t(1));
            QVERIFY(holds(evidence[0]));
            QCOMPARE(text.find(answer), text.rfind(answer));
        } else if (dataset == "two-step") {
            QVERIFY(evidence.size() == 2 && !holds(evidence[0]) && holds(evidence[1]));
        } else if (dataset == "counting") {
            QCOMPARE(std::to_string(evidence.size()), answer);
        } else {
            QVERIFY(evidence.size() == 2 && holds(evidence[0]) != holds(evidence[1]));
            QVERIFY(text.find(evidence[0]) < text.find(evidence[1]));
        }
    }
    QCOMPARE(lines, builtInDocuments().questions.size());
}

QTEST_GUILESS_MAIN(DocumentFileTest)
#include "DocumentFileTest.moc"
