// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/TokenizerJson.h"
#include "core/base/Error.h"
#include "core/text/Tokenizer.h"

#include <nlohmann/json.hpp>

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <random>

using namespace headkv;
using nlohmann::json;

namespace {

using Ids = std::vector<TokenId>;

const json &goldens()
{
    static const json all = json::parse(std::ifstream(HEADKV_GOLDENS "/tokenizer/tokenizers.json"));
    return all;
}

/// The one line that reading the text fails with; empty: it does not fail.
std::string refusal(const std::string &text)
{
    try {
        const Tokenizer tokenizer(parseTokenizerJson(text, "some.json"));
        static_cast<void>(tokenizer.decode(tokenizer.encode("A caf\u00e9, 12 <mask>\n")));
    } catch (const Error &error) {
        return error.what();
    }
    return {};
}

/// Bytes overwritten, taken away and doubled at random.
std::string mutate(std::string text, std::mt19937 &random)
{
    for (unsigned i = 0; i <= random() % 4; ++i) {
        const std::size_t at = random() % text.size();
        const std::size_t length = 1 + random() % 40;
        switch (random() % 5) {
        case 0:
            text[at] = static_cast<char>(random());
            break;
        case 1:
            text[at] = "{}[]\",:0-\\tfn"[random() % 14];
            break;
        case 2:
            text.erase(at, length);
            break;
        case 3:
            text.insert(at, text.substr(random() % text.size(), length));
            break;
        default:
            text.resize(std::max<std::size_t>(at, 1));
        }
    }
    return text;
}

} // namespace

class TokenizerJsonTest : public QObject
{
    Q_OBJECT

private slots:
    void equalsReference_data();
    void equalsReference();
    void linearTime();
    void refuses_data();
    void refuses();
    void damagedFilesAreRefused();
    void config();
    void configInPieces();
};

void TokenizerJsonTest::equalsReference_data()
{
    QTest::addColumn<std::string>("name");
    for (const auto &[name, golden] : goldens().items())
        QTest::newRow(name.c_str()) << name;
    QVERIFY(goldens().size() > 15);
}

void TokenizerJsonTest::equalsReference()
{
    QFETCH(std::string, name);
    const json &golden = goldens().at(name);
    const Tokenizer tokenizer(parseTokenizerJson(golden.at("tokenizer").dump(), name));
    QVERIFY(golden.at("cases").size() > 150);
    for (const json &entry : golden.at("cases")) {
        const std::string text = entry.at(0);
        const Ids ids = tokenizer.encode(text);
        QVERIFY2(ids == entry.at(1).get<Ids>(), (entry.dump() + " but " + json(ids).dump()).c_str());
        const Ids plain = tokenizer.encode(text, SpecialTokens::Plain);
        QVERIFY2(plain == entry.at(2).get<Ids>(), (entry.dump() + " but " + json(plain).dump()).c_str());
        const std::string decoded = tokenizer.decode(ids);
        QVERIFY2(decoded == entry.at(3).get<std::string>(), (entry.dump() + " but " + decoded).c_str());
    }
}

void TokenizerJsonTest::linearTime()
{
    for (const std::string name : {"gpt2", "llama3", "qwen2", "tekken", "prepend", "metaspace first", "gemma"}) {
        const Tokenizer tokenizer(parseTokenizerJson(goldens().at(name).at("tokenizer").dump(), name));
        qint64 worst = 0;
        for (const char *unit :
             {"a", "A", " ", "7", "\xF0\x9F\x98\x80", "\xCC\x81\xCC\x96", "-", "\n", "the cat, it's 12\n"}) {
            std::string text;
            while (text.size() < std::size_t{1} << 20)
                text += unit;
            QElapsedTimer timer;
            timer.start();
            static_cast<void>(tokenizer.encode(text));
            worst = std::max(worst, timer.elapsed());
            QVERIFY2(timer.elapsed() < 15000, (name + ": " + unit).c_str()); // quadratic time: minutes to hours
        }
        qInfo("%s: 1 MB in %lld ms at most", name.c_str(), static_cast<long long>(worst));
    }
}

