// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/generate/PromptEdit.h"

#include "widgets/theme/ChartStyle.h"

#include <QEvent>
#include <QMimeData>

namespace headkv {

namespace {

bool isTooLong(const QString &text)
{
    if (text.size() > PromptEdit::mostCharacters)
        return true;
    qsizetype begin = 0;
    while (text.size() - begin > PromptEdit::mostInParagraph) {
        const qsizetype end = text.indexOf(QLatin1Char('\n'), begin);
        if ((end < 0 ? text.size() : end) - begin > PromptEdit::mostInParagraph)
            return true;
        begin = end + 1;
    }
    return false;
}

} // namespace

PromptEdit::PromptEdit(QWidget *parent)
    : QPlainTextEdit(parent)
{
    setTabChangesFocus(true);
}

QString PromptEdit::text() const
{
    if (isHeld())
        return m_held;
    // toPlainText() would make spaces of what does not break.
    return document()->toRawText().replace(QChar::ParagraphSeparator, QLatin1Char('\n'));
}

bool PromptEdit::isEmpty() const { return !isHeld() && document()->isEmpty(); }

void PromptEdit::setText(const QString &text)
{
    m_needle = {};
    m_heldNeedle.clear();
    setExtraSelections({});
    m_held = isTooLong(text) ? text : QString();
    setReadOnly(isHeld());
    setPlainText(isHeld() ? text.left(shownOfHeld) + QStringLiteral("…") : text);
}

void PromptEdit::markNeedle(qsizetype begin, qsizetype end)
{
    if (isHeld()) {
        m_heldNeedle = m_held.mid(begin, end - begin);
        return;
    }
    m_needle = QTextCursor(document());
    m_needle.setPosition(static_cast<int>(begin));
    m_needle.setPosition(static_cast<int>(end), QTextCursor::KeepAnchor);
    showNeedle();
    QTextCursor there(document());
    there.setPosition(static_cast<int>(begin));
    setTextCursor(there);
    centerCursor();
}

QString PromptEdit::needle() const
{
    if (isHeld())
        return m_heldNeedle;
    return m_needle.selectedText().replace(QChar::ParagraphSeparator, QLatin1Char('\n'));
}

void PromptEdit::showNeedle()
{
    if (!m_needle.hasSelection())
        return;
    QTextEdit::ExtraSelection mark;
    mark.cursor = m_needle;
    const QColor tint = ChartStyle::fromPalette(palette()).accent;
    mark.format.setBackground(QColor(tint.red(), tint.green(), tint.blue(), 60));
    mark.format.setFontUnderline(true);
    mark.format.setUnderlineColor(tint);
    setExtraSelections({mark});
}

void PromptEdit::insertFromMimeData(const QMimeData *source)
{
    const QString pasted = source->text();
    if (!source->hasText() || !isTooLong(pasted)) {
        QPlainTextEdit::insertFromMimeData(source);
        return;
    }
    const QTextCursor cursor = textCursor();
    const QString all = text();
    setText(all.left(cursor.selectionStart()) + pasted + all.mid(cursor.selectionEnd()));
}

void PromptEdit::changeEvent(QEvent *event)
{
    QPlainTextEdit::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        showNeedle();
}

} // namespace headkv
