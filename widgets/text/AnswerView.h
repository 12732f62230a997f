// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/text/WordDiff.h"

#include <QPlainTextEdit>
#include <vector>

namespace headkv {

/// The text of an answer while it streams. Appending costs what is appended, however long the text; the view follows
/// the end only where the user is at the end, and never moves a selection.
class AnswerView : public QPlainTextEdit
{
    Q_OBJECT
public:
    explicit AnswerView(QWidget *parent = nullptr);
    ~AnswerView() override;

    /// Drops the differences.
    void setText(const QString &text);
    void appendText(const QString &text);
    /// As it was given.
    [[nodiscard]] const QString &text() const { return m_text; }
    /// Marks parts of the text (UTF-16 offsets, ascending, apart) by a tint and an underline.
    void setDifferences(std::vector<TextRange> differences);
    [[nodiscard]] const std::vector<TextRange> &differences() const { return m_differences; }
    /// The part of the text that is selected.
    [[nodiscard]] TextRange selection() const;
    /// Where the user is now, text that comes is scrolled to.
    [[nodiscard]] bool isAtEnd() const;

protected:
    void paintEvent(QPaintEvent *event) override;
    [[nodiscard]] QMimeData *createMimeDataFromSelection() const override;

private:
    void insert(const QString &text);
    [[nodiscard]] QString broken(const QString &text);
    [[nodiscard]] int documentPosition(int offset) const;
    [[nodiscard]] int textOffset(int position) const;
    void paintDifferences(QPainter &painter, const QTextBlock &block, const QRectF &box) const;

    QString m_text;
    std::vector<TextRange> m_differences;
    std::vector<int> m_breaks; ///< text offsets before which the document has a line end that the text has not
    int m_sinceBreak = 0;      ///< characters in the document's last line
};

} // namespace headkv
