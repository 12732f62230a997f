// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/Tokenizer.h"
#include "core/base/Error.h"
#include "core/base/Installation.h"
#include "core/checkpoint/GgufFile.h"
#include "core/checkpoint/GgufVocabulary.h"

#include <nlohmann/json.hpp>

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <functional>
#include <thread>

using namespace headkv;

namespace {

using Ids = std::vector<TokenId>;

/// A vocabulary of few tokens; ids are positions in `tokens`.
Vocabulary smallVocabulary()
{
    Vocabulary vocabulary;
    vocabulary.model = "gpt2";
    vocabulary.pre = "gpt-2";
    vocabulary.tokens = {"a", "b", "c", "ab", "abc", "<|x|>", "<|x|>y", "<u>", "<|im_end|>", "\u0120", "<", "u", ">"};
    for (const TokenId id : {5, 6, 7, 8}) {
        vocabulary.added.push_back({id, vocabulary.tokens[id]});
        vocabulary.added.back().special = id != 7;
    }
    vocabulary.merges = {{"a", "b"}, {"ab", "c"}};
    return vocabulary;
}

std::string bytesOf(const nlohmann::json &entry)
{
    if (entry.contains("text"))
        return entry.at("text");
    return QByteArray::fromHex(QByteArray::fromStdString(entry.at("hex"))).toStdString();
}

} // namespace

class TokenizerTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void defaultModelEqualsReference();
    void decodesWhatItEncodes();
    void defaultModelEnds();
    void sharedBetweenThreads();
    void linearTime_data();
    void linearTime();
    void specialTokens();
    void beginningOfText();
    void endsGeneration();
    void missingBytesAreDropped();
    void decode();
    void manyAddedTokens();
    void mergeWithoutSpace();
    void refuses_data();
    void refuses();

private:
    std::unique_ptr<Tokenizer> m_default;
};

void TokenizerTest::initTestCase()
{
    const GgufFile file(defaultModelPath());
    m_default = std::make_unique<Tokenizer>(readGgufVocabulary(file).value());
}

void TokenizerTest::defaultModelEqualsReference()
{
    const auto goldens = nlohmann::json::parse(std::ifstream(HEADKV_GOLDENS "/tokenizer/smollm.json"));
    QVERIFY(goldens.size() > 250);
    for (const auto &golden : goldens) {
        const std::string text = bytesOf(golden);
        const Ids expected = golden.at("ids");
        QVERIFY2(m_default->encode(text) == expected, golden.dump().c_str());
        QVERIFY2(m_default->encodePart(text) == expected, golden.dump().c_str());
        const Ids plain = golden.value("plain_ids", expected);
        QVERIFY2(m_default->encode(text, SpecialTokens::Plain) == plain, golden.dump().c_str());
    }
}

void TokenizerTest::decodesWhatItEncodes()
{
    int compared = 0;
    for (const auto &golden : nlohmann::json::parse(std::ifstream(HEADKV_GOLDENS "/tokenizer/smollm.json"))) {
        const std::string text = golden.value("text", "");
        // The vocabulary has no token for these bytes.
        if (text.find_first_of("\x04\x06\x13\x14\x16\x1D\xF1\xF2") != std::string::npos)
            continue;
        QCOMPARE(m_default->decode(m_default->encode(text)), text);
        QCOMPARE(m_default->decode(m_default->encode(text, SpecialTokens::Plain)), text);
        ++compared;
    }
    QVERIFY(compared > 200);
}

void TokenizerTest::defaultModelEnds()
{
    Ids ends;
    for (TokenId id = 0; id < static_cast<TokenId>(m_default->size()); ++id) {
        if (m_default->endsGeneration(id))
            ends.push_back(id);
    }
    QCOMPARE(ends, (Ids{0, 2})); // <|endoftext|>, <|im_end|>
    QVERIFY(!m_default->endsGeneration(-1));
    QVERIFY(!m_default->endsGeneration(static_cast<TokenId>(m_default->size())));
}

void TokenizerTest::sharedBetweenThreads()
{
    std::string text;
    for (int i = 0; i < 2000; ++i)
        text += "word" + std::to_string(i) + (i % 7 == 0 ? "<|im_end|>\n" : ", ");
    const Ids expected = m_default->encode(text);
    std::array<Ids, 4> results;
    std::vector<std::jthread> threads;
    for (Ids &result : results)
        threads.emplace_back([&] { result = m_default->encode(text); });
    threads.clear();
    for (const Ids &result : results)
        QCOMPARE(result, expected);
}

void TokenizerTest::linearTime_data()
{
    QTest::addColumn<std::string>("unit");
    for (const char *unit : {"a", " ", "\n", "\t ", "\r\n", "5", "!", "<", "<|im_end|>", "<|im_", "ab", " \n", "\xFF",
                             "\xE4\xB8\xAD", "\xCC\x81", "A sentence of ordinary words. "})
        QTest::newRow(QByteArray(unit).toPercentEncoding().constData()) << std::string(unit);
}

