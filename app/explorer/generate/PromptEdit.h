// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPlainTextEdit>
#include <QTextCursor>

namespace headkv {

/// Where a prompt is typed. Text that an editor would be slow with (a paragraph of a book's length) is held as a whole,
/// and its beginning is shown to read.
class PromptEdit : public QPlainTextEdit
{
    Q_OBJECT

public:
    static constexpr qsizetype mostCharacters = 4'000'000;
    static constexpr qsizetype mostInParagraph = 50'000;
    static constexpr qsizetype shownOfHeld = 5'000;

    explicit PromptEdit(QWidget *parent = nullptr);

    [[nodiscard]] QString text() const;
    [[nodiscard]] bool isEmpty() const;
    /// Forgets the needle.
    void setText(const QString &text);
    /// The text is held, not edited.
    [[nodiscard]] bool isHeld() const { return !m_held.isEmpty(); }
    /// Marks a needle in the text; it stays marked while the text around it is edited.
    void markNeedle(qsizetype begin, qsizetype end);
    /// What is marked, as it reads now; empty: none.
    [[nodiscard]] QString needle() const;

protected:
    void insertFromMimeData(const QMimeData *source) override;
    void changeEvent(QEvent *event) override;

private:
    void showNeedle();

    QString m_held;
    QString m_heldNeedle;
    QTextCursor m_needle; ///< of the document; without a selection: none
};

} // namespace headkv
