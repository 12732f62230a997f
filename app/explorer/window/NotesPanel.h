// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QPlainTextEdit;
class QTimer;
class QUndoStack;

namespace headkv {

/// Plain words about a session. What is typed goes on the window's undo stack, a step for each pause.
class NotesPanel : public QWidget
{
    Q_OBJECT

public:
    /// The stack outlives the panel.
    explicit NotesPanel(QUndoStack &undo, QWidget *parent = nullptr);

    [[nodiscard]] const QString &text() const { return m_text; }
    /// No step of undo.
    void setText(const QString &text);
    [[nodiscard]] QPlainTextEdit *editor() const { return m_edit; }

private:
    void pushEdit();
    void put(const QString &text);

    QUndoStack &m_undo;
    QPlainTextEdit *m_edit;
    QTimer *m_pause; ///< without typing for so long, the next is a step of its own
    QString m_text;
    int m_gesture = 0;
};

} // namespace headkv
