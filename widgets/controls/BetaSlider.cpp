// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/controls/BetaSlider.h"

#include "core/compression/BetaCurve.h"
#include "widgets/BetaScale.h"

#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QSignalBlocker>
#include <QSlider>
#include <QStyle>
#include <algorithm>
#include <cmath>

namespace headkv {

namespace {

constexpr int steps = 1000;   ///< of the slider
constexpr int snap = 6;       ///< steps about a published setting that count as it
constexpr int markHeight = 4; ///< pixels

int stepOf(double beta) { return static_cast<int>(std::lround(betaPosition(beta) * steps)); }

/// The β of a step, drawn to a published setting nearby.
double betaOf(int step)
{
    const auto *nearest =
        std::ranges::min_element(publishedBetas, {}, [step](double beta) { return std::abs(stepOf(beta) - step); });
    return std::abs(stepOf(*nearest) - step) <= snap ? *nearest : betaAt(static_cast<double>(step) / steps);
}

QFont markFont(const QFont &font)
{
    QFont small = font;
    small.setPointSizeF(font.pointSizeF() * 0.85);
    return small;
}

} // namespace

BetaSlider::BetaSlider(QWidget *parent)
    : QWidget(parent)
    , m_slider(new QSlider(Qt::Horizontal))
    , m_number(new QDoubleSpinBox(this))
    , m_beta(1.2)
{
    m_slider->setRange(0, steps);
    m_slider->setSingleStep(snap + 1); // past what snaps back
    m_slider->setValue(stepOf(m_beta));
    m_slider->setAccessibleName(tr("β on a logarithmic scale"));
    m_slider->installEventFilter(this);
    m_number->setRange(leastBeta, greatestBeta);
    m_number->setDecimals(3);
    m_number->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
    m_number->setValue(m_beta);
    m_number->setAccessibleName(tr("β as a number"));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, markHeight + 2 + QFontMetrics(markFont(font())).height());
    layout->addWidget(m_slider);
    setFocusProxy(m_slider);
    connect(m_slider, &QSlider::valueChanged, this, [this](int step) { change(betaOf(step)); });
    connect(m_number, &QDoubleSpinBox::valueChanged, this, &BetaSlider::change);
    connect(m_slider, &QSlider::sliderReleased, this, &BetaSlider::settled);
    connect(m_number, &QDoubleSpinBox::editingFinished, this, &BetaSlider::settled);
}

void BetaSlider::setBeta(double beta)
{
    const QSignalBlocker quietSlider(m_slider);
    const QSignalBlocker quietNumber(m_number);
    m_beta = std::clamp(beta, leastBeta, greatestBeta);
    if (betaOf(m_slider->value()) != m_beta) // a drag keeps its handle where the hand is
        m_slider->setValue(stepOf(m_beta));
    if (m_number->value() != m_beta)
        m_number->setValue(m_beta);
    update();
}

void BetaSlider::change(double beta)
{
    if (beta == m_beta)
        return;
    setBeta(beta);
    Q_EMIT betaChanged(m_beta);
}

void BetaSlider::step(bool up)
{
    if (up) {
        const auto *next = std::ranges::upper_bound(publishedBetas, m_beta);
        change(next == publishedBetas.end() ? greatestBeta : *next);
    } else {
        const auto *next = std::ranges::lower_bound(publishedBetas, m_beta);
        change(next == publishedBetas.begin() ? leastBeta : *(next - 1));
    }
    Q_EMIT settled();
}

bool BetaSlider::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_slider && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_PageUp || key == Qt::Key_PageDown) {
            step(key == Qt::Key_PageUp);
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

double BetaSlider::pixelOf(double beta) const
{
    // The style sheet's handle: 14 wide and 1 of border on each side.
    constexpr double handle = 16;
    return m_slider->x() + handle / 2 + betaPosition(beta) * (m_slider->width() - handle);
}

void BetaSlider::paintEvent(QPaintEvent * /*event*/)
{
    QPainter painter(this);
    painter.setFont(markFont(font()));
    const QFontMetrics metrics(painter.font());
    const double top = m_slider->geometry().bottom() + 1;
    double taken = -10; // labels end here
    for (const double beta : publishedBetas) {
        const double x = std::round(pixelOf(beta)) + 0.5;
        painter.setPen(palette().color(QPalette::PlaceholderText));
        painter.drawLine(QPointF(x, top), QPointF(x, top + markHeight));
        const QString text = formatBeta(beta);
        const double width = metrics.horizontalAdvance(text);
        const double left = std::max(x - width / 2, 0.0);
        if (left < taken + 3)
            continue; // 1.01 beside 1.005: the mark says enough
        painter.setPen(palette().color(isEnabled() ? QPalette::Active : QPalette::Disabled, QPalette::WindowText));
        painter.drawText(QPointF(left, top + markHeight + metrics.ascent()), text);
        taken = left + width;
    }
}

} // namespace headkv
