// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/text/TokenLayout.h"

#include <QAbstractScrollArea>
#include <QStringList>
#include <functional>
#include <vector>

namespace headkv {

/// Stands for a shade in 0…1 behind text: from the palette's base to as strong a tint as leaves text a contrast of 4.5.
class TokenTint
{
public:
    TokenTint() = default;
    explicit TokenTint(const QPalette &palette);

    [[nodiscard]] const QColor &background(float shade) const { return m_backgrounds[index(shade)]; }
    static constexpr int levels = 64;

private:
    static std::size_t index(float shade);

    std::vector<QColor> m_backgrounds = std::vector<QColor>(levels);
};

/// A prompt as its tokens, each shaded by a weight. Lays out and paints for itself: a shade changes no layout, and only
/// the lines in view are painted. Left and right move a current token, up and down scroll; Ctrl+C copies the selected
/// tokens, or all.
class TokenView : public QAbstractScrollArea
{
    Q_OBJECT
public:
    explicit TokenView(QWidget *parent = nullptr);
    ~TokenView() override;

    /// Drops shades, mark and selection. A piece may be empty or hold newlines; special tokens and bytes that make no
    /// character are shown quietly.
    void setTokens(const QStringList &pieces);
    [[nodiscard]] int tokenCount() const { return m_layout.tokenCount(); }
    [[nodiscard]] const QStringList &tokens() const { return m_pieces; }
    /// One a token, 0…1; NaN, or an empty vector: not shaded. Throws Error(Input) for another number.
    void setShades(std::vector<float> shades);
    [[nodiscard]] const std::vector<float> &shades() const { return m_shades; }
    /// Underlines tokens begin…end − 1 (a needle); empty: none.
    void setMark(int begin, int end);
    void scrollToToken(int token);
    /// What the tooltip of a token says; it is asked for when it is shown.
    void setToolTipProvider(std::function<QString(int)> provider);
    /// Shown while there are no tokens.
    void setPlaceholderText(const QString &text);

    /// The token at a position in the viewport, −1 for none.
    [[nodiscard]] int tokenAt(const QPoint &position) const;
    /// Where a token (its beginning, if it is broken) is in the viewport, in view or not.
    [[nodiscard]] QRect tokenRect(int token) const;
    /// The text of the selected tokens, or of all where none is selected.
    [[nodiscard]] QString selectedText() const;
    void selectTokens(int begin, int end);
    void copy() const;
    [[nodiscard]] const TokenLayout &layoutOfTokens() const { return m_layout; }

    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    /// The token under the mouse, or the one that the arrow keys chose; −1: none.
    void tokenHovered(int index);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;
    bool viewportEvent(QEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    void layOut();
    void updateScrollBar();
    void hover(int token);
    void moveCurrent(int step);
    void paintBackground(QPainter &painter, const TokenLayout::Fragment &fragment, const QRectF &box) const;
    void paintFragment(QPainter &painter, const TokenLayout::Fragment &fragment, const QRectF &box) const;
    void paintLine(QPainter &painter, int line, double top) const;
    [[nodiscard]] bool isSelected(int token) const { return token >= m_selectionBegin && token < m_selectionEnd; }
    [[nodiscard]] int lineHeight() const;
    [[nodiscard]] int lineAt(int y) const;

    QStringList m_pieces;
    std::vector<float> m_shades;
    TokenLayout m_layout;
    TokenTint m_tint;
    QString m_placeholder;
    std::function<QString(int)> m_toolTip;
    int m_markBegin = 0;
    int m_markEnd = 0;
    int m_selectionBegin = 0;
    int m_selectionEnd = 0;
    int m_anchor = -1; ///< token where the mouse was pressed
    int m_hovered = -1;
    int m_current = -1; ///< by the arrow keys
};

} // namespace headkv
