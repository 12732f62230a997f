// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/generate/GenerateCharts.h"

#include "app/explorer/common/ChartActions.h"
#include "app/explorer/common/FormHelpers.h"
#include "widgets/Formats.h"
#include "widgets/charts/LineChart.h"
#include "widgets/charts/PhaseBars.h"
#include "widgets/theme/Theme.h"

#include <QHBoxLayout>
#include <algorithm>
#include <limits>

namespace headkv {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
/// From which ratio of the largest to the smallest on, a linear axis would hide the small.
constexpr double logRatio = 12;

std::vector<LineSeries> emptySeries(const std::vector<LaneName> &names)
{
    std::vector<LineSeries> series;
    for (const LaneName &name : names) {
        LineSeries line;
        line.name = name.brief;
        line.method = name.method;
        series.push_back(std::move(line));
    }
    return series;
}

QString milliseconds(double value) { return formatDuration(value / 1000); }

} // namespace

GenerateCharts::GenerateCharts(QSettings &settings, QWidget *parent)
    : QWidget(parent)
    , m_latency(named(new LineChart, tr("Latency by token")))
    , m_layers(named(new LineChart, tr("Tokens held by layer")))
    , m_phases(named(new PhaseBars, tr("Where the time went")))
{
    m_latency->setTitle(tr("Latency by token"));
    m_latency->setAxes(tr("Token"), AxisKind::Integer, tr("ms"), AxisKind::Number);
    m_layers->setTitle(tr("Tokens held by layer"));
    m_layers->setAxes(tr("Layer"), AxisKind::Integer, tr("Tokens"), AxisKind::Tokens);
    m_phases->setTitle(tr("Where the time went"));
    m_phases->setPhases({tr("Prefill"), tr("Compression"), tr("Decoding")});
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, Theme::spacing, 0, 0);
    layout->setSpacing(Theme::spacing);
    layout->addWidget(m_latency, 10);
    layout->addWidget(m_layers, 7);
    layout->addWidget(m_phases, 9);
    for (Chart *chart : std::initializer_list<Chart *>{m_latency, m_layers, m_phases})
        enableChartMenu(chart, settings, this);
}

QList<Chart *> GenerateCharts::charts() const
{
    QList<Chart *> shown;
    for (Chart *chart : std::initializer_list<Chart *>{m_latency, m_layers, m_phases}) {
        if (!chart->isEmpty())
            shown.append(chart);
    }
    return shown;
}

void GenerateCharts::begin(const std::vector<Lane> &lanes)
{
    m_names = laneNames(lanes);
    m_latency->setSeries(emptySeries(m_names));
    m_latency->setReferences({});
    m_latency->setTitle(tr("Latency by token"));
    m_latency->resetView();
    m_layers->setSeries({});
    refresh(lanes, true);
}

void GenerateCharts::refresh(const std::vector<Lane> &lanes, bool ended)
{
    if (lanes.size() != m_names.size())
        return;
    showLatency(lanes);
    if (ended)
        showPercentiles(lanes);
    showLayers(lanes);
    showPhases(lanes);
}

void GenerateCharts::showLatency(const std::vector<Lane> &lanes)
{
    for (std::size_t i = 0; i < lanes.size(); ++i) {
        const std::vector<double> &all = lanes[i].report.generation.metrics.perTokenMilliseconds;
        // The first token's time is sampling alone.
        const std::size_t shown = m_latency->series()[i].x.size() + 1;
        if (all.size() <= shown)
            continue;
        std::vector<double> x;
        for (std::size_t token = shown; token < all.size(); ++token)
            x.push_back(static_cast<double>(token + 1));
        m_latency->appendPoints(i, x, std::span(all).subspan(shown));
    }
}

void GenerateCharts::showPercentiles(const std::vector<Lane> &lanes)
{
    std::vector<ReferenceLine> lines;
    if (lanes.size() == 1 && lanes[0].report.generation.metrics.perTokenMilliseconds.size() > 1) {
        const RunMetrics &metrics = lanes[0].report.generation.metrics;
        for (const auto &[name, share] : {std::pair("p50 %1", 0.5), std::pair("p95 %1", 0.95)}) {
            const double value = metrics.latencyPercentile(share);
            lines.push_back({tr(name).arg(milliseconds(value)), value, m_names[0].method});
        }
        m_latency->setReferences(std::move(lines));
        return;
    }
    m_latency->setTitle(tr("Latency by token: p50, p95"));
    std::vector<LineSeries> series = m_latency->series();
    for (std::size_t i = 0; i < lanes.size(); ++i) {
        const RunMetrics &metrics = lanes[i].report.generation.metrics;
        series[i].name = m_names[i].brief;
        if (metrics.perTokenMilliseconds.size() > 1)
            series[i].name +=
                tr(": %1, %2")
                    .arg(milliseconds(metrics.latencyPercentile(0.5)), milliseconds(metrics.latencyPercentile(0.95)));
    }
    m_latency->setSeries(std::move(series));
}

void GenerateCharts::showLayers(const std::vector<Lane> &lanes)
{
    std::vector<LineSeries> series;
    double least = std::numeric_limits<double>::infinity();
    double greatest = 0;
    for (std::size_t i = 0; i < lanes.size(); ++i) {
        LineSeries line;
        line.name = m_names[i].brief;
        line.method = m_names[i].method;
        for (const std::int64_t entries : lanes[i].report.generation.metrics.entriesByLayer) {
            line.x.push_back(static_cast<double>(line.x.size()));
            line.y.push_back(static_cast<double>(entries));
            least = std::min(least, line.y.back());
            greatest = std::max(greatest, line.y.back());
        }
        if (!line.x.empty())
            series.push_back(std::move(line));
    }
    const auto same = [](const LineSeries &a, const LineSeries &b) { return a.name == b.name && a.y == b.y; };
    if (std::ranges::equal(series, m_layers->series(), same))
        return;
    const bool wide = least > 0 && greatest / least > logRatio;
    m_layers->setAxes(tr("Layer"), AxisKind::Integer, tr("Tokens"), wide ? AxisKind::LogNumber : AxisKind::Tokens);
    m_layers->setSeries(std::move(series));
    m_layers->resetView();
}

void GenerateCharts::showPhases(const std::vector<Lane> &lanes)
{
    std::vector<PhaseRow> rows;
    for (std::size_t i = 0; i < lanes.size(); ++i) {
        const RunMetrics &metrics = lanes[i].report.generation.metrics;
        const bool prefilled = metrics.prefillSeconds > 0;
        const auto phase = [prefilled](double seconds) { return prefilled && seconds >= 0 ? seconds : nan; };
        rows.push_back(
            {m_names[i].brief,
             m_names[i].method,
             {phase(metrics.prefillSeconds), phase(metrics.compressSeconds), phase(decodingSeconds(lanes[i]))},
             metrics.firstTokenSeconds > 0 ? metrics.firstTokenSeconds : nan});
    }
    m_phases->setRows(std::move(rows));
}

} // namespace headkv
