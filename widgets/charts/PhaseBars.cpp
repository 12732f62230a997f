// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/PhaseBars.h"

#include "core/base/Error.h"
#include "widgets/Formats.h"
#include "widgets/charts/Tickers.h"

#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace headkv {

namespace {

constexpr double barWidth = 0.62; ///< of a row

double duration(double seconds) { return std::isnan(seconds) ? 0 : seconds; }

double total(const PhaseRow &row)
{
    return std::accumulate(row.seconds.begin(), row.seconds.end(), 0.0,
                           [](double sum, double seconds) { return sum + duration(seconds); });
}

} // namespace

PhaseBars::PhaseBars(QWidget *parent)
    : PlotChart(parent)
{
    plot()->yAxis->setRangeReversed(true);
    plot()->xAxis->setTicker(QSharedPointer<QCPAxisTicker>(new ScoreTicker));
    plot()->xAxis->setLabel(tr("Time (s)"));
    connect(plot(), &QCustomPlot::afterLayout, this, &PhaseBars::placeLabels);
    setAccessibleName(tr("Time by phase"));
    rebuild();
}

PhaseBars::~PhaseBars() = default;

QSize PhaseBars::sizeHint() const { return {480, 120 + 32 * std::max(1, static_cast<int>(m_rows.size()))}; }
QSize PhaseBars::figureSize() const { return {720, 144 + 40 * std::max(1, static_cast<int>(m_rows.size()))}; }

void PhaseBars::setPhases(const QStringList &names)
{
    if (names == m_phases) {
        return;
    }
    m_phases = names;
    m_rows.clear();
    rebuild();
}

void PhaseBars::setRows(std::vector<PhaseRow> rows)
{
    for (const PhaseRow &row : rows) {
        const bool fits = row.seconds.size() == static_cast<std::size_t>(m_phases.size()) &&
                          std::ranges::none_of(row.seconds, [](double seconds) { return seconds < 0; });
        if (!fits) {
            throw Error(ErrorKind::Input, "phase bars: \"" + row.name.toStdString() + "\" has " +
                                              std::to_string(row.seconds.size()) + " durations for " +
                                              std::to_string(m_phases.size()) +
                                              " phases, or a negative one: give one a phase, 0 or more");
        }
    }
    const bool resized = rows.size() != m_rows.size();
    m_rows = std::move(rows);
    rebuild();
    if (resized) {
        updateGeometry();
    }
}

void PhaseBars::buildLegend()
{
    for (const QString &phase : m_phases) {
        auto *entry = new QCPBars(plot()->yAxis, plot()->xAxis);
        entry->setName(phase);
        m_legend.push_back(entry);
    }
    m_firstTokens = plot()->addGraph();
    m_firstTokens->setName(tr("First token"));
    m_firstTokens->setLineStyle(QCPGraph::lsNone);
    m_firstTokens->setLayer(QStringLiteral("overlay"));
}

void PhaseBars::rebuild()
{
    plot()->clearPlottables();
    for (QCPItemText *label : m_labels) {
        plot()->removeItem(label);
    }
    m_legend.clear();
    m_bars.clear();
    m_labels.clear();
    buildLegend();
    double longest = 0;
    for (std::size_t r = 0; r < m_rows.size(); ++r) {
        QCPBars *before = nullptr;
        for (const double seconds : m_rows[r].seconds) {
            auto *bar = new QCPBars(plot()->yAxis, plot()->xAxis);
            bar->removeFromLegend();
            bar->setWidth(barWidth);
            bar->setData({static_cast<double>(r)}, {duration(seconds)});
            bar->moveAbove(before);
            before = bar;
            m_bars.push_back(bar);
            m_labels.push_back(new QCPItemText(plot()));
        }
        longest = std::max({longest, total(m_rows[r]), duration(m_rows[r].firstTokenSeconds)});
        if (std::isfinite(m_rows[r].firstTokenSeconds)) {
            m_firstTokens->addData(m_rows[r].firstTokenSeconds, static_cast<double>(r));
        }
    }
    showLegend(!m_phases.isEmpty());
    plot()->xAxis->setRange(0, longest > 0 ? longest * 1.02 : 1);
    plot()->yAxis->setRange(-0.6, std::max(1.0, static_cast<double>(m_rows.size())) - 0.4);
    layoutForSize(plot()->size());
    restyle();
}

QString PhaseBars::csv() const
{
    QString text = QStringLiteral("lane");
    for (const QString &phase : m_phases) {
        text += QLatin1Char(',') + csvField(phase + QStringLiteral(" (s)"));
    }
    text += QStringLiteral(",first_token (s)\n");
    for (const PhaseRow &row : m_rows) {
        text += csvField(row.name);
        for (const double seconds : row.seconds) {
            text += QLatin1Char(',') + csvNumber(seconds);
        }
        text += QLatin1Char(',') + csvNumber(row.firstTokenSeconds) + QLatin1Char('\n');
    }
    return text;
}

std::unique_ptr<Chart> PhaseBars::clone() const
{
    auto copy = std::make_unique<PhaseBars>();
    copyBasicsTo(*copy);
    copy->setPhases(m_phases);
    copy->setRows(m_rows);
    return copy;
}

