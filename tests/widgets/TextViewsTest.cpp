// SPDX-License-Identifier: GPL-3.0-or-later
// Texts of the Generate page: differing words, streaming answers, prompts by token.
#include "core/base/Error.h"
#include "widgets/text/AnswerView.h"
#include "widgets/text/TokenView.h"
#include "widgets/text/WordDiff.h"
#include "widgets/theme/ChartStyle.h"
#include "widgets/theme/Theme.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QMimeData>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <QTextBlock>
#include <cmath>
#include <limits>
#include <random>

using namespace headkv;

namespace {

QStringList wordsOf(const QString &text, const std::vector<TextRange> &ranges)
{
    QStringList words;
    for (const TextRange &range : ranges)
        words << text.mid(range.begin, range.end - range.begin);
    return words;
}

QStringList differing(const char *reference, const char *text)
{
    const QString own = QString::fromUtf8(text);
    return wordsOf(own, differingWords(QString::fromUtf8(reference), own));
}

/// The length of a longest common subsequence, by the table.
int commonLength(const QStringList &a, const QStringList &b)
{
    std::vector<std::vector<int>> best(static_cast<std::size_t>(a.size()) + 1,
                                       std::vector<int>(static_cast<std::size_t>(b.size()) + 1));
    for (int i = 1; i <= a.size(); ++i) {
        for (int j = 1; j <= b.size(); ++j) {
            const auto x = static_cast<std::size_t>(i);
            const auto y = static_cast<std::size_t>(j);
            best[x][y] = a[i - 1] == b[j - 1] ? best[x - 1][y - 1] + 1 : std::max(best[x - 1][y], best[x][y - 1]);
        }
    }
    return best.back().back();
}

bool isSubsequence(const QStringList &part, const QStringList &whole)
{
    qsizetype at = 0;
    for (const QString &word : whole)
        at += at < part.size() && part[at] == word;
    return at == part.size();
}

int count(const QImage &image, const QRect &box, const QColor &color)
{
    int found = 0;
    for (int y = std::max(0, box.top()); y <= std::min(box.bottom(), image.height() - 1); ++y)
        for (int x = std::max(0, box.left()); x <= std::min(box.right(), image.width() - 1); ++x)
            found += image.pixelColor(x, y) == color;
    return found;
}

QStringList prose(int tokens)
{
    const QStringList vocabulary{" the", " fact",  "s",    " of", " memory", ",",  " kept", " by",  " head",
                                 " un",  "believ", "able", ".",   " 日本",   "\n", "\n\n",  "    ", " a"};
    std::mt19937 random(3);
    QStringList pieces;
    for (int i = 0; i < tokens; ++i)
        pieces << vocabulary[static_cast<int>(random() % static_cast<unsigned>(vocabulary.size()))];
    return pieces;
}

} // namespace

class TextViewsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init() { setDark(false); }
    void wordsByHand();
    void wordsAreLongestCommonSubsequence();
    void wordsBeyondTheCap();
    void answerAppendsEqualSet();
    void answerKeepsOddCharacters();
    void answerFollowsTheEndOnlyThere();
    void answerKeepsTheSelection();
    void answerMarksDifferences_data();
    void answerMarksDifferences();
    void answerCopiesWhatWasGiven();
    void tokensAllHaveAPlace_data();
    void tokensAllHaveAPlace();
    void tokensBreakBetweenWords();
    void tokensAtNewlines();
    void tokenHover();
    void tokenShades_data();
    void tokenShades();
    void tokenMarkAndScroll();
    void tokenKeys();
    void tokenQuietPieces();
    void tokenErrors();

private:
    void setDark(bool dark);
    Theme m_theme;
};

void TextViewsTest::initTestCase() { m_theme.apply(*qApp); }

void TextViewsTest::setDark(bool dark) { m_theme.setMode(dark ? ThemeMode::Dark : ThemeMode::Light); }

