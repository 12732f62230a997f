// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/window/NotesPanel.h"

#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/ValueEdit.h"
#include "widgets/theme/Theme.h"

#include <QPlainTextEdit>
#include <QSignalBlocker>
#include <QTimer>
#include <QUndoStack>
#include <QVBoxLayout>

namespace headkv {

NotesPanel::NotesPanel(QUndoStack &undo, QWidget *parent)
    : QWidget(parent)
    , m_undo(undo)
    , m_edit(named(new QPlainTextEdit, tr("Notes"), tr("Kept with the session, as plain text")))
    , m_pause(new QTimer(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(Theme::spacing, Theme::spacing, Theme::spacing, Theme::spacing);
    layout->addWidget(m_edit);
    m_edit->setPlaceholderText(tr("What you see, what you suspect, what to try next. Saved with the session."));
    m_edit->setUndoRedoEnabled(false);
    m_edit->setTabChangesFocus(true);
    useWindowUndo(m_edit);
    setMinimumWidth(250);
    m_pause->setSingleShot(true);
    m_pause->setInterval(1000);
    connect(m_pause, &QTimer::timeout, this, [this] { ++m_gesture; });
    connect(m_edit, &QPlainTextEdit::textChanged, this, &NotesPanel::pushEdit);
}

void NotesPanel::setText(const QString &text)
{
    ++m_gesture;
    put(text);
}

void NotesPanel::pushEdit()
{
    const QString text = m_edit->toPlainText();
    if (text == m_text)
        return;
    m_pause->start();
    m_undo.push(new ValueEdit<QString>(EditKind::Notes, tr("typing of notes"), m_gesture, m_text, text,
                                       [this](const QString &notes) { put(notes); }));
}

void NotesPanel::put(const QString &text)
{
    m_text = text;
    if (m_edit->toPlainText() == text)
        return; // it is being typed
    const QSignalBlocker quiet(m_edit);
    m_edit->setPlainText(text);
    m_edit->moveCursor(QTextCursor::End);
}

} // namespace headkv