QColor PhaseBars::phaseColor(const QColor &row, int phase) const
{
    // Light to full along the row; every second one dark, so that a short phase shows between its neighbours.
    if (phase % 2 == 1) {
        return mixedColor(row, chartStyle().text, 0.7);
    }
    const double last = std::max(1.0, static_cast<double>(m_phases.size()) - 1);
    return mixedColor(row, chartStyle().plotArea, 0.6 * (1 - phase / last));
}

void PhaseBars::restyle()
{
    const ChartStyle &style = chartStyle();
    styleAxis(plot()->xAxis, true);
    styleAxis(plot()->yAxis, false);
    plot()->yAxis->setTickPen(Qt::NoPen);
    for (std::size_t i = 0; i < m_legend.size(); ++i) {
        m_legend[i]->setPen(Qt::NoPen);
        m_legend[i]->setBrush(phaseColor(style.mutedText, static_cast<int>(i)));
    }
    for (std::size_t i = 0; i < m_bars.size(); ++i) {
        const std::size_t row = i / m_legend.size();
        const QString &method = m_rows[row].method;
        const QColor color = method.isEmpty() ? style.seriesColor(static_cast<int>(row)) : style.seriesColor(method);
        const QColor fill = phaseColor(color, static_cast<int>(i % m_legend.size()));
        m_bars[i]->setPen(Qt::NoPen);
        m_bars[i]->setBrush(fill);
        m_labels[i]->setFont(style.font());
        m_labels[i]->setColor(textOn(fill));
    }
    PlotChart::restyle();
}

void PhaseBars::layoutForSize(const QSize &size)
{
    PlotChart::layoutForSize(size);
    plot()->xAxis->ticker()->setTickCount(std::clamp(innerSize(size).width() / 64, 2, 12));
    const QFontMetrics metrics(chartStyle().font());
    const QSharedPointer<QCPAxisTickerText> ticker(new QCPAxisTickerText);
    for (std::size_t r = 0; r < m_rows.size(); ++r) {
        ticker->addTick(static_cast<double>(r), metrics.elidedText(m_rows[r].name, Qt::ElideRight, size.width() / 3));
    }
    plot()->yAxis->setTicker(ticker);
}

void PhaseBars::placeLabels()
{
    const QFontMetrics metrics(chartStyle().font());
    const double rowHeight = std::abs(plot()->yAxis->coordToPixel(1) - plot()->yAxis->coordToPixel(0));
    for (std::size_t i = 0; i < m_labels.size(); ++i) {
        const std::size_t row = i / m_legend.size();
        const std::size_t phase = i % m_legend.size();
        const std::vector<double> &seconds = m_rows[row].seconds;
        double begin = 0;
        for (std::size_t p = 0; p < phase; ++p) {
            begin += duration(seconds[p]);
        }
        const double end = begin + duration(seconds[phase]);
        const double room = plot()->xAxis->coordToPixel(end) - plot()->xAxis->coordToPixel(begin);
        const QString text = formatDuration(seconds[phase]);
        m_labels[i]->setText(text);
        m_labels[i]->setVisible(room >= metrics.horizontalAdvance(text) + 8 &&
                                barWidth * rowHeight >= metrics.height());
        m_labels[i]->position->setCoords((begin + end) / 2, static_cast<double>(row));
    }
    // A stroke a little longer than the bar is high.
    const double half = std::max(4.0, rowHeight * (barWidth / 2 + 0.08));
    QPainterPath stroke(QPointF(0, -half));
    stroke.lineTo(0, half);
    stroke.moveTo(-3.5, -half);
    stroke.lineTo(3.5, -half);
    stroke.moveTo(-3.5, half);
    stroke.lineTo(3.5, half);
    constexpr double pathUnit = 6; // QCustomPlot scales custom shapes by size / 6
    m_firstTokens->setScatterStyle(QCPScatterStyle(stroke, QPen(chartStyle().text, 1.75), Qt::NoBrush, pathUnit));
}

QString PhaseBars::describe(int row) const
{
    const PhaseRow &one = m_rows[static_cast<std::size_t>(row)];
    QStringList lines{one.name};
    for (int phase = 0; phase < m_phases.size(); ++phase) {
        lines << m_phases[phase] + QStringLiteral(": ") + formatDuration(one.seconds[static_cast<std::size_t>(phase)]);
    }
    lines << tr("Together: %1").arg(formatDuration(total(one)));
    lines << tr("Time to first token: %1").arg(formatDuration(one.firstTokenSeconds));
    return lines.join(QLatin1Char('\n'));
}

void PhaseBars::mouseMoved(const QPoint &position, const QPoint &globalPosition)
{
    int row = static_cast<int>(std::floor(plot()->yAxis->pixelToCoord(position.y()) + 0.5));
    if (!plot()->axisRect()->rect().contains(position) || row >= static_cast<int>(m_rows.size())) {
        row = -1;
    }
    if (row == m_hovered) {
        return;
    }
    m_hovered = row;
    if (row < 0) {
        QToolTip::hideText();
        return;
    }
    QToolTip::showText(globalPosition, describe(row), plot());
}

void PhaseBars::mouseLeft() { m_hovered = -1; }

} // namespace headkv
