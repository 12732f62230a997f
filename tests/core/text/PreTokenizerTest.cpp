// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/PreTokenizer.h"
#include "core/base/Error.h"
#include "core/text/GgufRules.h"
#include "core/text/Tokenizer.h"

#include <nlohmann/json.hpp>

#include <QElapsedTimer>
#include <QTest>
#include <fstream>

using namespace headkv;

namespace {

Vocabulary byRule(const std::string &rule)
{
    Vocabulary vocabulary;
    vocabulary.model = "gpt2";
    vocabulary.pre = rule;
    return vocabulary;
}

PreTokenizer splitterOf(const std::string &rule)
{
    Vocabulary vocabulary = byRule(rule);
    applyGgufRules(vocabulary);
    return PreTokenizer(vocabulary.splitters);
}

} // namespace

class PreTokenizerTest : public QObject
{
    Q_OBJECT

private slots:
    void piecesAndIds_data() { rules_data(); }
    void piecesAndIds();
    void aliases_data();
    void aliases();
    void publishedPatterns();
    void defaultRule();
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
    Vocabulary vocabulary = byRule(rule);
    vocabulary.tokens = golden.at("tokens");
    for (const std::string merge : golden.at("merges"))
        vocabulary.merges.add({merge.substr(0, merge.find(' ')), merge.substr(merge.find(' ') + 1)});
    const Tokenizer tokenizer(vocabulary);
    const PreTokenizer splitter = splitterOf(rule);
    for (const auto &entry : golden.at("cases")) {
        const std::vector<std::string> expected = entry.at(0);
        std::string text;
        for (const std::string &piece : expected)
            text += piece;
        const auto pieces = splitter.split(text).list;
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
    QTest::newRow("starcoder") << std::string("starcoder") << std::string("smollm");
    QTest::newRow("llama3") << std::string("llama3") << std::string("llama-bpe");
    QTest::newRow("llama-v3") << std::string("llama-v3") << std::string("llama-bpe");
}

void PreTokenizerTest::aliases()
{
    QFETCH(std::string, alias);
    QFETCH(std::string, rule);
    const std::string text = "It's 12345  files;\r\n\n  I'LL see 7 \n";
    QVERIFY(splitterOf(alias).split(text).list == splitterOf(rule).split(text).list);
    Vocabulary one = byRule(alias), other = byRule(rule);
    applyGgufRules(one);
    applyGgufRules(other);
    QCOMPARE(one.ignoreMerges, other.ignoreMerges);
    QCOMPARE(one.addBos, other.addBos);
}

/// The table's rules are those of the tokenizer.json files.
void PreTokenizerTest::publishedPatterns()
{
    const auto goldens = nlohmann::json::parse(std::ifstream(HEADKV_GOLDENS "/tokenizer/tokenizers.json"));
    for (const auto &[rule, name] : {std::pair("tekken", "tekken"), {"llama-bpe", "llama3"}, {"qwen2", "qwen2"}}) {
        Vocabulary vocabulary = byRule(rule);
        applyGgufRules(vocabulary);
        const auto &parts = goldens.at(name).at("tokenizer").at("pre_tokenizer").at("pretokenizers");
        QCOMPARE(vocabulary.splitters.size(), std::size_t{1});
        QCOMPARE(vocabulary.splitters[0].pattern, parts.at(0).at("pattern").at("Regex").get<std::string>());
    }
}

/// Files that name no rule: llama.cpp's own, which also cuts punctuation off and digits into threes.
void PreTokenizerTest::defaultRule()
{
    const std::vector<std::string_view> expected{"a", ",", " b", "!!", " ", "123", "45", "  ", " c", "\n"};
    QVERIFY(splitterOf("default").split("a, b!! 12345   c\n").list == expected);
}

void PreTokenizerTest::unknownRule()
{
    try {
        static_cast<void>(splitterOf("no-such-rule"));
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
    const PreTokenizer splitter = splitterOf(rule);
    constexpr std::size_t length = std::size_t{1} << 20;
    QElapsedTimer timer;
    timer.start();
    for (const char c : {' ', 'a', '\n', '!', '5', '\t'}) {
        const std::string run(length, c);
        for (const std::string &text : {run, run + "x", "x" + run, run + "\n!"}) {
            std::size_t total = 0;
            for (const std::string_view piece : splitter.split(text).list)
                total += piece.size();
            QCOMPARE(total, text.size());
        }
    }
    QVERIFY2(timer.elapsed() < 20000, qPrintable(QString::number(timer.elapsed()) + " ms")); // quadratic: hours
}

QTEST_GUILESS_MAIN(PreTokenizerTest)
#include "PreTokenizerTest.moc"