void TextViewsTest::wordsByHand()
{
    QCOMPARE(differing("a b c", "a b c"), QStringList());
    QCOMPARE(differing("a b c", "a  b\n c "), QStringList()); // spaces are no words
    QCOMPARE(differing("a b c", "a x c"), QStringList({"x"}));
    QCOMPARE(differing("a b c", "a b c d e"), QStringList({"d", "e"}));
    QCOMPARE(differing("a b c d e", "a b"), QStringList());
    QCOMPARE(differing("", "one two"), QStringList({"one", "two"}));
    QCOMPARE(differing("one two", ""), QStringList());
    QCOMPARE(differing("the cat sat on the mat", "the dog sat on a mat"), QStringList({"dog", "a"}));
    QCOMPARE(differing("a b c a b b a", "c b a b a c"), QStringList({"c", "c"})); // Myers's example
    QCOMPARE(differing("x y z", "y z x"), QStringList({"x"}));
    QCOMPARE(differing("é 日本 ok", "é 日本語 ok"), QStringList({"日本語"}));
    const QString text = QStringLiteral(" aa  bb cc");
    QCOMPARE(differingWords(QStringLiteral("aa cc"), text), (std::vector<TextRange>{{5, 7}}));
}

void TextViewsTest::wordsAreLongestCommonSubsequence()
{
    std::mt19937 random(7);
    for (int round = 0; round < 400; ++round) {
        QStringList a;
        QStringList b;
        const unsigned kinds = 2 + random() % 5;
        for (unsigned i = random() % 25; i > 0; --i)
            a << QString::number(random() % kinds);
        for (unsigned i = random() % 25; i > 0; --i)
            b << QString::number(random() % kinds);
        const QString text = b.join(' ');
        const std::vector<TextRange> ranges = differingWords(a.join(' '), text);
        QString rest = text;
        for (auto range = ranges.rbegin(); range != ranges.rend(); ++range)
            rest.remove(range->begin, range->end - range->begin);
        const QStringList kept = rest.split(' ', Qt::SkipEmptyParts);
        QVERIFY2(isSubsequence(kept, a), qPrintable(a.join(' ') + " | " + text));
        QCOMPARE(kept.size(), commonLength(a, b));
    }
}

void TextViewsTest::wordsBeyondTheCap()
{
    QStringList a;
    QStringList b;
    for (int i = 0; i < 3000; ++i) {
        a << QStringLiteral("a%1").arg(i);
        b << (i % 10 == 5 ? a.back() : QStringLiteral("b%1").arg(i));
    }
    a.prepend(QStringLiteral("same"));
    b.prepend(QStringLiteral("same"));
    const QString text = b.join(' ');
    QCOMPARE(differingWords(a.join(' '), text).size(), 3000U); // all after the first difference
    QCOMPARE(differingWords(a.join(' '), text, 100000).size(), 2700U);
}

void TextViewsTest::answerAppendsEqualSet()
{
    std::mt19937 random(5);
    QString whole;
    AnswerView streamed;
    streamed.resize(400, 300);
    streamed.show();
    for (int i = 0; i < 4000; ++i) {
        QString piece = random() % 40 == 0 ? QStringLiteral("\n") : QStringLiteral(" word%1").arg(random() % 100);
        if (i > 1000 && i < 2500)
            piece = QStringLiteral("======"); // no space to break at, no line end
        else if (i >= 2500 && piece == QLatin1String("\n"))
            piece = QStringLiteral(" \U0001F600"); // one endless line
        whole += piece;
        streamed.appendText(piece);
    }
    AnswerView at;
    at.setText(whole);
    QCOMPARE(streamed.text(), whole);
    QCOMPARE(at.text(), whole);
    QCOMPARE(streamed.toPlainText(), at.toPlainText()); // broken at the same places
    int longest = 0;
    for (QTextBlock block = at.document()->begin(); block.isValid(); block = block.next())
        longest = std::max(longest, block.length());
    QVERIFY2(longest <= 3100, qPrintable(QString::number(longest)));
}