using Damage = std::function<void(json &)>;

void TokenizerJsonTest::refuses_data()
{
    QTest::addColumn<Damage>("damage");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *name, const char *says, Damage damage) {
        QTest::newRow(name) << std::move(damage) << QString::fromLatin1(says);
    };
    row("no model", "expected: key 'model' not found", [](json &j) { j.erase("model"); });
    row("another model", "\"Unigram\" is not known", [](json &j) { j["model"]["type"] = "Unigram"; });
    row("prefix", "continuing_subword_prefix", [](json &j) { j["model"]["continuing_subword_prefix"] = "##"; });
    row("dropout", "dropout", [](json &j) { j["model"]["dropout"] = 0.1; });
    row("normalizer", "\"Nmt\" is not known; known are: NFC", [](json &j) { j["normalizer"] = {{"type", "Nmt"}}; });
    row("pre-tokenizer", "ByteLevel, Digits", [](json &j) { j["pre_tokenizer"] = {{"type", "UnicodeScripts"}}; });
    row("post-processor", "TemplateProcessing", [](json &j) { j["post_processor"] = {{"type", "Bert"}}; });
    row("decoder", "ByteFallback", [](json &j) { j["decoder"] = {{"type", "CTC"}}; });
    row("behavior", "MergedWithNext", [](json &j) {
        j["pre_tokenizer"] = {{"type", "Split"}, {"pattern", {{"String", "x"}}}, {"behavior", "Apart"}};
    });
    row("expression", "cannot be read", [](json &j) {
        j["pre_tokenizer"] = {{"type", "Split"}, {"pattern", {{"Regex", "(a"}}}, {"behavior", "Isolated"}};
    });
    row("intersection", "&&", [](json &j) {
        j["normalizer"] = {{"type", "Replace"}, {"pattern", {{"Regex", "[a&&b]"}}}, {"content", ""}};
    });
    row("slow expression", "too long", [](json &j) {
        j["pre_tokenizer"] = {{"type", "Split"}, {"pattern", {{"Regex", "(a+a+)+(?!a|$)"}}}, {"behavior", "Isolated"}};
    });
    row("merge of three", "merge 0", [](json &j) { j["model"]["merges"] = {"a b c"}; });
    row("merge of one", "merge 0", [](json &j) { j["model"]["merges"] = {json::array({"a"})}; });
    row("merge without a result", "merge 0", [](json &j) { j["model"]["merges"] = {json::array({"a", "<s>"})}; });
    row("far id", "far outside", [](json &j) { j["model"]["vocab"]["far"] = 2000000000; });
    row("negative id", "far outside", [](json &j) { j["model"]["vocab"]["far"] = -1; });
    row("an id twice", "has two tokens", [](json &j) { j["model"]["vocab"]["other"] = 5; });
    row("an id as text", "tokens and their ids", [](json &j) { j["model"]["vocab"]["other"] = "5"; });
    row("nested vocabulary", "tokens and their ids", [](json &j) { j["model"]["vocab"]["x"] = json::array({1}); });
    row("template id outside", "outside the vocabulary", [](json &j) {
        j["post_processor"] = {{"type", "TemplateProcessing"},
                               {"single", {{{"SpecialToken", {{"id", "<s>"}}}}}},
                               {"special_tokens", {{"<s>", {{"ids", {1234567}}}}}}};
    });
    row("endless component", "larger than any known", [](json &j) {
        j["decoder"] = json::array();
        for (int i = 0; i < 300000; ++i)
            j["decoder"].push_back(json::array());
    });
    row("added tokens as one", "larger than any known", [](json &j) {
        for (int i = 0; i < 100; ++i)
            j["added_tokens"][0]["k" + std::to_string(i)] = 1;
    });
}