void TokenizerTest::linearTime()
{
    QFETCH(std::string, unit);
    std::string text;
    while (text.size() < std::size_t{1} << 20)
        text += unit;
    QElapsedTimer timer;
    timer.start();
    const Ids ids = m_default->encode(text);
    qInfo("1 MB of it: %lld ms, %zu tokens", static_cast<long long>(timer.elapsed()), ids.size());
    // Well under a second in a release build; quadratic time would take hours.
    QVERIFY2(timer.elapsed() < 15000, qPrintable(QString::number(timer.elapsed()) + " ms"));
    if (unit != "\xFF")
        QCOMPARE(m_default->decode(ids), text);
}

void TokenizerTest::specialTokens()
{
    const Tokenizer tokenizer(smallVocabulary());
    QCOMPARE(tokenizer.encode("ab<|x|>abc"), (Ids{3, 5, 4}));
    QCOMPARE(tokenizer.encode("<|x|>y<|x|>"), (Ids{6, 5})); // the longest at a place
    QCOMPARE(tokenizer.encode("a<|x"), (Ids{0, 10}));       // the other bytes have no token
    QCOMPARE(tokenizer.encode("<|x|>", SpecialTokens::Plain), (Ids{10, 12}));
    // User-defined tokens are not special: they are read out of plain text, too.
    QCOMPARE(tokenizer.encode("a<u>b"), (Ids{0, 7, 1}));
    QCOMPARE(tokenizer.encode("a<u>b", SpecialTokens::Plain), (Ids{0, 7, 1}));
    QCOMPARE(tokenizer.encode("a<u<u>"), (Ids{0, 10, 11, 7}));
    QVERIFY(tokenizer.encode("").empty());
    QVERIFY(tokenizer.encode("", SpecialTokens::Plain).empty());
}

void TokenizerTest::beginningOfText()
{
    Vocabulary vocabulary = smallVocabulary();
    vocabulary.bos = 5;
    QCOMPARE(Tokenizer(vocabulary).encode("ab"), (Ids{3})); // this rule adds none unless told
    vocabulary.addBos = true;
    const Tokenizer adds(vocabulary);
    QCOMPARE(adds.encode("ab"), (Ids{5, 3}));
    QCOMPARE(adds.encode(""), (Ids{5}));
    QCOMPARE(adds.encode("ab", SpecialTokens::Plain), (Ids{3}));
    QCOMPARE(adds.encodePart("ab"), (Ids{3}));
    vocabulary.addBos.reset();
    vocabulary.pre = "llama-bpe";
    QCOMPARE(Tokenizer(vocabulary).encode("ab"), (Ids{5, 3})); // and this one does unless told
    vocabulary.addBos = false;
    QCOMPARE(Tokenizer(vocabulary).encode("ab"), (Ids{3}));
    vocabulary.addBos = true;
    vocabulary.bos.reset();
    QCOMPARE(Tokenizer(vocabulary).encode("ab"), (Ids{3}));
}

void TokenizerTest::endsGeneration()
{
    Vocabulary vocabulary = smallVocabulary();
    vocabulary.eos = 0;
    vocabulary.eot = 6;
    const Tokenizer tokenizer(vocabulary);
    for (TokenId id = 0; id < static_cast<TokenId>(tokenizer.size()); ++id)
        QCOMPARE(tokenizer.endsGeneration(id), id == 0 || id == 6 || id == 8);
    vocabulary.added.pop_back(); // a look-alike
    QVERIFY(!Tokenizer(vocabulary).endsGeneration(8));
}

void TokenizerTest::missingBytesAreDropped()
{
    const Tokenizer tokenizer(smallVocabulary());
    QCOMPARE(tokenizer.encode("aZb"), (Ids{3})); // as tokenizers does, which then merges the neighbours
    QVERIFY(tokenizer.encode("XYZ").empty());
}

void TokenizerTest::decode()
{
    const Tokenizer tokenizer(smallVocabulary());
    QCOMPARE(tokenizer.decode(Ids{3, 9, 6, 7}), std::string("ab <|x|>y<u>"));
    QCOMPARE(tokenizer.decode(Ids{}), std::string());
    QCOMPARE(tokenizer.piece(9), std::string(" "));
    for (const TokenId id : {-1, 13, std::numeric_limits<TokenId>::max(), std::numeric_limits<TokenId>::min()}) {
        try {
            static_cast<void>(tokenizer.decode(Ids{0, id}));
            QFAIL("accepted");
        } catch (const Error &error) {
            const QString what = QString::fromUtf8(error.what());
            QCOMPARE(error.kind(), ErrorKind::Input);
            QVERIFY2(what.contains(QString::number(id)) && what.contains("12"), error.what());
        }
    }
}