void TextViewsTest::answerKeepsOddCharacters()
{
    const QString odd =
        QString::fromUtf8("a\r\nb\rc\tе\u2028d\u2029e") + QChar(0) + QChar(0xFDD0) + QStringLiteral("f");
    AnswerView view;
    view.setText(odd);
    QCOMPARE(view.text(), odd);
    QCOMPARE(view.document()->characterCount() - 1, odd.size()); // offsets are the same
    view.selectAll();
    QCOMPARE(view.selection(), (TextRange{0, static_cast<int>(odd.size())}));
}

void TextViewsTest::answerFollowsTheEndOnlyThere()
{
    AnswerView view;
    view.resize(300, 120);
    view.show();
    for (int i = 0; i < 60; ++i)
        view.appendText(QStringLiteral("line %1\n").arg(i));
    QScrollBar *bar = view.verticalScrollBar();
    QVERIFY(bar->maximum() > 20);
    QCOMPARE(bar->value(), bar->maximum());
    bar->setValue(7);
    view.appendText(QStringLiteral("more\nand more\n"));
    QCOMPARE(bar->value(), 7);
    bar->setValue(bar->maximum());
    view.appendText(QStringLiteral("again\nand again\n"));
    QCOMPARE(bar->value(), bar->maximum());
}

void TextViewsTest::answerKeepsTheSelection()
{
    AnswerView view;
    view.resize(300, 120);
    view.show();
    for (int i = 0; i < 40; ++i)
        view.appendText(QStringLiteral("line %1\n").arg(i));
    view.selectAll(); // up to the end, where text comes
    const TextRange before = view.selection();
    view.verticalScrollBar()->setValue(3);
    view.appendText(QStringLiteral("more text\nand more"));
    QCOMPARE(view.selection(), before);
    QCOMPARE(view.verticalScrollBar()->value(), 3);
}

void TextViewsTest::answerMarksDifferences_data()
{
    QTest::addColumn<bool>("dark");
    QTest::newRow("light") << false;
    QTest::newRow("dark") << true;
}

void TextViewsTest::answerMarksDifferences()
{
    QFETCH(bool, dark);
    setDark(dark);
    AnswerView view;
    view.resize(420, 160);
    view.show();
    view.setText(QStringLiteral("The city is Paris.\nIt is the capital of France, and has a long history of art."));
    const QImage plain = view.grab().toImage();
    const int at = view.text().indexOf(QStringLiteral("capital"));
    view.setDifferences({{at, at + 7}});
    const QImage marked = view.grab().toImage();
    const QColor line = ChartStyle::fromPalette(view.palette()).seriesColor(QStringLiteral("headkv"));
    QTextCursor cursor = view.textCursor();
    cursor.setPosition(at);
    const QRect begin = view.cursorRect(cursor).translated(view.viewport()->pos());
    cursor.setPosition(at + 7);
    const QRect end = view.cursorRect(cursor).translated(view.viewport()->pos());
    const QRect word(begin.topLeft(), end.bottomLeft());
    QCOMPARE(count(plain, plain.rect(), line), 0);
    QVERIFY(count(marked, word.adjusted(0, 0, 1, 2), line) >= word.width());                       // the underline
    QCOMPARE(count(marked, marked.rect(), line), count(marked, word.adjusted(-1, 0, 1, 2), line)); // only there
    // Text stays readable on the tint.
    const QColor ground = marked.pixelColor(word.left() + 1, word.top() + 1);
    QVERIFY(ground != view.palette().color(QPalette::Base));
    QVERIFY(contrastRatio(view.palette().color(QPalette::Text), ground) >= 4.5);
    view.setText(QStringLiteral("new"));
    QVERIFY(view.differences().empty());
}

