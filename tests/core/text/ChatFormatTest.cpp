// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/ChatFormat.h"
#include "core/base/Installation.h"
#include "core/model/GgufFile.h"
#include "core/model/GgufVocabulary.h"

#include <nlohmann/json.hpp>

#include <QTest>
#include <fstream>
#include <random>

using namespace headkv;

class ChatFormatTest : public QObject
{
    Q_OBJECT

private slots:
    void printsWhatTheTemplatePrints_data();
    void printsWhatTheTemplatePrints();
    void defaultModel();
    void plainWithoutKnownTemplate_data();
    void plainWithoutKnownTemplate();
    void damagedTemplatesAreHarmless();
};

void ChatFormatTest::printsWhatTheTemplatePrints_data()
{
    QTest::addColumn<QByteArray>("chatTemplate");
    QTest::addColumn<QByteArray>("prefix");
    QTest::addColumn<QByteArray>("suffix");
    for (const auto &golden : nlohmann::json::parse(std::ifstream(HEADKV_GOLDENS "/tokenizer/chat.json"))) {
        const auto text = [&golden](const char *key) { return QByteArray::fromStdString(golden.at(key)); };
        QTest::newRow(text("name").constData()) << text("template") << text("prefix") << text("suffix");
    }
}

void ChatFormatTest::printsWhatTheTemplatePrints()
{
    QFETCH(QByteArray, chatTemplate);
    QFETCH(QByteArray, prefix);
    QFETCH(QByteArray, suffix);
    const ChatFormat format = ChatFormat::fromTemplate(chatTemplate.toStdString());
    QCOMPARE(format.name, std::string("chatml"));
    QCOMPARE(QByteArray::fromStdString(format.prefix), prefix);
    QCOMPARE(QByteArray::fromStdString(format.suffix), suffix);
}

void ChatFormatTest::defaultModel()
{
    const GgufFile file(defaultModelPath());
    const ChatFormat format = ChatFormat::fromTemplate(readGgufVocabulary(file)->chatTemplate);
    QCOMPARE(format.name, std::string("chatml"));
    QCOMPARE(format.prefix, std::string("<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by "
                                        "Hugging Face<|im_end|>\n<|im_start|>user\n"));
    QCOMPARE(format.suffix, std::string("<|im_end|>\n<|im_start|>assistant\n"));
}

void ChatFormatTest::plainWithoutKnownTemplate_data()
{
    QTest::addColumn<QByteArray>("chatTemplate");
    QTest::newRow("none") << QByteArray();
    QTest::newRow("another family") << QByteArray("{% for m in messages %}[INST] {{ m.content }} [/INST]{% endfor %}");
    QTest::newRow("separator after the role")
        << QByteArray("{{ '<|im_start|>user<|im_sep|>' + messages[0].content + '<|im_end|>' }}");
}

void ChatFormatTest::plainWithoutKnownTemplate()
{
    QFETCH(QByteArray, chatTemplate);
    const ChatFormat format = ChatFormat::fromTemplate(chatTemplate.toStdString());
    QCOMPARE(format.name, std::string("plain"));
    QVERIFY(format.prefix.empty() && format.suffix.empty());
}

void ChatFormatTest::damagedTemplatesAreHarmless()
{
    std::mt19937 random(5);
    const std::string letters = "{}%#'\"\\-+~[]()| \n";
    for (const auto &golden : nlohmann::json::parse(std::ifstream(HEADKV_GOLDENS "/tokenizer/chat.json"))) {
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
