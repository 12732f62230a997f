// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/HeatmapView.h"

#include "core/base/Error.h"
#include "widgets/charts/CellGrid.h"
#include "widgets/charts/ColorBar.h"
#include "widgets/charts/HeadMarks.h"
#include "widgets/charts/HeatmapText.h"
#include "widgets/charts/Tickers.h"

#include <QKeyEvent>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace headkv {

namespace {

const QString marksLayer = QStringLiteral("marks");

/// Keeps a zoomed or panned range inside 0…count cells, and no smaller than three cells.
QCPRange bounded(QCPRange range, int count)
{
    const double all = std::max(count, 1);
    const double size = std::clamp(range.size(), std::min(3.0, all), all);
    double lower = range.center() - size / 2;
    lower = std::clamp(lower, -0.5, all - 0.5 - size);
    return {lower, lower + size};
}

} // namespace

HeatmapView::HeatmapView(QWidget *parent)
    : PlotChart(parent)
{
    QCustomPlot *plot = this->plot();
    plot->addLayer(marksLayer, nullptr, QCustomPlot::limAbove); // the last: no other needs a picture above it
    plot->layer(marksLayer)->setMode(QCPLayer::lmBuffered);
    m_grid = new CellGrid(plot->xAxis, plot->yAxis);
    m_marks = new HeadMarks(plot, m_grid, marksLayer);
    m_bar = new ColorBar(plot);
    plot->yAxis->setRangeReversed(true); // head 0 on top
    plot->xAxis->setTicker(QSharedPointer<QCPAxisTicker>(new IntegerTicker));
    plot->yAxis->setTicker(QSharedPointer<QCPAxisTicker>(new IntegerTicker));
    plot->xAxis->setLabel(tr("Layer"));
    plot->axisRect()->setupFullAxesBox();
    for (QCPAxis *side : {plot->xAxis2, plot->yAxis2}) {
        side->setTicks(false);
        side->setTickLabels(false);
    }
    plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    connect(plot->xAxis, qOverload<const QCPRange &>(&QCPAxis::rangeChanged), this, &HeatmapView::keepInside);
    connect(plot->yAxis, qOverload<const QCPRange &>(&QCPAxis::rangeChanged), this, &HeatmapView::keepInside);
    setAccessibleName(tr("Heatmap of heads"));
    restyle();
    setData({});
}

HeatmapView::~HeatmapView() = default;

void HeatmapView::setData(HeatmapData data)
{
    if (!data.isConsistent()) {
        throw Error(ErrorKind::Input, "heatmap: values do not fit " + std::to_string(data.layers) + " layers of " +
                                          std::to_string(data.heads) + " heads: give one value a head");
    }
    const bool sameShape = data.layers == m_data.layers && data.heads == m_data.heads;
    m_data = std::move(data);
    plot()->yAxis->setLabel(m_data.headLabel);
    m_bar->setLabel(m_data.valueLabel);
    if (!sameShape) {
        std::erase_if(m_pins, [this](HeadCell cell) { return !contains(cell); });
        if (!contains(m_current)) {
            m_current = {};
        }
        m_hovered = {};
        m_mirrored = {};
    }
    recolor();
    rankTop();
    if (!sameShape) {
        resetView();
        setAccessibleDescription(
            tr("%1 layers by %2 heads; arrow keys move, Enter pins").arg(m_data.layers).arg(m_data.heads));
    }
}

void HeatmapView::setData(HeatmapData data, const HeatmapScale &scale)
{
    m_scale = scale;
    setData(std::move(data));
}

void HeatmapView::setScale(const HeatmapScale &scale)
{
    if (m_scale == scale) {
        return;
    }
    m_scale = scale;
    recolor();
}

void HeatmapView::setRange(const std::optional<ValueRange> &range)
{
    HeatmapScale scale = m_scale;
    scale.fixed = range;
    setScale(scale);
}

void HeatmapView::setColorMap(ColorMap::Name map)
{
    m_map = map;
    recolor();
}

void HeatmapView::recolor()
{
    const ColorMap &map = ColorMap::get(m_map);
    m_range = scaleRange(m_data.values, m_scale);
    std::vector<QRgb> colors(m_data.values.size());
    std::transform(m_data.values.begin(), m_data.values.end(), colors.begin(),
                   [this, &map](double value) { return map.color(scalePosition(value, m_range, m_scale.kind)); });
    m_grid->setCells(m_data.layers, m_data.heads, colors);
    m_bar->setColorMap(map);
    m_bar->setRange(m_range.low, m_range.high, m_scale.kind == HeatmapScale::Kind::Log);
    layoutForSize(plot()->size());
    restyle();
}

void HeatmapView::setTopK(int k)
{
    m_topK = std::max(0, k);
    rankTop();
}