void TextViewsTest::answerCopiesWhatWasGiven()
{
    QString text;
    for (int i = 0; i < 900; ++i)
        text += QStringLiteral("again ");
    for (int i = 0; i < 5000; ++i)
        text += QLatin1Char('x');
    AnswerView view;
    view.setText(text);
    view.selectAll();
    view.copy();
    QCOMPARE(QGuiApplication::clipboard()->text(), text);
    view.setDifferences({{6, 11}, {static_cast<int>(text.size()) - 10, static_cast<int>(text.size())}});
    QVERIFY(!view.grab().isNull());
}

void TextViewsTest::tokensAllHaveAPlace_data()
{
    QTest::addColumn<int>("width");
    for (const int width : {30, 90, 200, 640, 1900})
        QTest::addRow("%d", width) << width;
}

void TextViewsTest::tokensAllHaveAPlace()
{
    QFETCH(int, width);
    QStringList pieces = prose(3000);
    pieces << QStringLiteral(" ") << QString(300, QLatin1Char('=')) << QString(120, QLatin1Char(' ')) << QString()
           << QStringLiteral("x");
    TokenLayout layout;
    layout.setTokens(pieces, QGuiApplication::font());
    layout.layOut(static_cast<float>(width));
    QCOMPARE(layout.tokenCount(), pieces.size());
    // In order, no token without a fragment, no line past the width (but for what hangs), none over another.
    int token = -1;
    int total = 0;
    for (int line = 0; line < layout.lineCount(); ++line) {
        float x = 0;
        for (int i = layout.lineBegin(line); i < layout.lineEnd(line); ++i, ++total) {
            const TokenLayout::Fragment &fragment = layout.fragments()[static_cast<std::size_t>(i)];
            QVERIFY(fragment.token == token || fragment.token == token + 1);
            token = fragment.token;
            QVERIFY(std::abs(fragment.x - x) < 0.01F);
            x += fragment.width;
            const bool fits = x <= static_cast<float>(width) + 0.5F || layout.part(fragment).endsLine ||
                              fragment.length == 1 || fragment.x == 0;
            QVERIFY2(fits, qPrintable(QStringLiteral("line %1: %2").arg(line).arg(x)));
        }
    }
    QCOMPARE(token, static_cast<int>(pieces.size()) - 1);
    QCOMPARE(total, static_cast<int>(layout.fragments().size()));
}

void TextViewsTest::tokensBreakBetweenWords()
{
    TokenLayout layout;
    const QFont font = QGuiApplication::font();
    layout.setTokens({"The", " city", " un", "believ", "able", " end"}, font);
    const auto width =
        static_cast<float>(QFontMetricsF(font).horizontalAdvance(QStringLiteral("The city unbeliev")) + 2);
    layout.layOut(width);
    QCOMPARE(layout.lineOf(0), 0);
    QCOMPARE(layout.lineOf(1), 0);
    for (const int token : {2, 3, 4, 5}) // the word goes down as a whole
        QCOMPARE(layout.lineOf(token), 1);
    const TokenLayout::Fragment &first = layout.fragments()[static_cast<std::size_t>(layout.fragmentOf(2))];
    QCOMPARE(layout.shownText(first), QStringLiteral("un")); // without the space
    QCOMPARE(first.x, 0.0F);
    QCOMPARE(layout.tokenAt(1, 1), 2);
    QCOMPARE(layout.tokenAt(1, width + 400), -1);
    QCOMPARE(layout.tokenAt(5, 1), -1);
}

void TextViewsTest::tokensAtNewlines()
{
    TokenLayout layout;
    layout.setTokens({"a", "\n\n", "b\nc", "\n", " d"}, QGuiApplication::font());
    layout.layOut(400);
    QCOMPARE(layout.lineCount(), 5);
    QCOMPARE(layout.lineOf(1), 0);
    QCOMPARE(layout.lineOf(2), 2);
    QCOMPARE(layout.lineOf(3), 3);
    QCOMPARE(layout.lineOf(4), 4);
    QCOMPARE(layout.tokenAt(3, 1), 2); // the "c"
}

