// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/text/TokenStrip.h"

#include "core/base/Error.h"
#include "widgets/Formats.h"

#include <QAccessible>
#include <QHelpEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>

namespace headkv {

namespace {

constexpr int gap = 4;     ///< between chips
constexpr int padding = 7; ///< beside a chip's text
constexpr int edge = 3;    ///< around the row, for the focus frame
constexpr int leastWidth = 22;

/// A token as a chip shows it: a space before a word goes without saying, white space alone does not.
QString shown(const QString &piece)
{
    QString text = piece;
    text.replace(QLatin1Char('\n'), QChar(0x21B5));
    const QString trimmed = text.trimmed();
    return trimmed.isEmpty() ? QString(QChar(0x2423)) : trimmed;
}

} // namespace

TokenStrip::TokenStrip(QWidget *parent)
    : QAbstractScrollArea(parent)
    , m_allText(tr("All steps"))
    , m_tint(palette())
{
    setFocusPolicy(Qt::StrongFocus);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setFrameShape(QFrame::NoFrame);
    viewport()->setAutoFillBackground(false);
    setAccessibleName(tr("Answer by step"));
    layOut();
}

int TokenStrip::chipHeight() const { return fontMetrics().height() + 8; }

QSize TokenStrip::sizeHint() const
{
    return {320, chipHeight() + 2 * edge + horizontalScrollBar()->sizeHint().height()};
}

QSize TokenStrip::minimumSizeHint() const { return {120, sizeHint().height()}; }

QString TokenStrip::textOf(int index) const { return index == all ? m_allText : m_shown[index]; }

void TokenStrip::setTokens(const QStringList &pieces)
{
    m_pieces = pieces;
    m_shown.clear();
    for (const QString &piece : pieces)
        m_shown.append(shown(piece));
    m_weights.clear();
    m_tips.clear();
    m_current = all;
    layOut();
    horizontalScrollBar()->setValue(0);
    announce();
}

void TokenStrip::setWeights(std::vector<float> weights)
{
    if (!weights.empty() && weights.size() != static_cast<std::size_t>(tokenCount()))
        throw Error(ErrorKind::Input, "token strip: " + std::to_string(weights.size()) + " weights for " +
                                          std::to_string(tokenCount()) + " tokens: give one a token");
    m_weights = std::move(weights);
    viewport()->update();
}

void TokenStrip::setToolTips(const QStringList &tips)
{
    m_tips = tips;
    announce();
}

void TokenStrip::setAllText(const QString &text)
{
    m_allText = text;
    layOut();
}

void TokenStrip::setPlaceholderText(const QString &text)
{
    m_placeholder = text;
    viewport()->update();
}

void TokenStrip::layOut()
{
    m_left.clear();
    int x = edge;
    for (int index = all; index < tokenCount(); ++index) {
        m_left.push_back(x);
        x += std::max(leastWidth, fontMetrics().horizontalAdvance(textOf(index)) + 2 * padding) + gap;
    }
    m_left.push_back(x);
    QScrollBar *bar = horizontalScrollBar();
    bar->setSingleStep(fontMetrics().averageCharWidth() * 4);
    bar->setPageStep(viewport()->width());
    bar->setRange(0, std::max(0, x - gap + edge - viewport()->width()));
    viewport()->update();
}

QRect TokenStrip::chipRect(int index) const
{
    if (index < all || index >= tokenCount())
        return {};
    const auto at = static_cast<std::size_t>(index + 1);
    return {m_left[at] - horizontalScrollBar()->value(), edge, m_left[at + 1] - m_left[at] - gap, chipHeight()};
}

int TokenStrip::chipAt(const QPoint &position) const
{
    for (int index = all; index < tokenCount(); ++index) {
        if (chipRect(index).contains(position))
            return index;
    }
    return tokenCount();
}

void TokenStrip::setCurrent(int index)
{
    index = std::clamp(index, static_cast<int>(all), tokenCount() - 1);
    const QRect chip = chipRect(index);
    QScrollBar *bar = horizontalScrollBar();
    if (chip.left() < edge)
        bar->setValue(bar->value() + chip.left() - edge);
    else if (chip.left() + chip.width() > viewport()->width() - edge)
        bar->setValue(bar->value() + chip.left() + chip.width() - viewport()->width() + edge);
    if (index == m_current)
        return;
    m_current = index;
    viewport()->update();
    announce();
    Q_EMIT currentChanged(index);
}

/// Tells a screen reader what is chosen.
void TokenStrip::announce()
{
    const bool tip = m_current >= 0 && m_current < m_tips.size();
    setAccessibleDescription(m_pieces.isEmpty() ? m_placeholder : tip ? m_tips[m_current] : textOf(m_current));
    QAccessibleEvent event(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&event);
}

void TokenStrip::paintChip(QPainter &painter, int index) const
{
    const QRectF box = QRectF(chipRect(index)).adjusted(0.5, 0.5, -0.5, -0.5);
    const bool chosen = index == m_current;
    const bool shaded = index >= 0 && !m_weights.empty();
    painter.setBrush(shaded ? m_tint.background(m_weights[static_cast<std::size_t>(index)])
                            : palette().color(QPalette::Base));
    painter.setPen(QPen(palette().color(chosen ? QPalette::Highlight : QPalette::Mid), chosen ? 2 : 1));
    painter.drawRoundedRect(box, 4, 4);
    painter.setPen(palette().color(QPalette::Text));
    painter.drawText(box, Qt::AlignCenter, textOf(index));
    if (chosen && hasFocus()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(palette().color(QPalette::Highlight), 1, Qt::DotLine));
        painter.drawRoundedRect(box.adjusted(-2, -2, 2, 2), 5, 5);
    }
}

