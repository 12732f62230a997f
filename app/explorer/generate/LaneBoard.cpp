// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/generate/LaneBoard.h"

#include "app/explorer/common/ChartActions.h"
#include "app/explorer/common/FormHelpers.h"
#include "widgets/charts/StackedAreaChart.h"
#include "widgets/theme/Theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace headkv {

namespace {

/// The end of an axis that has to reach a value: in steps, so that it moves seldom.
double roundUp(double value)
{
    const double step = std::pow(2, std::floor(std::log2(std::max(value, 1e-3)))) / 4;
    return std::ceil(value / step) * step;
}

} // namespace

LaneBoard::LaneBoard(QSettings &settings, QWidget *parent)
    : QWidget(parent)
    , m_settings(settings)
    , m_row(new QHBoxLayout)
    , m_legend(
          named(new QLabel, tr("What the memory charts show"),
                tr("Memory of this process, or of the device that computes: the model's weights, the keys and "
                   "values that the lane holds, and all else; the dashed line is what weights and cache would take "
                   "with FullKV")))
{
    auto *inner = new QWidget;
    inner->setLayout(m_row);
    m_row->setContentsMargins(0, 0, 0, 0);
    m_row->setSpacing(Theme::spacing + Theme::spacing / 2);
    auto *scroll = named(new QScrollArea, tr("Lanes side by side")); // for windows too narrow for all
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setWidget(inner);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing / 2);
    layout->addWidget(scroll, 1);
    layout->addWidget(m_legend);
}

void LaneBoard::prepare()
{
    if (m_views.size() >= mostLanes)
        return;
    addView();
    QTimer::singleShot(0, this, &LaneBoard::prepare);
}

void LaneBoard::addView()
{
    auto *view = new LaneView;
    view->hide();
    view->ensurePolished();
    enableChartMenu(view->memory(), m_settings, this);
    m_row->addWidget(view, 1);
    m_views.push_back(view);
}

void LaneBoard::begin(const std::vector<Lane> &lanes, const ModelSize &model)
{
    while (m_views.size() < lanes.size())
        addView();
    m_count = lanes.size();
    m_model = model;
    showLegend();
    m_seconds = 1; // until something is measured
    m_bytes = roundUp(std::max(1.5 * static_cast<double>(model.weightBytes), 64.0 * 1024 * 1024));
    const std::vector<LaneName> names = laneNames(lanes);
    for (std::size_t i = 0; i < m_views.size(); ++i) {
        m_views[i]->setVisible(i < m_count);
        if (i < m_count)
            m_views[i]->begin(lanes[i], names[i], model);
    }
    setRanges();
    for (std::size_t i = 0; i < m_count; ++i)
        showFigures(lanes, static_cast<int>(i), true);
}

void LaneBoard::showText(const std::vector<Lane> &lanes, int lane)
{
    const auto i = static_cast<std::size_t>(lane);
    if (i < m_count && i < lanes.size())
        m_views[i]->showText(lanes[i]);
}

void LaneBoard::showFigures(const std::vector<Lane> &lanes, int lane, bool ended)
{
    const auto i = static_cast<std::size_t>(lane);
    if (i >= m_count || i >= lanes.size())
        return;
    m_views[i]->showFigures(lanes[i]);
    showLegend();
    shareAxes(lanes, ended);
    if (!ended)
        compare(lanes, lane, false);
}

void LaneBoard::compare(const std::vector<Lane> &lanes, int lane, bool now)
{
    const auto i = static_cast<std::size_t>(lane);
    const auto full = std::ranges::find_if(lanes, &Lane::isFullKv);
    if (i < m_count && i < lanes.size() && full != lanes.end() && !lanes[i].isFullKv())
        m_views[i]->compareWith(*full, lanes[i], now);
}

void LaneBoard::showProgress(const std::vector<Lane> &lanes, double share)
{
    for (std::size_t i = 0; i < m_count && i < lanes.size(); ++i)
        m_views[i]->showProgress(lanes[i], share);
}

void LaneBoard::showLegend()
{
    if (m_count == 0)
        return;
    const StackedAreaChart &chart = *m_views.front()->memory();
    QStringList parts;
    for (int layer = 0; layer < chart.layers().size(); ++layer) {
        QStringList names; // of opened lanes, some may have run on a device
        for (std::size_t i = 0; i < m_count; ++i)
            names << m_views[i]->memory()->layers()[layer];
        names.removeDuplicates();
        parts << QStringLiteral("<span style='color:%1'>■</span> %2")
                     .arg(chart.layerColor(layer).name(), names.join(QStringLiteral(" / ")));
    }
    m_legend->setText(tr("Memory: %1, <b>- -</b> with FullKV").arg(parts.join(QStringLiteral(", "))));
}

void LaneBoard::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        showLegend();
}

void LaneBoard::shareAxes(const std::vector<Lane> &lanes, bool ended)
{
    double seconds = 0, bytes = 0;
    for (std::size_t i = 0; i < m_count && i < lanes.size(); ++i) {
        const RunMetrics &metrics = lanes[i].report.generation.metrics;
        if (metrics.memory.empty())
            continue;
        seconds = std::max(seconds, metrics.memory.back().seconds);
        // Memory grows, but for the buffers of prefill, which the peak knows.
        const std::vector<double> last = memoryLayers(metrics.memory.back(), weightsOf(lanes[i], m_model));
        const std::uint64_t peak = lanes[i].isOnDevice() ? metrics.devicePeakBytes : metrics.rssPeakBytes;
        bytes = std::max({bytes, std::accumulate(last.begin(), last.end(), 0.0), static_cast<double>(peak)});
    }
    const double end = ended ? seconds : std::max(m_seconds, roundUp(seconds));
    const double top = std::max(ended ? 0 : m_bytes, roundUp(bytes * 1.02));
    if (seconds <= 0 || (end == m_seconds && top == m_bytes))
        return;
    m_seconds = end;
    m_bytes = top;
    setRanges();
}

void LaneBoard::setRanges()
{
    for (std::size_t i = 0; i < m_count; ++i) {
        m_views[i]->memory()->setXRange(0, m_seconds);
        m_views[i]->memory()->setYRange(0, m_bytes);
    }
}

} // namespace headkv