void TokenizerTest::manyAddedTokens()
{
    Vocabulary vocabulary = smallVocabulary();
    for (int i = 0; i < 1000; ++i) {
        vocabulary.tokens.push_back("<|reserved_" + std::to_string(i) + "|>");
        vocabulary.added.push_back({13 + i, vocabulary.tokens.back()});
    }
    const Tokenizer tokenizer(vocabulary);
    const std::string unit = "<|reserved_7|><|reserved_77|><|reserved_777<";
    std::string text;
    Ids expected;
    for (int i = 0; i < 20000; ++i) {
        text += unit;
        expected.insert(expected.end(), {13 + 7, 13 + 77});
    }
    QElapsedTimer timer;
    timer.start();
    Ids ids = tokenizer.encode(text);
    QVERIFY2(timer.elapsed() < 10000, qPrintable(QString::number(timer.elapsed()) + " ms"));
    std::erase_if(ids, [](TokenId id) { return id < 13; });
    QCOMPARE(ids, expected);
}

void TokenizerTest::mergeWithoutSpace()
{
    std::ifstream whole(HEADKV_GOLDENS "/tiny/tiny-vocabulary.gguf", std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(whole), {});
    const std::size_t at = bytes.find("\u0120 t");
    QVERIFY(at != std::string::npos);
    bytes[at + 2] = '_';
    const QTemporaryDir folder;
    const std::string path = folder.filePath("damaged.gguf").toStdString();
    std::ofstream(path, std::ios::binary) << bytes;
    try {
        static_cast<void>(readGgufVocabulary(GgufFile(path)));
        QFAIL("accepted");
    } catch (const Error &error) {
        QCOMPARE(error.kind(), ErrorKind::Input);
        QVERIFY2(QString::fromUtf8(error.what()).contains("merges[0] is not two tokens"), error.what());
    }
}

using Damage = std::function<void(Vocabulary &)>;

void TokenizerTest::refuses_data()
{
    QTest::addColumn<Damage>("damage");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *name, const char *says, Damage damage) {
        QTest::newRow(name) << std::move(damage) << QString::fromLatin1(says);
    };
    row("another model", "gpt2", [](Vocabulary &v) { v.model = "t5"; });
    row("no model", "gpt2", [](Vocabulary &v) { v.model.clear(); });
    row("unknown rule", "smollm", [](Vocabulary &v) { v.pre = "no-such-rule"; });
    row("no tokens", "no token", [](Vocabulary &v) { v.tokens.clear(); });
    row("added outside", "40", [](Vocabulary &v) { v.added[0].id = 40; });
    row("before outside", "-7", [](Vocabulary &v) { v.before = {1, -7}; });
    row("no scores", "13 tokens but 0 scores", [](Vocabulary &v) { v.model = "llama"; });
    row("bos outside", "13", [](Vocabulary &v) { v.bos = 13; });
    row("eos below zero", "-1", [](Vocabulary &v) { v.eos = -1; });
    row("eot outside", "99", [](Vocabulary &v) { v.eot = 99; });
    row("unknown outside", "99", [](Vocabulary &v) { v.unknown = 99; });
    row("padding outside", "99", [](Vocabulary &v) { v.padding = 99; });
    row("equal tokens", "tokens 0 and 1", [](Vocabulary &v) { v.tokens[1] = "a"; });
    row("left is no token", "merge 1", [](Vocabulary &v) { v.merges = {{"a", "b"}, {"zz", "c"}}; });
    row("right is no token", "merge 1", [](Vocabulary &v) { v.merges = {{"a", "b"}, {"ab", "zz"}}; });
    row("result is no token", "merge 0", [](Vocabulary &v) { v.merges = {{"b", "a"}}; });
    row("empty merge", "merge 0", [](Vocabulary &v) { v.merges = {{"", ""}}; });
    row("no byte has a token", "byte", [](Vocabulary &v) {
        v.tokens = {"hello", "world"};
        v.added.clear();
        v.merges = {};
    });
}

void TokenizerTest::refuses()
{
    QFETCH(Damage, damage);
    QFETCH(QString, says);
    Vocabulary vocabulary = smallVocabulary();
    damage(vocabulary);
    try {
        const Tokenizer tokenizer(vocabulary);
        QFAIL("accepted");
    } catch (const Error &error) {
        const QString what = QString::fromUtf8(error.what());
        QCOMPARE(error.kind(), ErrorKind::Input);
        QVERIFY2(what.contains(says), error.what());
        QVERIFY(!what.contains('\n'));
    }
}

QTEST_GUILESS_MAIN(TokenizerTest)
#include "TokenizerTest.moc"
