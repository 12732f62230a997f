// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/text/AnswerView.h"

#include "widgets/theme/ChartStyle.h"

#include <QMimeData>
#include <QPainter>
#include <QScrollBar>
#include <QTextBlock>
#include <algorithm>
#include <cmath>

namespace headkv {

namespace {

// A paragraph is laid out as a whole at each change. A text without line ends (a model that repeats itself) gets some
// in the document: in place of a space where there is one.
constexpr int longParagraph = 1500;
constexpr int longestParagraph = 3000;

/// One character of the document for each of the text: what a document would take for something else.
QChar shown(QChar c)
{
    switch (c.unicode()) {
    case u'\r':
        return QChar(0x200B);
    case u'\0':
        return QChar(0x2400);
    case 0xFDD0: // frame ends of Qt's documents
    case 0xFDD1:
    case 0xFFFC:
        return QChar::ReplacementCharacter;
    default:
        return c;
    }
}

} // namespace

AnswerView::AnswerView(QWidget *parent)
    : QPlainTextEdit(parent)
{
    setReadOnly(true);
    setUndoRedoEnabled(false);
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    document()->setDocumentMargin(8);
    setAccessibleName(tr("Answer"));
}

AnswerView::~AnswerView() = default;

QString AnswerView::broken(const QString &text)
{
    QString result;
    result.reserve(text.size() + 8);
    for (int i = 0; i < text.size(); ++i) {
        QChar c = shown(text[i]);
        const bool end = c == QLatin1Char('\n') || c == QChar::ParagraphSeparator;
        if (!end && m_sinceBreak >= longParagraph && c == QLatin1Char(' ')) {
            c = QLatin1Char('\n');
        } else if (!end && m_sinceBreak >= longestParagraph && !c.isLowSurrogate()) {
            m_breaks.push_back(static_cast<int>(m_text.size()) + i);
            result += QLatin1Char('\n');
            m_sinceBreak = 0;
        }
        m_sinceBreak = c == QLatin1Char('\n') || c == QChar::ParagraphSeparator ? 0 : m_sinceBreak + 1;
        result += c;
    }
    return result;
}

void AnswerView::insert(const QString &text)
{
    const QString inserted = broken(text);
    m_text += text;
    QTextCursor cursor(document());
    cursor.movePosition(QTextCursor::End);
    cursor.insertText(inserted);
}

void AnswerView::setText(const QString &text)
{
    clear();
    m_text.clear();
    m_breaks.clear();
    m_sinceBreak = 0;
    m_differences.clear();
    insert(text);
    moveCursor(QTextCursor::Start);
    verticalScrollBar()->setValue(0);
}

bool AnswerView::isAtEnd() const { return verticalScrollBar()->value() >= verticalScrollBar()->maximum(); }

void AnswerView::appendText(const QString &text)
{
    if (text.isEmpty()) {
        return;
    }
    const bool follows = isAtEnd();
    const int scrolled = verticalScrollBar()->value();
    QTextCursor own = textCursor();
    const int anchor = own.anchor();
    const int position = own.position();
    insert(text);
    own = textCursor();
    if (own.anchor() != anchor || own.position() != position) { // at the end of the document: taken along
        own.setPosition(anchor);
        own.setPosition(position, QTextCursor::KeepAnchor);
        setTextCursor(own);
    }
    verticalScrollBar()->setValue(follows ? verticalScrollBar()->maximum() : scrolled);
}

void AnswerView::setDifferences(std::vector<TextRange> differences)
{
    if (differences == m_differences) {
        return;
    }
    m_differences = std::move(differences);
    viewport()->update();
}

int AnswerView::documentPosition(int offset) const
{
    return offset + static_cast<int>(std::ranges::upper_bound(m_breaks, offset) - m_breaks.begin());
}

int AnswerView::textOffset(int position) const
{
    // The k-th break stands at its offset + k in the document.
    int before = 0;
    int count = static_cast<int>(m_breaks.size());
    while (count > 0) {
        const int step = count / 2;
        const int middle = before + step;
        if (m_breaks[static_cast<std::size_t>(middle)] + middle < position) {
            before = middle + 1;
            count -= step + 1;
        } else {
            count = step;
        }
    }
    return position - before;
}

TextRange AnswerView::selection() const
{
    const QTextCursor cursor = textCursor();
    return {textOffset(cursor.selectionStart()), textOffset(cursor.selectionEnd())};
}

QMimeData *AnswerView::createMimeDataFromSelection() const
{
    const TextRange range = selection();
    auto *mime = new QMimeData;
    mime->setText(m_text.mid(range.begin, range.end - range.begin));
    return mime;
}

void AnswerView::paintDifferences(QPainter &painter, const QTextBlock &block, const QRectF &box) const
{
    const ChartStyle style = ChartStyle::fromPalette(palette());
    const QColor mark = style.seriesColor(QStringLiteral("headkv"));
    QColor tint = mark;
    tint.setAlphaF(style.dark ? 0.22F : 0.14F);
    const QTextLayout *layout = block.layout();
    const int begin = textOffset(block.position());
    const int end = textOffset(block.position() + block.length());
    auto range = std::ranges::lower_bound(m_differences, begin, {}, &TextRange::end);
    for (; range != m_differences.end() && range->begin < end; ++range) {
        const int from = std::max(0, documentPosition(range->begin) - block.position());
        const int to = std::min(documentPosition(range->end) - block.position(), block.length() - 1);
        for (int l = 0; l < layout->lineCount(); ++l) {
            const QTextLine line = layout->lineAt(l);
            const int first = std::max(from, line.textStart());
            const int last = std::min(to, line.textStart() + line.textLength());
            if (first >= last) {
                continue;
            }
            const double left = box.left() + line.cursorToX(first);
            const double right = box.left() + line.cursorToX(last);
            const QRectF word(std::min(left, right), box.top() + line.y(), std::abs(right - left), line.height());
            painter.fillRect(word, tint);
            painter.fillRect(QRectF(word.left(), word.bottom() - 2, word.width(), 2), mark);
        }
    }
}

void AnswerView::paintEvent(QPaintEvent *event)
{
    if (!m_differences.empty()) { // under the text; only what is in view
        QPainter painter(viewport());
        QPointF offset = contentOffset();
        for (QTextBlock block = firstVisibleBlock(); block.isValid(); block = block.next()) {
            const QRectF box = blockBoundingRect(block).translated(offset);
            if (box.top() > event->rect().bottom()) {
                break;
            }
            paintDifferences(painter, block, box);
            offset.ry() += box.height();
        }
    }
    QPlainTextEdit::paintEvent(event);
}

} // namespace headkv
