// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Error.h"
#include "core/checkpoint/GgufFile.h"
#include "core/checkpoint/GgufVocabulary.h"
#include "core/text/SentencePieceModel.h"
#include "core/text/Tokenizer.h"

#include <nlohmann/json.hpp>

#include <QElapsedTimer>
#include <QTest>
#include <fstream>

using namespace headkv;

namespace {

using Ids = std::vector<TokenId>;
const std::filesystem::path folder = HEADKV_GOLDENS "/tokenizer";

nlohmann::json casesOf(const std::string &kind)
{
    return nlohmann::json::parse(std::ifstream(folder / "sentencepiece.json")).at(kind).at("cases");
}

Vocabulary ggufVocabulary() { return readGgufVocabulary(GgufFile(folder / "bpe.gguf")).value(); }

} // namespace

/// tokenizer.model by libsentencepiece, and the same model's scores in a GGUF file.
class SentencePieceTest : public QObject
{
    Q_OBJECT

private slots:
    void modelEqualsReference_data();
    void modelEqualsReference();
    void scoresEqualReference();
    void specialTokens();
    void spacePrefix();
    void decodes();
    void linearTime();
    void damagedModel();
};

void SentencePieceTest::modelEqualsReference_data()
{
    QTest::addColumn<std::string>("kind");
    QTest::newRow("bpe") << std::string("bpe");
    QTest::newRow("unigram") << std::string("unigram");
}

void SentencePieceTest::modelEqualsReference()
{
    QFETCH(std::string, kind);
    const Tokenizer tokenizer(readSentencePieceModel(folder / (kind + ".model")));
    const auto cases = casesOf(kind);
    QVERIFY(cases.size() > 150);
    for (const auto &entry : cases) {
        const Ids ids = tokenizer.encode(entry.at(0).get<std::string>(), SpecialTokens::Plain);
        QVERIFY2(ids == entry.at(1).get<Ids>(), entry.dump().c_str());
    }
}

/// llama.cpp gives the same ids as sentencepiece where the text holds no user-defined token.
void SentencePieceTest::scoresEqualReference()
{
    const Tokenizer tokenizer(ggufVocabulary());
    for (const auto &entry : casesOf("bpe")) {
        const std::string text = entry.at(0);
        Ids expected = entry.at(1);
        if (text.find("[INST]") != std::string::npos)
            continue;
        QVERIFY2(tokenizer.encode(text, SpecialTokens::Plain) == expected, entry.dump().c_str());
    }
}

void SentencePieceTest::specialTokens()
{
    const Tokenizer tokenizer(ggufVocabulary());
    const TokenId bos = *tokenizer.vocabulary().bos, eos = *tokenizer.vocabulary().eos;
    Ids expected{bos};
    const Ids the = tokenizer.encode("the", SpecialTokens::Plain), cat = tokenizer.encode("cat", SpecialTokens::Plain);
    expected.insert(expected.end(), the.begin(), the.end());
    expected.push_back(eos);
    expected.insert(expected.end(), cat.begin(), cat.end()); // with its own space in front, as llama.cpp does it
    QCOMPARE(tokenizer.encode("the</s>cat"), expected);
    expected.erase(expected.begin());
    QCOMPARE(tokenizer.encodePart("the</s>cat"), expected);
    QVERIFY(tokenizer.encode("</s>", SpecialTokens::Plain) != Ids{eos});
    QVERIFY(tokenizer.endsGeneration(eos));
    QCOMPARE(tokenizer.encode(""), Ids{bos});
}

void SentencePieceTest::spacePrefix()
{
    Vocabulary vocabulary = ggufVocabulary();
    const Tokenizer prefixed(vocabulary);
    vocabulary.addSpacePrefix = false;
    const Tokenizer bare(vocabulary);
    QCOMPARE(bare.encode(" the cat"), prefixed.encode("the cat"));
    QVERIFY(bare.encode("the cat") != prefixed.encode("the cat"));
    QCOMPARE(bare.decode(bare.encodePart("the cat")), std::string("the cat"));
    QCOMPARE(bare.decode(bare.encodePart(" the cat")), std::string(" the cat"));
}

void SentencePieceTest::decodes()
{
    const Tokenizer fromModel(readSentencePieceModel(folder / "bpe.model"));
    const Tokenizer fromGguf(ggufVocabulary());
    for (const auto &entry : casesOf("bpe")) {
        const std::string text = entry.at(0);
        // U+2581 reads as a space; in GGUF what follows a user-defined token gets a space in front.
        if (text.find("\u2581") != std::string::npos || text.find("[INST]") != std::string::npos)
            continue;
        QCOMPARE(fromModel.decode(fromModel.encode(text, SpecialTokens::Plain)), text);
        QVERIFY2(fromGguf.decode(fromGguf.encode(text, SpecialTokens::Plain)) == text, entry.dump().c_str());
        std::string pieces;
        for (const TokenId id : fromGguf.encode(text, SpecialTokens::Plain))
            pieces += fromGguf.piece(id);
        QCOMPARE(pieces, text.empty() ? text : " " + text);
    }
}

void SentencePieceTest::linearTime()
{
    const Tokenizer fromModel(readSentencePieceModel(folder / "bpe.model"));
    const Tokenizer fromGguf(ggufVocabulary());
    for (const char *unit : {"a", " ", "the ", "\xF0\x9F\x98\x80", "7"}) {
        std::string text;
        while (text.size() < std::size_t{1} << 20)
            text += unit;
        QElapsedTimer timer;
        timer.start();
        const Ids ids = fromGguf.encode(text, SpecialTokens::Plain);
        const auto scores = timer.restart();
        QCOMPARE(fromModel.encode(text, SpecialTokens::Plain), ids);
        qInfo("1 MB of \"%s\": %lld ms by scores, %lld ms by libsentencepiece", unit, static_cast<long long>(scores),
              static_cast<long long>(timer.elapsed()));
        QVERIFY2(scores < 15000 && timer.elapsed() < 30000, unit); // a second or two; quadratic: hours
    }
}

void SentencePieceTest::damagedModel()
{
    Vocabulary vocabulary = readSentencePieceModel(folder / "bpe.model");
    vocabulary.sentencePieceModel.resize(100);
    QVERIFY_EXCEPTION_THROWN(Tokenizer{vocabulary}, Error);
    try {
        static_cast<void>(readSentencePieceModel(folder / "make.py"));
        QFAIL("accepted");
    } catch (const Error &error) {
        QVERIFY2(QString::fromUtf8(error.what()).contains("make.py: not a SentencePiece model"), error.what());
    }
}

QTEST_GUILESS_MAIN(SentencePieceTest)
#include "SentencePieceTest.moc"
