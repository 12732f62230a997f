// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/ChatFormat.h"
#include "core/base/Installation.h"
#include "core/checkpoint/GgufFile.h"
#include "core/checkpoint/GgufVocabulary.h"
#include "core/text/Tokenizer.h"

#include <nlohmann/json.hpp>

#include <QTest>
#include <algorithm>
#include <fstream>
#include <random>

using namespace headkv;

namespace {

const nlohmann::json &goldens()
{
    static const nlohmann::json all = nlohmann::json::parse(std::ifstream(HEADKV_GOLDENS "/chat/formats.json"));
    return all;
}

} // namespace

class ChatFormatTest : public QObject
{
    Q_OBJECT

private slots:
    void printsWhatTheTemplatePrints_data();
    void printsWhatTheTemplatePrints();
    void defaultModel();
    void plainWithoutTemplate();
    void plainWithAProblem_data();
    void plainWithAProblem();
    void beginsWithOneBos();
    void promptIsOneText();
    void escapesWhatIsTyped();
    void damagedTemplatesAreHarmless();
};

void ChatFormatTest::printsWhatTheTemplatePrints_data()
{
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < goldens().size(); ++i)
        QTest::newRow(goldens()[i].at("name").get<std::string>().c_str()) << static_cast<int>(i);
}

void ChatFormatTest::printsWhatTheTemplatePrints()
{
    QFETCH(int, index);
    const auto &golden = goldens()[static_cast<std::size_t>(index)];
    const auto text = [&golden](const char *key) { return golden.at(key).get<std::string>(); };
    const ChatFormat format = ChatFormat::fromTemplate(text("template"), text("bos"), text("eos"));
    QCOMPARE(format.problem, std::string());
    QCOMPARE(format.name, text("family"));
    QCOMPARE(format.prefix, text("prefix"));
    QCOMPARE(format.suffix, text("suffix"));
    QCOMPARE(format.turn, text("turn"));
    const std::string system = "Speak briefly.";
    const ChatFormat told = ChatFormat::fromTemplate(text("template"), text("bos"), text("eos"), system);
    QCOMPARE(told.problem, std::string());
    // A template that knows no system prompt has it before the words.
    QCOMPARE(told.prefix, golden.at("system_prefix").is_null() ? format.prefix + system + "\n\n"
                                                               : golden.at("system_prefix").get<std::string>());
    QCOMPARE(told.suffix, format.suffix);
}

void ChatFormatTest::defaultModel()
{
    const GgufFile file(defaultModelPath());
    const ChatFormat format = ChatFormat::fromVocabulary(*readGgufVocabulary(file));
    QCOMPARE(format.name, std::string("chatml"));
    QCOMPARE(format.prefix, std::string("<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by "
                                        "Hugging Face<|im_end|>\n<|im_start|>user\n"));
    QCOMPARE(format.suffix, std::string("<|im_end|>\n<|im_start|>assistant\n"));
}

void ChatFormatTest::plainWithoutTemplate()
{
    const ChatFormat format = ChatFormat::fromTemplate("", "<s>", "</s>");
    QCOMPARE(format.name, std::string("plain"));
    QVERIFY(format.prefix.empty() && format.suffix.empty() && format.problem.empty());
}

void ChatFormatTest::plainWithAProblem_data()
{
    QTest::addColumn<QByteArray>("chatTemplate");
    QTest::newRow("no Jinja") << QByteArray("{% if %}");
    QTest::newRow("refuses") << QByteArray("{{ raise_exception('a\nb\t' ~ '\x01' ~ 'c' * 2) }}");
    QTest::newRow("says no") << QByteArray("{{ raise_exception('no\nline\r\x01') }}");
    QTest::newRow("prints no words") << QByteArray("{{ messages[0].role }}");
    QTest::newRow("prints the words twice") << QByteArray("{{ messages[0].content ~ messages[0].content }}");
    QTest::newRow("changes the words") << QByteArray("{{ messages|tojson }}");
    QTest::newRow("needs a BOS that is not there") << QByteArray("{{ bos_token + messages[0].content }}");
    QTest::newRow("broken text") << QByteArray("{{ '\xff\xfe'|nothing }}{% \xff %}");
    QTest::newRow("long") << QByteArray("{% ") + QByteArray(100000, 'a') + QByteArray(" %}");
}

void ChatFormatTest::plainWithAProblem()
{
    QFETCH(QByteArray, chatTemplate);
    const ChatFormat format = ChatFormat::fromTemplate(chatTemplate.toStdString());
    QCOMPARE(format.name, std::string("plain"));
    QVERIFY(format.prefix.empty() && format.suffix.empty());
    const QString problem = QString::fromStdString(format.problem);
    QVERIFY(problem.startsWith("the model's chat template is not understood: "));
    QVERIFY(problem.size() < 300);
    QVERIFY(std::none_of(problem.begin(), problem.end(), [](QChar c) { return c < QChar(' '); }));
}