void HeatmapView::rankTop()
{
    m_top.clear();
    if (m_topK > 0 && m_data.heads > 0) {
        std::vector<std::size_t> order;
        for (std::size_t i = 0; i < m_data.values.size(); ++i) {
            if (m_data.values[i] > 0) {
                order.push_back(i);
            }
        }
        const auto count = std::min(order.size(), static_cast<std::size_t>(m_topK));
        std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                          [this](std::size_t a, std::size_t b) {
                              return m_data.values[a] != m_data.values[b] ? m_data.values[a] > m_data.values[b] : a < b;
                          });
        for (std::size_t i = 0; i < count; ++i) {
            const int index = static_cast<int>(order[i]);
            m_top.push_back({index / m_data.heads, index % m_data.heads});
        }
    }
    updateMarks();
}

void HeatmapView::setPins(std::vector<HeadCell> pins)
{
    m_pins = std::move(pins);
    std::erase_if(m_pins, [this](HeadCell cell) { return !contains(cell); });
    updateMarks();
}

void HeatmapView::setCurrentCell(HeadCell cell)
{
    if (!contains(cell)) {
        cell = {};
    }
    if (cell == m_current) {
        return;
    }
    m_current = cell;
    scrollTo(cell);
    updateMarks();
    announce(describe(cell));
    Q_EMIT currentChanged(cell.layer, cell.head);
}

void HeatmapView::setMirroredCell(HeadCell cell)
{
    if (!contains(cell)) {
        cell = {};
    }
    if (cell == m_mirrored) {
        return;
    }
    m_mirrored = cell;
    updateMarks();
}

QRectF HeatmapView::visibleCells() const
{
    const QCPRange layers = plot()->xAxis->range();
    const QCPRange heads = plot()->yAxis->range();
    return {layers.lower, heads.lower, layers.size(), heads.size()};
}

void HeatmapView::showCells(const QRectF &cells)
{
    if (cells == visibleCells()) {
        return;
    }
    plot()->xAxis->setRange(cells.left(), cells.right());
    plot()->yAxis->setRange(cells.top(), cells.bottom());
    scheduleReplot();
}

void HeatmapView::setColorBarVisible(bool visible)
{
    m_bar->setVisible(visible);
    scheduleReplot();
}

void HeatmapView::updateMarks()
{
    m_marks->top = m_top;
    m_marks->pins = m_pins;
    m_marks->current = hasFocus() ? m_current : HeadCell{};
    m_marks->mirrored = m_mirrored;
    plot()->layer(marksLayer)->replot(); // the cells below stay as they are
}

QString HeatmapView::describe(HeadCell cell) const { return contains(cell) ? describeHead(m_data, cell) : QString(); }

HeadCell HeatmapView::cellAt(const QPoint &position) const
{
    const QPoint cell = m_grid->cellAt(plot()->mapFrom(this, position));
    return {cell.x(), cell.y()};
}

QRectF HeatmapView::cellRect(HeadCell cell) const
{
    return m_grid->cellRect(cell.layer, cell.head).translated(plot()->pos());
}

QString HeatmapView::csv() const { return heatmapCsv(m_data); }

std::unique_ptr<Chart> HeatmapView::clone() const
{
    auto copy = std::make_unique<HeatmapView>();
    copyBasicsTo(*copy);
    copy->m_scale = m_scale;
    copy->m_map = m_map;
    copy->m_topK = m_topK;
    copy->setData(m_data);
    copy->setPins(m_pins);
    copy->plot()->xAxis->setRange(plot()->xAxis->range());
    copy->plot()->yAxis->setRange(plot()->yAxis->range());
    copy->setColorBarVisible(m_bar->axisRect()->realVisibility());
    return copy;
}

void HeatmapView::resetView()
{
    plot()->xAxis->setRange(-0.5, std::max(m_data.layers, 1) - 0.5);
    plot()->yAxis->setRange(-0.5, std::max(m_data.heads, 1) - 0.5);
    scheduleReplot();
}

void HeatmapView::scrollTo(HeadCell cell)
{
    if (!cell.isValid()) {
        return;
    }
    const auto show = [](QCPAxis *axis, int index) {
        const QCPRange range = axis->range();
        const double below = std::min(0.0, index - 0.5 - range.lower);
        const double above = std::max(0.0, index + 0.5 - range.upper);
        axis->moveRange(below + above);
    };
    const QCPRange columns = plot()->xAxis->range();
    const QCPRange rows = plot()->yAxis->range();
    show(plot()->xAxis, cell.layer);
    show(plot()->yAxis, cell.head);
    if (columns != plot()->xAxis->range() || rows != plot()->yAxis->range()) {
        scheduleReplot();
    }
}

void HeatmapView::keepInside()
{
    const QSignalBlocker blockX(plot()->xAxis);
    const QSignalBlocker blockY(plot()->yAxis);
    plot()->xAxis->setRange(bounded(plot()->xAxis->range(), m_data.layers));
    plot()->yAxis->setRange(bounded(plot()->yAxis->range(), m_data.heads));
    Q_EMIT visibleCellsChanged();
}