void TextViewsTest::tokenHover()
{
    TokenView view;
    view.resize(420, 300);
    view.setTokens(prose(500));
    view.show();
    QSignalSpy hovered(&view, &TokenView::tokenHovered);
    for (const int token : {0, 7, 31, 60}) {
        const QRect box = view.tokenRect(token);
        if (box.width() < 2)
            continue;
        QCOMPARE(view.tokenAt(box.center()), token);
        QTest::mouseMove(view.viewport(), box.center());
        QCOMPARE(hovered.last().first().toInt(), token);
    }
    QEvent leave(QEvent::Leave);
    QCoreApplication::sendEvent(view.viewport(), &leave);
    QCOMPARE(hovered.last().first().toInt(), -1);
    // The same below, scrolled.
    view.verticalScrollBar()->setValue(100);
    for (int token = 0; token < view.tokenCount(); ++token) {
        const QRect box = view.tokenRect(token);
        if (view.viewport()->rect().contains(box) && box.width() > 3)
            QCOMPARE(view.tokenAt(box.center()), token);
    }
}

void TextViewsTest::tokenShades_data() { answerMarksDifferences_data(); }

void TextViewsTest::tokenShades()
{
    QFETCH(bool, dark);
    setDark(dark);
    TokenView view;
    view.resize(420, 200);
    view.setTokens({"The", " quick", " brown", " fox", "<|end|>"});
    view.show();
    const TokenTint tint(view.palette());
    const QColor text = view.palette().color(QPalette::Text);
    for (int i = 0; i <= 100; ++i)
        QVERIFY(contrastRatio(text, tint.background(static_cast<float>(i) / 100)) >= 4.5);
    // From the base, one way, and far enough to be seen.
    QCOMPARE(tint.background(0), view.palette().color(QPalette::Base));
    for (int i = 1; i <= 10; ++i) {
        const double before = relativeLuminance(tint.background(static_cast<float>(i - 1) / 10));
        const double now = relativeLuminance(tint.background(static_cast<float>(i) / 10));
        QVERIFY(dark ? now > before : now < before);
    }
    QVERIFY(contrastRatio(tint.background(0), tint.background(1)) > 1.8);

    const QImage before = view.grab().toImage();
    const int lines = view.layoutOfTokens().lineCount();
    const auto *fragments = view.layoutOfTokens().fragments().data();
    view.setShades({1, 0.5F, std::numeric_limits<float>::quiet_NaN(), 0, 0.25F});
    QCOMPARE(view.layoutOfTokens().fragments().data(), fragments); // nothing laid out again
    QCOMPARE(view.layoutOfTokens().lineCount(), lines);
    const QImage after = view.grab().toImage();
    const auto area = [&view](int token) { return view.tokenRect(token).translated(view.viewport()->pos()); };
    QVERIFY(count(after, area(0), tint.background(1)) > area(0).width() * area(0).height() / 3);
    QVERIFY(count(after, area(1), tint.background(0.5F)) > area(1).width() * area(1).height() / 3);
    QVERIFY(count(after, area(4), tint.background(0.25F)) > area(4).width() * area(4).height() / 3);
    QCOMPARE(after.copy(area(2)), before.copy(area(2)));
    QCOMPARE(count(before, before.rect(), tint.background(1)), 0);
    view.setShades({});
    QCOMPARE(view.grab().toImage(), before);
}