/// One BOS where the template prints one, none where it does not, the tokenizer's own without a template.
void ChatFormatTest::beginsWithOneBos()
{
    const nlohmann::json rules = nlohmann::json::parse(std::ifstream(HEADKV_GOLDENS "/tokenizer/rules.json"));
    const nlohmann::json &golden = rules.at("smollm");
    Vocabulary vocabulary;
    vocabulary.model = "gpt2";
    vocabulary.pre = "smollm";
    vocabulary.tokens = golden.at("tokens").get<std::vector<std::string>>();
    vocabulary.tokens.emplace_back("<s>");
    const auto bos = static_cast<TokenId>(vocabulary.tokens.size() - 1);
    vocabulary.added.push_back({bos, "<s>"});
    vocabulary.bos = bos;
    for (const bool adds : {true, false}) {
        vocabulary.addBos = adds;
        const Tokenizer tokenizer(vocabulary);
        const auto bosCount = [&](const ChatFormat &format) {
            const std::vector<TokenId> ids = format.prefixIds(tokenizer);
            return std::count(ids.begin(), ids.end(), bos);
        };
        const auto of = [&vocabulary](std::string chatTemplate) {
            vocabulary.chatTemplate = std::move(chatTemplate);
            return ChatFormat::fromVocabulary(vocabulary);
        };
        QCOMPARE(bosCount(of("{{ bos_token + 'USER ' + messages[0].content }}")), 1);
        QCOMPARE(of("{{ bos_token + 'USER ' + messages[0].content }}").prefixIds(tokenizer).front(), bos);
        QCOMPARE(bosCount(of("{{ 'USER ' + messages[0].content }}")), 0);
        QCOMPARE(bosCount(of("")), adds ? 1 : 0);
        QCOMPARE(bosCount(of("{% broken %}")), adds ? 1 : 0);
        QCOMPARE(bosCount(ChatFormat::plain("<s>USER ", "")), 1);
        QCOMPARE(bosCount(ChatFormat::plain("USER ", "")), adds ? 1 : 0);
    }
}

/// A prompt's seams are tokenised as transformers does: across them; and trimmed where the template trims.
void ChatFormatTest::promptIsOneText()
{
    Vocabulary vocabulary;
    vocabulary.byteLevel = true;
    vocabulary.tokens = {"a", "b", "ab", "<s>", "\u0120"};
    vocabulary.merges = {{"a", "b"}};
    vocabulary.added = {{.id = 3, .text = "<s>"}};
    vocabulary.bos = 3;
    const Tokenizer tokenizer(vocabulary);
    using Ids = std::vector<TokenId>;
    const auto format = ChatFormat::fromTemplate("{{ bos_token + 'a' + messages[0].content + 'b' }}", "<s>");
    QCOMPARE(format.promptIds(tokenizer, "b"), (Ids{3, 2, 1}));
    QCOMPARE(format.promptIds(tokenizer, " "), (Ids{3, 0, 4, 1}));
    const auto trimming = ChatFormat::fromTemplate("{{ 'a' + messages[0].content | trim + 'b' }}");
    QVERIFY(trimming.trimsWords && !format.trimsWords);
    QCOMPARE(trimming.promptIds(tokenizer, " \n b "), (Ids{2, 1}));
}

void ChatFormatTest::escapesWhatIsTyped()
{
    QCOMPARE(unescape("a\\nb\\t\\\\n\\x\\"), std::string("a\nb\t\\n\\x\\"));
    const std::string text = "<|x|>\n\\n\t\\";
    QCOMPARE(unescape(escape(text)), text);
    QVERIFY(!QString::fromStdString(escape(text)).contains('\n'));
}

void ChatFormatTest::damagedTemplatesAreHarmless()
{
    std::mt19937 random(5);
    const std::string letters = "{}%#'\"\\-+~[]()| \n";
    for (const auto &golden : goldens()) {
        const std::string whole = golden.at("template");
        for (std::size_t length = 0; length < whole.size(); ++length) {
            std::string damaged = whole.substr(0, length);
            QVERIFY(!ChatFormat::fromTemplate(damaged).name.empty());
            damaged = whole;
            for (int i = 0; i < 3; ++i)
                damaged[random() % damaged.size()] = letters[random() % letters.size()];
            QVERIFY(!ChatFormat::fromTemplate(damaged).name.empty());
        }
    }
}

QTEST_GUILESS_MAIN(ChatFormatTest)
#include "ChatFormatTest.moc"
