// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/NeedleGenerator.h"
#include "core/base/Error.h"
#include "core/probe/NeedleFile.h"
#include "core/text/TextMetrics.h"

#include <QRegularExpression>
#include <QSet>
#include <QString>
#include <QTest>
#include <algorithm>
#include <set>

using namespace headkv;

namespace {

int wordCount(const std::string &text)
{
    return static_cast<int>(QString::fromStdString(text).split(' ', Qt::SkipEmptyParts).size());
}

std::size_t occurrences(const std::string &text, const std::string &part)
{
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

/// The needle's three sentences: step, first statement, second statement.
QStringList sentences(const Needle &needle)
{
    return QString::fromStdString(needle.needle).trimmed().split(QStringLiteral(". "));
}

} // namespace

class NeedleGeneratorTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isTheSameOnEveryMachine();
    void seedsDiffer();
    void answersStandInTheirNeedlesOnce_data();
    void answersStandInTheirNeedlesOnce();
    void reversesAskForTheOther();
    void swapsExchangeTheAnswers();
    void questionsNeedTheStep();
    void countsAreExact();
    void refusesCounts();
    void writesHeadKvsLayout();
};

/// The sequence is part of what the program promises: a seed in a paper names the needles. These were made by another
/// implementation of the same rules and of the Mersenne Twister (in Python).
void NeedleGeneratorTest::isTheSameOnEveryMachine()
{
    const std::vector<Needle> reasoning = generateNeedles({.count = 5, .seed = 3});
    QCOMPARE(reasoning[0].needle,
             std::string("\nHugo likes to play tennis, and Nadia likes to play football. Nadia hid the treasure on the "
                         "small market road to Lisbon. Hugo hid the treasure in a golden tent near Tallinn.\n"));
    QCOMPARE(reasoning[0].answer, std::string("in a golden tent near Tallinn"));
    QCOMPARE(reasoning[4].question, std::string("What did Elena win?"));
    const std::vector<Needle> facts = generateNeedles({.kind = ProbeKind::Retrieval, .count = 2, .seed = 3});
    QCOMPARE(facts[1].needle, std::string("\nThe spare key of Katrin is kept under the red lamp beside the market.\n"));
    QVERIFY(facts == generateNeedles({.kind = ProbeKind::Enhanced, .count = 2, .seed = 3}));
}

void NeedleGeneratorTest::seedsDiffer()
{
    std::set<std::string> first;
    for (std::uint64_t seed = 0; seed < 20; ++seed)
        first.insert(generateNeedles({.count = 1, .seed = seed}).front().needle);
    QCOMPARE(first.size(), std::size_t(20));
}

void NeedleGeneratorTest::answersStandInTheirNeedlesOnce_data()
{
    QTest::addColumn<int>("kind");
    QTest::addColumn<bool>("isLong");
    for (const ProbeKind kind : {ProbeKind::Retrieval, ProbeKind::Reasoning}) {
        for (const bool isLong : {false, true})
            QTest::addRow("%s %s", toString(kind).c_str(), isLong ? "long" : "short")
                << static_cast<int>(kind) << isLong;
    }
}

void NeedleGeneratorTest::answersStandInTheirNeedlesOnce()
{
    QFETCH(int, kind);
    QFETCH(bool, isLong);
    NeedleRecipe recipe;
    recipe.kind = static_cast<ProbeKind>(kind);
    recipe.count = 400;
    recipe.seed = 11;
    recipe.answer = isLong ? AnswerLength::Long : AnswerLength::Short;
    std::set<std::pair<std::string, std::string>> all;
    for (const Needle &needle : generateNeedles(recipe)) {
        QCOMPARE(occurrences(needle.needle, needle.answer), std::size_t(1));
        QVERIFY(needle.question.ends_with("?"));
        QVERIFY(needle.needle.starts_with("\n") && needle.needle.ends_with(".\n"));
        QVERIFY(needle.needle.find_first_of("{}") == std::string::npos &&
                needle.question.find_first_of("{}") == std::string::npos);
        const int words = wordCount(needle.answer);
        QVERIFY2(isLong ? words >= 15 && words <= 30 : words >= 5 && words <= 8, needle.answer.c_str());
        QVERIFY(all.insert({needle.needle, needle.question}).second); // none twice
    }
}

