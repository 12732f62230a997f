// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/text/TokenView.h"

#include <QAbstractScrollArea>
#include <QStringList>
#include <vector>

namespace headkv {

/// The tokens of an answer in one row of chips, of which one is chosen; the first chip stands for all of them. Chips
/// are shaded by a weight. A click, left and right, Home and End choose; the row scrolls to what is chosen.
class TokenStrip : public QAbstractScrollArea
{
    Q_OBJECT
public:
    static constexpr int all = -1; ///< the first chip's index

    explicit TokenStrip(QWidget *parent = nullptr);

    /// Drops weights; all are chosen, without a signal.
    void setTokens(const QStringList &pieces);
    [[nodiscard]] int tokenCount() const { return static_cast<int>(m_pieces.size()); }
    /// One a token, 0…1; empty: not shaded. Throws Error(Input) for another number of them.
    void setWeights(std::vector<float> weights);
    /// What the tooltips of the chips say, one a token.
    void setToolTips(const QStringList &tips);
    /// `all`, or a token.
    [[nodiscard]] int current() const { return m_current; }
    void setCurrent(int index);
    /// What the first chip says.
    void setAllText(const QString &text);
    void setPlaceholderText(const QString &text);

    /// The chip at a position in the viewport; tokenCount(): none. Where a chip is.
    [[nodiscard]] int chipAt(const QPoint &position) const;
    [[nodiscard]] QRect chipRect(int index) const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void currentChanged(int index);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;
    bool viewportEvent(QEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    void layOut();
    void announce();
    void paintChip(QPainter &painter, int index) const;
    [[nodiscard]] QString textOf(int index) const;
    [[nodiscard]] int chipHeight() const;

    QStringList m_pieces;
    QStringList m_shown; ///< the pieces with their white space made visible where there is nothing else
    QStringList m_tips;
    std::vector<float> m_weights;
    std::vector<int> m_left; ///< of each chip, the first one's too, and where the last one ends
    QString m_allText;
    QString m_placeholder;
    TokenTint m_tint;
    int m_current = all;
};

} // namespace headkv
