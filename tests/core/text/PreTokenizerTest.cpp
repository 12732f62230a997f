// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/PreTokenizer.h"
#include "core/base/Error.h"
#include "core/text/Tokenizer.h"

#include <nlohmann/json.hpp>

#include <QElapsedTimer>
#include <QTest>
#include <fstream>

using namespace headkv;

class PreTokenizerTest : public QObject
{
    Q_OBJECT

private slots:
    void piecesAndIds_data() { rules_data(); }
    void piecesAndIds();
    void aliases_data();
    void aliases();
    void unknownRule();
    void longRuns_data() { rules_data(); }
    void longRuns();

private:
    static void rules_data();
};

void PreTokenizerTest::rules_data()
{
    QTest::addColumn<std::string>("rule");
    for (const char *rule : {"smollm", "gpt-2", "llama-bpe", "qwen2"})
        QTest::newRow(rule) << std::string(rule);
}

/// The reference's pieces, and its ids by a tiny vocabulary that was trained with the rule.
void PreTokenizerTest::piecesAndIds()
{
    QFETCH(std::string, rule);
    const auto golden = nlohmann::json::parse(std::ifstream(HEADKV_GOLDENS "/tokenizer/rules.json")).at(rule);
    Vocabulary vocabulary;
    vocabulary.model = "gpt2";
    vocabulary.pre = rule;
    vocabulary.tokens = golden.at("tokens");
    vocabulary.merges = golden.at("merges");
    const Tokenizer tokenizer(vocabulary);
    const PreTokenizer splitter(rule);
    for (const auto &entry : golden.at("cases")) {
        const std::vector<std::string> expected = entry.at(0);
        std::string text;
        for (const std::string &piece : expected)
            text += piece;
        const std::vector<std::string_view> pieces = splitter.split(text);
        QVERIFY2(std::equal(pieces.begin(), pieces.end(), expected.begin(), expected.end()), entry.dump().c_str());
        const std::vector<TokenId> ids = tokenizer.encode(text);
        QVERIFY2(ids == entry.at(1).get<std::vector<TokenId>>(), entry.dump().c_str());
        QCOMPARE(tokenizer.decode(ids), text);
    }
}

void PreTokenizerTest::aliases_data()
{
    QTest::addColumn<std::string>("alias");
    QTest::addColumn<std::string>("rule");
    QTest::newRow("gpt2") << std::string("gpt2") << std::string("gpt-2");
    QTest::newRow("default") << std::string("default") << std::string("gpt-2");
    QTest::newRow("llama3") << std::string("llama3") << std::string("llama-bpe");
    QTest::newRow("llama-v3") << std::string("llama-v3") << std::string("llama-bpe");
}

void PreTokenizerTest::aliases()
{
    QFETCH(std::string, alias);
    QFETCH(std::string, rule);
    const std::string text = "It's 12345  files;\r\n\n  I'LL see 7 \n";
    QVERIFY(PreTokenizer(alias).split(text) == PreTokenizer(rule).split(text));
    QCOMPARE(PreTokenizer(alias).ignoresMerges(), PreTokenizer(rule).ignoresMerges());
}

void PreTokenizerTest::unknownRule()
{
    try {
        PreTokenizer splitter("no-such-rule");
        QFAIL("accepted");
    } catch (const Error &error) {
        const QString what = QString::fromUtf8(error.what());
        QCOMPARE(error.kind(), ErrorKind::Input);
        for (const char *name : {"no-such-rule", "smollm", "gpt-2", "llama-bpe", "qwen2"})
            QVERIFY2(what.contains(QLatin1String(name)), error.what());
    }
}

/// Patterns that back up over a run must neither give up nor take quadratic time.
void PreTokenizerTest::longRuns()
{
    QFETCH(std::string, rule);
    const PreTokenizer splitter(rule);
    constexpr std::size_t length = std::size_t{1} << 20;
    QElapsedTimer timer;
    timer.start();
    for (const char c : {' ', 'a', '\n', '!', '5', '\t'}) {
        const std::string run(length, c);
        for (const std::string &text : {run, run + "x", "x" + run, run + "\n!"}) {
            std::size_t total = 0;
            for (const std::string_view piece : splitter.split(text))
                total += piece.size();
            QCOMPARE(total, text.size());
        }
    }
    QVERIFY2(timer.elapsed() < 20000, qPrintable(QString::number(timer.elapsed()) + " ms")); // quadratic: hours
}

QTEST_GUILESS_MAIN(PreTokenizerTest)
#include "PreTokenizerTest.moc"