void HeatmapView::restyle()
{
    if (!m_bar) {
        return;
    }
    const ChartStyle &style = chartStyle();
    for (QCPAxis *axis : {plot()->xAxis, plot()->yAxis, plot()->xAxis2, plot()->yAxis2}) {
        styleAxis(axis, false);
        axis->setTickLengthIn(0);
        axis->setTickLengthOut(4);
    }
    for (QCPAxis *axis : m_bar->axisRect()->axes()) {
        styleAxis(axis, false);
        axis->setTickLengthIn(0);
        axis->setTickLengthOut(4);
    }
    m_grid->setMissing(style.missing, m_data.values.size() <= 4096 ? style.hatch : QColor());
    m_marks->accent = style.accent;
    m_marks->ink = style.dark ? QColor(Qt::black) : QColor(Qt::white);
    m_marks->paper = style.dark ? QColor(Qt::black) : QColor(Qt::white);
    m_marks->font = style.font();
    PlotChart::restyle();
}

void HeatmapView::layoutForSize(const QSize &size)
{
    const int width = innerSize(size).width();
    const int height = innerSize(size).height();
    const int label = QFontMetrics(chartStyle().font()).horizontalAdvance(QString::number(m_data.layers));
    plot()->xAxis->ticker()->setTickCount(std::clamp(width / (label + 10), 2, 40));
    plot()->yAxis->ticker()->setTickCount(std::clamp(height / 20, 2, 40));
    m_bar->setHeight(height);
}

void HeatmapView::mouseMoved(const QPoint &position, const QPoint &globalPosition)
{
    const QPoint at = m_grid->cellAt(position);
    const HeadCell cell{at.x(), at.y()};
    if (cell == m_hovered) {
        return;
    }
    m_hovered = cell;
    if (cell.isValid()) {
        QToolTip::showText(globalPosition, describe(cell), plot(),
                           m_grid->cellRect(cell.layer, cell.head).toAlignedRect());
        Q_EMIT hovered(cell.layer, cell.head);
    } else {
        QToolTip::hideText();
        Q_EMIT hoverEnded();
    }
}

void HeatmapView::mouseLeft()
{
    if (m_hovered.isValid()) {
        m_hovered = {};
        Q_EMIT hoverEnded();
    }
}

void HeatmapView::mouseClicked(const QPoint &position)
{
    const QPoint at = m_grid->cellAt(position);
    if (at.x() >= 0) {
        setCurrentCell({at.x(), at.y()});
        togglePin({at.x(), at.y()});
    }
}

void HeatmapView::togglePin(HeadCell cell)
{
    const auto found = std::find(m_pins.begin(), m_pins.end(), cell);
    if (found != m_pins.end()) {
        m_pins.erase(found);
        updateMarks();
        Q_EMIT unpinned(cell.layer, cell.head);
        return;
    }
    m_pins.push_back(cell);
    updateMarks();
    Q_EMIT pinned(cell.layer, cell.head);
}

void HeatmapView::keyPressEvent(QKeyEvent *event)
{
    HeadCell next = m_current.isValid() ? m_current : HeadCell{0, 0};
    const bool started = m_current.isValid();
    switch (event->key()) {
    case Qt::Key_Left:
        next.layer -= started;
        break;
    case Qt::Key_Right:
        next.layer += started;
        break;
    case Qt::Key_Up:
        next.head -= started;
        break;
    case Qt::Key_Down:
        next.head += started;
        break;
    case Qt::Key_Home:
        next = {0, 0};
        break;
    case Qt::Key_End:
        next = {m_data.layers - 1, m_data.heads - 1};
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        if (m_current.isValid()) {
            togglePin(m_current);
        }
        return;
    default:
        PlotChart::keyPressEvent(event);
        return;
    }
    if (contains(next)) {
        setCurrentCell(next);
        if (isVisible()) {
            const QRectF rect = m_grid->cellRect(next.layer, next.head);
            QToolTip::showText(plot()->mapToGlobal(rect.bottomRight().toPoint()), describe(next), plot(),
                               rect.toAlignedRect());
        }
    }
}

void HeatmapView::focusInEvent(QFocusEvent *event)
{
    PlotChart::focusInEvent(event);
    // Coming by keyboard, there is a cell to see and move.
    if (!m_current.isValid() && event->reason() != Qt::MouseFocusReason && contains({0, 0})) {
        setCurrentCell({0, 0});
    }
    updateMarks();
}

void HeatmapView::focusOutEvent(QFocusEvent *event)
{
    PlotChart::focusOutEvent(event);
    updateMarks();
}

bool HeatmapView::contains(HeadCell cell) const
{
    return cell.isValid() && cell.layer < m_data.layers && cell.head < m_data.heads;
}

} // namespace headkv
