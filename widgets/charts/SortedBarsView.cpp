// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/SortedBarsView.h"

#include "widgets/Formats.h"
#include "widgets/charts/Tickers.h"

#include <QKeyEvent>
#include <QToolTip>
#include <algorithm>
#include <cmath>

namespace headkv {

namespace {

QString headLabel(HeadCell head) { return QStringLiteral("%1-%2").arg(head.layer).arg(head.head); }

} // namespace

SortedBarsView::SortedBarsView(QWidget *parent)
    : PlotChart(parent)
{
    plot()->yAxis->setTicker(QSharedPointer<QCPAxisTicker>(new ScoreTicker));
    plot()->xAxis->setLabel(tr("Head (layer-head)"));
    plot()->yAxis->setLabel(tr("Score"));
    setAccessibleName(tr("Top heads"));
    restyle();
}

SortedBarsView::~SortedBarsView() = default;

void SortedBarsView::setValueLabel(const QString &label)
{
    plot()->yAxis->setLabel(label);
    scheduleReplot();
}

void SortedBarsView::setBars(std::vector<HeadBar> bars)
{
    m_bars = std::move(bars);
    m_hovered = -1;
    plot()->clearPlottables();
    auto *plotted = new QCPBars(plot()->xAxis, plot()->yAxis);
    plotted->setWidth(0.75);
    QVector<double> keys;
    QVector<double> values;
    QVector<double> errors;
    double most = 0;
    double least = 0;
    for (std::size_t i = 0; i < m_bars.size(); ++i) {
        keys << static_cast<double>(i);
        values << m_bars[i].value;
        errors << (m_bars[i].standardError > 0 ? m_bars[i].standardError : std::numeric_limits<double>::quiet_NaN());
        most = std::max(most, m_bars[i].value + m_bars[i].standardError);
        least = std::min(least, m_bars[i].value - m_bars[i].standardError);
    }
    least = std::any_of(m_bars.begin(), m_bars.end(), [](const HeadBar &bar) { return bar.value < 0; }) ? least : 0;
    plotted->setData(keys, values, true);
    m_emphasis = new QCPBars(plot()->xAxis, plot()->yAxis);
    m_emphasis->setWidth(plotted->width());
    m_current = 0;
    emphasize();
    auto *whiskers = new QCPErrorBars(plot()->xAxis, plot()->yAxis);
    whiskers->setDataPlottable(plotted);
    whiskers->setData(errors);
    const double size = most > least ? most - least : 1;
    plot()->xAxis->setRange(-0.6, std::max<double>(1, static_cast<double>(m_bars.size())) - 0.4);
    plot()->yAxis->setRange(least < 0 ? least - 0.05 * size : 0, (most > least ? most : 1) + 0.05 * size);
    layoutForSize(plot()->size());
    restyle();
}

QString SortedBarsView::csv() const
{
    QString text = QStringLiteral("rank,layer,head,%1,standard_error\n").arg(csvField(plot()->yAxis->label()));
    for (std::size_t i = 0; i < m_bars.size(); ++i) {
        const HeadBar &bar = m_bars[i];
        text += QStringLiteral("%1,%2,%3,%4,%5\n")
                    .arg(i + 1)
                    .arg(bar.head.layer)
                    .arg(bar.head.head)
                    .arg(csvNumber(bar.value), csvNumber(bar.standardError));
    }
    return text;
}

std::unique_ptr<Chart> SortedBarsView::clone() const
{
    auto copy = std::make_unique<SortedBarsView>();
    copyBasicsTo(*copy);
    copy->setBars(m_bars);
    copy->setValueLabel(plot()->yAxis->label());
    return copy;
}

void SortedBarsView::restyle()
{
    styleAxis(plot()->xAxis, false);
    styleAxis(plot()->yAxis, true);
    for (int i = 0; i < plot()->plottableCount(); ++i) {
        if (auto *bars = qobject_cast<QCPBars *>(plot()->plottable(i))) {
            bars->setPen(Qt::NoPen);
            bars->setBrush(bars == m_emphasis ? chartStyle().accent : chartStyle().primary);
        } else if (auto *errors = qobject_cast<QCPErrorBars *>(plot()->plottable(i))) {
            errors->setPen(QPen(chartStyle().text, 1));
            errors->setWhiskerWidth(5);
            errors->setSymbolGap(0);
        }
    }
    PlotChart::restyle();
}

void SortedBarsView::layoutForSize(const QSize &size)
{
    // Labels stand upright where they would touch, and are thinned out where even that is too close.
    const QFontMetrics metrics(chartStyle().font());
    int widest = 1;
    for (const HeadBar &bar : m_bars) {
        widest = std::max(widest, metrics.horizontalAdvance(headLabel(bar.head)));
    }
    const double room = innerSize(size).width() / std::max<double>(1, static_cast<double>(m_bars.size()));
    const bool upright = room < widest + 8;
    const auto stride = static_cast<std::size_t>(upright ? std::max(1.0, std::ceil((metrics.height() + 1) / room)) : 1);
    const QSharedPointer<QCPAxisTickerText> ticker(new QCPAxisTickerText);
    for (std::size_t i = 0; i < m_bars.size(); i += stride) {
        ticker->addTick(static_cast<double>(i), headLabel(m_bars[i].head));
    }
    plot()->xAxis->setTicker(ticker);
    plot()->xAxis->setTickLabelRotation(upright ? -90 : 0);
    plot()->yAxis->ticker()->setTickCount(std::clamp(innerSize(size).height() / 40, 2, 8));
}

int SortedBarsView::barAt(const QPoint &position) const
{
    const int bar = static_cast<int>(std::floor(plot()->xAxis->pixelToCoord(position.x()) + 0.5));
    const bool inside =
        plot()->axisRect()->rect().contains(position) && bar >= 0 && bar < static_cast<int>(m_bars.size());
    return inside ? bar : -1;
}

void SortedBarsView::mouseMoved(const QPoint &position, const QPoint &globalPosition)
{
    const int index = barAt(position);
    if (index == m_hovered) {
        return;
    }
    m_hovered = index;
    if (index < 0) {
        QToolTip::hideText();
        return;
    }
    QToolTip::showText(globalPosition, describe(index), plot());
}

QString SortedBarsView::describe(int index) const
{
    const HeadBar &bar = m_bars[static_cast<std::size_t>(index)];
    QString text = tr("Layer %1, head %2\n%3: %4")
                       .arg(bar.head.layer)
                       .arg(bar.head.head)
                       .arg(plot()->yAxis->label(), formatScore(bar.value));
    if (bar.standardError > 0) {
        text += QStringLiteral(" ± ") + QString::number(bar.standardError, 'g', 2);
    }
    return text;
}

void SortedBarsView::mouseLeft() { m_hovered = -1; }

void SortedBarsView::mouseClicked(const QPoint &position)
{
    const int index = barAt(position);
    if (index >= 0) {
        choose(index);
        const HeadCell head = m_bars[static_cast<std::size_t>(index)].head;
        Q_EMIT headClicked(head.layer, head.head);
    }
}

void SortedBarsView::choose(int bar)
{
    m_current = bar;
    announce(describe(bar));
    emphasize();
}

void SortedBarsView::emphasize()
{
    if (!m_emphasis) {
        return;
    }
    const bool shown = hasFocus() && m_current < static_cast<int>(m_bars.size());
    m_emphasis->setData(shown ? QVector<double>{double(m_current)} : QVector<double>(),
                        shown ? QVector<double>{m_bars[static_cast<std::size_t>(m_current)].value} : QVector<double>());
    scheduleReplot();
}

void SortedBarsView::keyPressEvent(QKeyEvent *event)
{
    const int last = static_cast<int>(m_bars.size()) - 1;
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Right: {
        const int next = m_current + (event->key() == Qt::Key_Left ? -1 : 1);
        if (next >= 0 && next <= last) {
            choose(next);
        }
        return;
    }
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        if (m_current <= last) {
            const HeadCell head = m_bars[static_cast<std::size_t>(m_current)].head;
            Q_EMIT headClicked(head.layer, head.head);
        }
        return;
    default:
        PlotChart::keyPressEvent(event);
    }
}

void SortedBarsView::focusInEvent(QFocusEvent *event)
{
    PlotChart::focusInEvent(event);
    emphasize();
}

void SortedBarsView::focusOutEvent(QFocusEvent *event)
{
    PlotChart::focusOutEvent(event);
    emphasize();
}

} // namespace headkv