void NeedleGeneratorTest::reversesAskForTheOther()
{
    for (const AnswerLength length : {AnswerLength::Short, AnswerLength::Long}) {
        const auto needles = generateNeedles({.count = 200, .seed = 5, .answer = length, .swaps = false});
        for (std::size_t i = 0; i < needles.size(); i += 2) {
            const Needle &asked = needles[i], &reverse = needles[i + 1];
            QCOMPARE(asked.needle, reverse.needle); // they share a haystack
            QVERIFY(asked.question != reverse.question && asked.answer != reverse.answer);
            QVERIFY(asked.needle.find(asked.answer) > asked.needle.find(reverse.answer)); // wrong, then correct
            QVERIFY(tokenF1(asked.answer, reverse.answer) <= 40); // the wrong answer does not pass the filter
        }
    }
}

void NeedleGeneratorTest::swapsExchangeTheAnswers()
{
    const auto needles = generateNeedles({.count = 400, .seed = 6});
    int placesOfCorrect[2] = {0, 0};
    for (std::size_t i = 0; i < needles.size(); i += 4) {
        const QStringList before = sentences(needles[i]), after = sentences(needles[i + 2]);
        QCOMPARE(before.size(), qsizetype(3));
        QCOMPARE(before[0], after[0]);
        QCOMPARE(QString(before[1] + "."), after[2]); // the last keeps its point
        QCOMPARE(before[2], QString(after[1] + "."));
        QCOMPARE(needles[i].question, needles[i + 2].question);
        QCOMPARE(needles[i].answer, needles[i + 2].answer);
        QCOMPARE(needles[i + 1].question, needles[i + 3].question);
    }
    for (const Needle &needle : needles)
        ++placesOfCorrect[sentences(needle)[2].contains(QString::fromStdString(needle.answer)) ? 1 : 0];
    QCOMPARE(placesOfCorrect[0], placesOfCorrect[1]); // place says nothing
}

/// The words that tell the two questions apart (a name, or a trait) do not tell the two statements apart: those differ
/// by the other end of the step.
void NeedleGeneratorTest::questionsNeedTheStep()
{
    const auto needles = generateNeedles({.count = 400, .seed = 7, .swaps = false});
    for (std::size_t i = 0; i < needles.size(); i += 2) {
        const auto words = [](const std::string &question) {
            QStringList list = QString::fromStdString(question).split(QRegularExpression("[^A-Za-z]+"));
            return QSet<QString>(list.begin(), list.end());
        };
        const QStringList parts = sentences(needles[i]);
        const QSet<QString> telling = words(needles[i].question) - words(needles[i + 1].question);
        QVERIFY(!telling.isEmpty());
        for (const QString &word : telling) {
            QVERIFY2(words(parts[0].toStdString()).contains(word), qPrintable(word)); // the step has it
            QVERIFY2(!words(parts[2].toStdString()).contains(word) || words(parts[1].toStdString()).contains(word),
                     qPrintable(word + ": " + needles[i].needle.c_str()));
        }
    }
}

void NeedleGeneratorTest::countsAreExact()
{
    for (const int count : {1, 2, 3, 5, 97})
        QCOMPARE(generateNeedles({.count = count}).size(), std::size_t(count));
    QCOMPARE(generateNeedles({.count = NeedleRecipe::mostNeedles, .reverses = false, .swaps = false}).size(),
             std::size_t(NeedleRecipe::mostNeedles));
    QCOMPARE(NeedleRecipe{}.groupSize(), 4);
    QCOMPARE((NeedleRecipe{.swaps = false}.groupSize()), 2);
    QCOMPARE((NeedleRecipe{.kind = ProbeKind::Retrieval}.groupSize()), 1);
}

void NeedleGeneratorTest::refusesCounts()
{
    for (const int count : {0, -4, NeedleRecipe::mostNeedles + 1})
        QVERIFY_EXCEPTION_THROWN((void)generateNeedles({.count = count}), Error);
}

void NeedleGeneratorTest::writesHeadKvsLayout()
{
    const auto needles = generateNeedles({.count = 8});
    const std::string text = formatNeedles(needles, NeedleLayout::HeadKv);
    QCOMPARE(occurrences(text, "\"real_needle\":"), std::size_t(8));
    QCOMPARE(occurrences(text, "\"answer\":"), std::size_t(8));
    QVERIFY(parseNeedles(text, "f") == needles);
    QCOMPARE(occurrences(formatNeedles(needles), "real_needle"), std::size_t(0));
    // Published files have an answer in other words beside the words of the needle: the latter are what a span is of.
    const auto published = parseNeedles(
        R"({"needle":"Ann is tall and eats figs.","real_needle":"eats figs","answer":"figs are eaten","question":"q"})",
        "f");
    QCOMPARE(published[0].answer, std::string("eats figs"));
}

QTEST_GUILESS_MAIN(NeedleGeneratorTest)
#include "NeedleGeneratorTest.moc"