void TokenStrip::paintEvent(QPaintEvent * /*event*/)
{
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(font());
    if (m_pieces.isEmpty()) {
        painter.setPen(palette().color(QPalette::PlaceholderText));
        painter.drawText(viewport()->rect().adjusted(edge, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, m_placeholder);
        return;
    }
    for (int index = all; index < tokenCount(); ++index) {
        if (chipRect(index).intersects(viewport()->rect()))
            paintChip(painter, index);
    }
}

void TokenStrip::resizeEvent(QResizeEvent *event)
{
    QAbstractScrollArea::resizeEvent(event);
    layOut();
}

void TokenStrip::changeEvent(QEvent *event)
{
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        m_tint = TokenTint(palette());
        viewport()->update();
    } else if (event->type() == QEvent::FontChange) {
        layOut();
    }
}

bool TokenStrip::viewportEvent(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QAbstractScrollArea::viewportEvent(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    const int index = chipAt(help->pos());
    const bool known = index >= 0 && index < m_tips.size();
    QToolTip::showText(help->globalPos(), known ? m_tips[index] : toolTip(), viewport());
    return true;
}

void TokenStrip::mousePressEvent(QMouseEvent *event)
{
    const int index = chipAt(event->pos());
    if (event->button() == Qt::LeftButton && index < tokenCount())
        setCurrent(index);
}

/// The row moves sideways whichever way the wheel turns.
void TokenStrip::wheelEvent(QWheelEvent *event)
{
    const QPoint turned = event->angleDelta();
    QScrollBar *bar = horizontalScrollBar();
    bar->setValue(bar->value() - (turned.x() != 0 ? turned.x() : turned.y()) / 2);
    event->accept();
}

void TokenStrip::keyPressEvent(QKeyEvent *event)
{
    switch (event->key()) {
    case Qt::Key_Left:
        return setCurrent(m_current - 1);
    case Qt::Key_Right:
        return setCurrent(m_current + 1);
    case Qt::Key_Home:
        return setCurrent(all);
    case Qt::Key_End:
        return setCurrent(tokenCount() - 1);
    default:
        QAbstractScrollArea::keyPressEvent(event);
    }
}

void TokenStrip::focusInEvent(QFocusEvent *event)
{
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
}

void TokenStrip::focusOutEvent(QFocusEvent *event)
{
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

} // namespace headkv
