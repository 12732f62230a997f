// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/LayerShareView.h"

#include "core/base/Error.h"
#include "widgets/Formats.h"
#include "widgets/charts/Tickers.h"

#include <QToolTip>
#include <algorithm>
#include <cmath>

namespace headkv {

LayerShareView::LayerShareView(QWidget *parent)
    : PlotChart(parent)
{
    plot()->xAxis->setTicker(QSharedPointer<QCPAxisTicker>(new IntegerTicker));
    plot()->yAxis->setTicker(QSharedPointer<QCPAxisTicker>(new PercentTicker));
    plot()->xAxis->setLabel(tr("Layer"));
    plot()->yAxis->setLabel(tr("Share of the score"));
    setAccessibleName(tr("Share by layer"));
    restyle();
}

LayerShareView::~LayerShareView() = default;

void LayerShareView::setValueLabel(const QString &label)
{
    plot()->yAxis->setLabel(label);
    scheduleReplot();
}

void LayerShareView::setShares(std::vector<LayerShares> sets)
{
    for (const LayerShares &set : sets) {
        if (set.shares.size() != sets.front().shares.size()) {
            throw Error(ErrorKind::Input, "layer shares: \"" + set.name.toStdString() + "\" has " +
                                              std::to_string(set.shares.size()) + " layers, not " +
                                              std::to_string(sets.front().shares.size()) +
                                              ": compare sets of one model");
        }
    }
    m_sets = std::move(sets);
    m_hovered = -1;
    plot()->clearPlottables();
    const double width = 0.8 / std::max<double>(1, static_cast<double>(m_sets.size()));
    double most = 0;
    for (std::size_t s = 0; s < m_sets.size(); ++s) {
        auto *bars = new QCPBars(plot()->xAxis, plot()->yAxis);
        bars->setName(m_sets[s].name);
        bars->setWidth(width);
        QVector<double> keys;
        QVector<double> values;
        for (std::size_t layer = 0; layer < m_sets[s].shares.size(); ++layer) {
            keys << static_cast<double>(layer) - 0.4 + width * (static_cast<double>(s) + 0.5);
            values << m_sets[s].shares[layer];
            most = std::max(most, m_sets[s].shares[layer]);
        }
        bars->setData(keys, values, true);
    }
    showLegend(m_sets.size() > 1);
    plot()->xAxis->setRange(-0.6, std::max(1, layers()) - 0.4);
    plot()->yAxis->setRange(0, most > 0 ? most * 1.05 : 1);
    layoutForSize(plot()->size());
    restyle();
}

QString LayerShareView::csv() const
{
    QString text = QStringLiteral("layer");
    for (const LayerShares &set : m_sets) {
        text += QLatin1Char(',') + csvField(set.name);
    }
    text += QLatin1Char('\n');
    for (int layer = 0; layer < layers(); ++layer) {
        text += QString::number(layer);
        for (const LayerShares &set : m_sets) {
            text += QLatin1Char(',') + csvNumber(set.shares[static_cast<std::size_t>(layer)]);
        }
        text += QLatin1Char('\n');
    }
    return text;
}

std::unique_ptr<Chart> LayerShareView::clone() const
{
    auto copy = std::make_unique<LayerShareView>();
    copyBasicsTo(*copy);
    copy->setShares(m_sets);
    copy->setValueLabel(plot()->yAxis->label());
    return copy;
}

void LayerShareView::restyle()
{
    styleAxis(plot()->xAxis, false);
    styleAxis(plot()->yAxis, true);
    for (int i = 0; i < plot()->plottableCount(); ++i) {
        plot()->plottable(i)->setPen(Qt::NoPen);
        plot()->plottable(i)->setBrush(m_sets.size() == 1 ? chartStyle().primary : chartStyle().seriesColor(i));
    }
    PlotChart::restyle();
}

void LayerShareView::layoutForSize(const QSize &size)
{
    const int label = QFontMetrics(chartStyle().font()).horizontalAdvance(QString::number(layers()));
    plot()->xAxis->ticker()->setTickCount(std::clamp(innerSize(size).width() / (label + 10), 2, 40));
    plot()->yAxis->ticker()->setTickCount(std::clamp(innerSize(size).height() / 40, 2, 8));
    PlotChart::layoutForSize(size);
}

void LayerShareView::mouseMoved(const QPoint &position, const QPoint &globalPosition)
{
    int layer = static_cast<int>(std::floor(plot()->xAxis->pixelToCoord(position.x()) + 0.5));
    if (!plot()->axisRect()->rect().contains(position) || layer < 0 || layer >= layers()) {
        layer = -1;
    }
    if (layer == m_hovered) {
        return;
    }
    m_hovered = layer;
    if (layer < 0) {
        QToolTip::hideText();
        return;
    }
    QStringList lines{tr("Layer %1").arg(layer)};
    for (const LayerShares &set : m_sets) {
        const QString share = formatPercent(set.shares[static_cast<std::size_t>(layer)]);
        lines << (set.name.isEmpty() ? share : set.name + QStringLiteral(": ") + share);
    }
    QToolTip::showText(globalPosition, lines.join(QLatin1Char('\n')), plot());
}

void LayerShareView::mouseLeft() { m_hovered = -1; }

} // namespace headkv