void TextViewsTest::tokenMarkAndScroll()
{
    TokenView view;
    view.resize(420, 200);
    view.setTokens(prose(4000));
    view.show();
    view.setMark(3000, 3006);
    view.scrollToToken(3000);
    QVERIFY(view.verticalScrollBar()->value() > 0);
    QVERIFY(view.viewport()->rect().contains(view.tokenRect(3000)));
    const QImage image = view.grab().toImage();
    QVERIFY(count(image, image.rect(), view.palette().color(QPalette::Link)) > 20);
    const int value = view.verticalScrollBar()->value();
    view.scrollToToken(3001); // in view: stays
    QCOMPARE(view.verticalScrollBar()->value(), value);
    // Another width keeps what is on top.
    const int top = view.tokenAt({10, 12});
    view.resize(300, 200);
    QCoreApplication::processEvents();
    QVERIFY(std::abs(view.tokenRect(top).top()) <= 60);
    view.setTokens({"new"});
    QCOMPARE(view.verticalScrollBar()->value(), 0);
}

void TextViewsTest::tokenKeys()
{
    TokenView view;
    view.resize(420, 200);
    const QStringList pieces = prose(3000);
    view.setTokens(pieces);
    view.show();
    QScrollBar *bar = view.verticalScrollBar();
    QTest::keyClick(&view, Qt::Key_End);
    QCOMPARE(bar->value(), bar->maximum());
    QTest::keyClick(&view, Qt::Key_Home);
    QCOMPARE(bar->value(), 0);
    QTest::keyClick(&view, Qt::Key_Down);
    QCOMPARE(bar->value(), bar->singleStep());
    QTest::keyClick(&view, Qt::Key_PageDown);
    QCOMPARE(bar->value(), bar->singleStep() + bar->pageStep());
    QTest::keyClick(&view, Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QGuiApplication::clipboard()->text(), pieces.join(QString()));
    view.selectTokens(4, 9);
    QTest::keyClick(&view, Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QGuiApplication::clipboard()->text(), pieces.mid(4, 5).join(QString()));
    QTest::keyClick(&view, Qt::Key_A, Qt::ControlModifier);
    QCOMPARE(view.selectedText(), pieces.join(QString()));
    QTest::keyClick(&view, Qt::Key_Home);
    view.setToolTipProvider([](int token) { return QStringLiteral("token %1").arg(token); });
    QSignalSpy hovered(&view, &TokenView::tokenHovered);
    QTest::keyClick(&view, Qt::Key_Right);
    QTest::keyClick(&view, Qt::Key_Right);
    const int current = hovered.last().first().toInt();
    QVERIFY(current > 0);
    QCOMPARE(view.accessibleDescription(), QStringLiteral("token %1").arg(current));
}

void TextViewsTest::tokenQuietPieces()
{
    TokenLayout layout;
    layout.setTokens({"<|im_start|>", "user", "\n", "\uFFFD", "", "\x01", "</s>", "<div>", "[INST]"},
                     QGuiApplication::font());
    layout.layOut(2000);
    QStringList texts;
    QString quiet;
    for (const TokenLayout::Fragment &fragment : layout.fragments()) {
        texts << layout.shownText(fragment);
        quiet += layout.part(fragment).quiet ? QLatin1Char('q') : QLatin1Char('-');
        QVERIFY(fragment.width > 0);
    }
    QCOMPARE(texts, QStringList({"<|im_start|>", "user", "↵", "\uFFFD", "▯", "\u2401", "</s>", "<div>", "[INST]"}));
    QCOMPARE(quiet, QStringLiteral("q-qqqqq-q"));
}

void TextViewsTest::tokenErrors()
{
    TokenView view;
    view.setTokens({"a", "b"});
    QVERIFY_EXCEPTION_THROWN(view.setShades({1}), Error);
    view.setShades({1, 0});
    view.scrollToToken(99);
    QVERIFY(view.tokenRect(99).isNull());
    view.setTokens({});
    QVERIFY(view.shades().empty());
    view.setPlaceholderText(QStringLiteral("Type a prompt"));
    QVERIFY(!view.grab().isNull());
    QTest::keyClick(&view, Qt::Key_Right);
}

QTEST_MAIN(TextViewsTest)
#include "TextViewsTest.moc"