void TokenizerJsonTest::refuses()
{
    QFETCH(Damage, damage);
    QFETCH(QString, says);
    json tokenizer = goldens().at("prepend").at("tokenizer");
    damage(tokenizer);
    std::string what = refusal(tokenizer.dump());
    if (QByteArray(QTest::currentDataTag()) == "slow expression") {
        const Tokenizer made(parseTokenizerJson(tokenizer.dump(), "some.json"));
        try {
            static_cast<void>(made.encode(std::string(500, 'a')));
        } catch (const Error &error) {
            what = error.what();
        }
    }
    QVERIFY2(QString::fromStdString(what).contains(says), what.c_str());
    QVERIFY2(what.find('\n') == std::string::npos, what.c_str());
}

void TokenizerJsonTest::damagedFilesAreRefused()
{
    std::mt19937 random(7);
    int refused = 0;
    for (int i = 0; i < 200; ++i) {
        const json &golden = std::next(goldens().begin(), random() % goldens().size()).value();
        const std::string what = refusal(mutate(golden.at("tokenizer").dump(), random));
        QVERIFY2(what.find('\n') == std::string::npos, what.c_str());
        refused += what.empty() ? 0 : 1;
    }
    QVERIFY2(refused > 100, qPrintable(QString::number(refused)));
    QVERIFY(refusal("").starts_with("some.json: not JSON"));
    QVERIFY(!refusal(std::string(1000, '[')).empty());
    QVERIFY(!refusal("{\"model\":" + std::string(100000, '[')).empty());
}

void TokenizerJsonTest::config()
{
    const QTemporaryDir folder;
    const std::filesystem::path path = folder.path().toStdString();
    std::ofstream(path / "tokenizer.json") << goldens().at("prepend").at("tokenizer");
    Vocabulary vocabulary = readTokenizerJson(path / "tokenizer.json");
    readTokenizerConfig(path, vocabulary); // nothing is there
    QVERIFY(!vocabulary.bos && !vocabulary.addBos && vocabulary.chatTemplate.empty());
    std::ofstream(path / "tokenizer_config.json")
        << R"({"bos_token":"<s>","eos_token":{"content":"</s>","lstrip":false},"pad_token":null,"unk_token":"none",)"
           R"("add_bos_token":false,"add_eos_token":true,"chat_template":"{{ messages }}"})";
    readTokenizerConfig(path, vocabulary);
    QCOMPARE(vocabulary.bos, std::optional<TokenId>(1));
    QCOMPARE(vocabulary.eos, std::optional<TokenId>(2));
    QVERIFY(!vocabulary.padding && !vocabulary.unknown);
    QCOMPARE(vocabulary.chatTemplate, std::string("{{ messages }}"));
    const Tokenizer tokenizer(vocabulary);
    Ids expected = tokenizer.encodePart("a b");
    expected.push_back(2); // the configuration counts, not the file's post-processor
    QCOMPARE(tokenizer.encode("a b"), expected);
    QVERIFY(tokenizer.endsGeneration(2));
    std::ofstream(path / "tokenizer_config.json") << "{";
    try {
        readTokenizerConfig(path, vocabulary);
        QFAIL("accepted");
    } catch (const Error &error) {
        QVERIFY2(QString::fromUtf8(error.what()).contains("tokenizer_config.json: not JSON"), error.what());
    }
}

void TokenizerJsonTest::configInPieces()
{
    const QTemporaryDir folder;
    const std::filesystem::path path = folder.path().toStdString();
    Vocabulary vocabulary;
    std::ofstream(path / "tokenizer_config.json")
        << R"({"chat_template":[{"name":"tool_use","template":"T"},{"name":"default","template":"D"}]})";
    readTokenizerConfig(path, vocabulary);
    QCOMPARE(vocabulary.chatTemplate, std::string("D"));
    std::ofstream(path / "chat_template.jinja") << "J";
    readTokenizerConfig(path, vocabulary);
    QCOMPARE(vocabulary.chatTemplate, std::string("J"));
    try {
        static_cast<void>(readTokenizerJson(path / "tokenizer.json"));
        QFAIL("accepted");
    } catch (const Error &error) {
        QCOMPARE(error.kind(), ErrorKind::Input);
    }
}

QTEST_GUILESS_MAIN(TokenizerJsonTest)
#include "TokenizerJsonTest.moc"
