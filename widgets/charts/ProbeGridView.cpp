// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/ProbeGridView.h"

#include "core/base/Error.h"
#include "widgets/Formats.h"
#include "widgets/charts/CellGrid.h"
#include "widgets/charts/ColorBar.h"

#include <QKeyEvent>
#include <QToolTip>
#include <cmath>
#include <limits>

namespace headkv {

/// The counts in the cells, how far each has come, and the outline of the one that runs.
class ProbeGridView::Labels : public QCPLayerable
{
public:
    Labels(ProbeGridView *view, const QString &layer)
        : QCPLayerable(view->plot(), layer)
        , m_view(view)
    {}

protected:
    void applyDefaultAntialiasingHint(QCPPainter *painter) const override { painter->setAntialiasing(true); }
    QRect clipRect() const override { return m_view->plot()->axisRect()->rect().adjusted(-2, -2, 2, 2); }

    void draw(QCPPainter *painter) override
    {
        const ProbeGridData &data = m_view->m_data;
        for (std::size_t length = 0; length < data.lengths.size(); ++length) {
            for (std::size_t depth = 0; depth < data.depths.size(); ++depth) {
                drawCell(painter, data.cells[data.index(length, depth)],
                         m_view->m_grid->cellRect(int(length), int(depth)));
            }
        }
        if (data.runningLength >= 0 && data.runningDepth >= 0) {
            outline(painter, {data.runningLength, data.runningDepth}, m_view->chartStyle().accent, Qt::SolidLine);
        }
        if (m_view->hasFocus() && !data.cells.empty()) {
            outline(painter, m_view->m_current, m_view->chartStyle().text, Qt::DotLine);
        }
    }

private:
    void outline(QCPPainter *painter, const QPoint &at, const QColor &color, Qt::PenStyle line) const
    {
        const QRectF cell = m_view->m_grid->cellRect(at.x(), at.y());
        painter->setBrush(Qt::NoBrush);
        painter->setPen(QPen(m_view->chartStyle().background, 5));
        painter->drawRect(cell);
        painter->setPen(QPen(color, 2.5, line));
        painter->drawRect(cell);
    }

    void drawCell(QCPPainter *painter, const ProbeGridCell &cell, const QRectF &rect) const
    {
        if (cell.done == 0) {
            return;
        }
        const QColor fill(ColorMap::get(m_view->m_map).color(value(cell)));
        const QColor ink = textOn(fill);
        const QFont font = m_view->chartStyle().font();
        const QString text = cell.score >= 0 ? QString::number(std::lround(cell.score * 100))
                                             : QStringLiteral("%1/%2").arg(cell.passed).arg(cell.done);
        const QSizeF needed = QFontMetricsF(font).size(Qt::TextSingleLine, text);
        if (needed.width() + 6 <= rect.width() && needed.height() + 2 <= rect.height()) {
            painter->setFont(font);
            painter->setPen(ink);
            painter->drawText(rect, Qt::AlignCenter, text);
        }
        if (cell.done < cell.total && rect.height() >= 16) { // a strip along the bottom: how much of the cell has run
            const double width = rect.width() * cell.done / cell.total;
            painter->setPen(Qt::NoPen);
            painter->setBrush(ink);
            painter->drawRect(QRectF(rect.left(), rect.bottom() - 3, width, 3));
        }
    }

    const ProbeGridView *m_view;
};

ProbeGridView::ProbeGridView(QWidget *parent)
    : PlotChart(parent)
{
    QCustomPlot *plot = this->plot();
    const QString layer = QStringLiteral("labels");
    plot->addLayer(layer, plot->layer(QStringLiteral("axes")), QCustomPlot::limAbove);
    m_grid = new CellGrid(plot->xAxis, plot->yAxis);
    m_labels = new Labels(this, layer);
    m_bar = new ColorBar(plot);
    m_bar->setPercent(true);
    m_bar->setRange(0, 1, false);
    plot->yAxis->setRangeReversed(true); // the text's start on top
    plot->axisRect()->setupFullAxesBox();
    for (QCPAxis *side : {plot->xAxis2, plot->yAxis2}) {
        side->setTicks(false);
        side->setTickLabels(false);
    }
    setAccessibleName(tr("Grid of lengths and depths"));
    setData({});
}

ProbeGridView::~ProbeGridView() = default;

void ProbeGridView::setData(ProbeGridData data)
{
    if (data.cells.size() != data.lengths.size() * data.depths.size()) {
        throw Error(ErrorKind::Input, "probe grid: " + std::to_string(data.cells.size()) + " cells for " +
                                          std::to_string(data.lengths.size()) + " lengths and " +
                                          std::to_string(data.depths.size()) + " depths: give one a pair");
    }
    const bool sameAxes = data.lengths == m_data.lengths && data.depths == m_data.depths && !m_data.cells.empty();
    m_data = std::move(data);
    m_bar->setLabel(m_data.valueLabel);
    if (!sameAxes) {
        m_current = {0, 0};
        m_hovered = {-1, -1};
        plot()->xAxis->setRange(-0.5, std::max<double>(1, static_cast<double>(m_data.lengths.size())) - 0.5);
        plot()->yAxis->setRange(-0.5, std::max<double>(1, static_cast<double>(m_data.depths.size())) - 0.5);
        setAccessibleDescription(tr("%1 lengths by %2 depths").arg(m_data.lengths.size()).arg(m_data.depths.size()));
    }
    recolor();
}

void ProbeGridView::setColorMap(ColorMap::Name map)
{
    m_map = map;
    recolor();
}

void ProbeGridView::setColorBarVisible(bool visible)
{
    m_bar->setVisible(visible);
    scheduleReplot();
}

double ProbeGridView::value(const ProbeGridCell &cell)
{
    if (cell.done == 0) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    return cell.score >= 0 ? cell.score : static_cast<double>(cell.passed) / cell.done;
}

void ProbeGridView::recolor()
{
    const ColorMap &map = ColorMap::get(m_map);
    std::vector<QRgb> colors;
    colors.reserve(m_data.cells.size());
    for (const ProbeGridCell &cell : m_data.cells) {
        colors.push_back(map.color(value(cell)));
    }
    m_grid->setCells(static_cast<int>(m_data.lengths.size()), static_cast<int>(m_data.depths.size()), colors);
    m_bar->setColorMap(map);
    layoutForSize(plot()->size());
    restyle();
}

QString ProbeGridView::describe(std::size_t length, std::size_t depth) const
{
    const ProbeGridCell &cell = m_data.cells[m_data.index(length, depth)];
    QStringList lines{
        tr("Length %1 tokens, depth %2").arg(formatCount(m_data.lengths[length]), formatPercent(m_data.depths[depth]))};
    if (cell.done == 0) {
        lines << tr("Not run yet (%1 cases)").arg(cell.total);
    } else {
        lines << (cell.score >= 0
                      ? tr("%1: %2, mean of %3 cases").arg(m_data.valueLabel, formatPercent(cell.score)).arg(cell.done)
                      : tr("%1 of %2 passed (%3)")
                            .arg(cell.passed)
                            .arg(cell.done)
                            .arg(formatPercent(double(cell.passed) / cell.done)));
        if (cell.done < cell.total) {
            lines << tr("%1 to run").arg(cell.total - cell.done);
        }
    }
    return lines.join(QLatin1Char('\n'));
}

QRectF ProbeGridView::cellRect(std::size_t length, std::size_t depth) const
{
    return m_grid->cellRect(static_cast<int>(length), static_cast<int>(depth)).translated(plot()->pos());
}

QString ProbeGridView::csv() const
{
    QString text = QStringLiteral("length_tokens,depth,passed,done,total,value\n");
    for (std::size_t length = 0; length < m_data.lengths.size(); ++length) {
        for (std::size_t depth = 0; depth < m_data.depths.size(); ++depth) {
            const ProbeGridCell &cell = m_data.cells[m_data.index(length, depth)];
            text += QStringLiteral("%1,%2,%3,%4,%5,%6\n")
                        .arg(m_data.lengths[length])
                        .arg(csvNumber(m_data.depths[depth]))
                        .arg(cell.passed)
                        .arg(cell.done)
                        .arg(cell.total)
                        .arg(csvNumber(value(cell)));
        }
    }
    return text;
}

std::unique_ptr<Chart> ProbeGridView::clone() const
{
    auto copy = std::make_unique<ProbeGridView>();
    copyBasicsTo(*copy);
    copy->m_map = m_map;
    ProbeGridData data = m_data;
    data.runningLength = data.runningDepth = -1; // a figure has no "now"
    copy->setData(std::move(data));
    copy->setColorBarVisible(m_bar->axisRect()->realVisibility());
    return copy;
}

void ProbeGridView::restyle()
{
    if (!m_bar) {
        return;
    }
    const ChartStyle &style = chartStyle();
    QList<QCPAxis *> axes = m_bar->axisRect()->axes();
    axes << plot()->xAxis << plot()->yAxis << plot()->xAxis2 << plot()->yAxis2;
    for (QCPAxis *axis : axes) {
        styleAxis(axis, false);
        axis->setTickLengthIn(0);
        axis->setTickLengthOut(4);
    }
    m_grid->setMissing(style.missing, style.hatch);
    m_grid->setGap(style.background);
    PlotChart::restyle();
}

void ProbeGridView::layoutForSize(const QSize &size)
{
    // Small multiples have less room for the axes' names.
    constexpr int shortName = 160, wholeName = 225; // pixels of height
    plot()->xAxis->setLabel(size.height() >= shortName ? tr("Length (tokens)") : QString());
    plot()->yAxis->setLabel(size.height() >= wholeName   ? tr("Depth of the needle")
                            : size.height() >= shortName ? tr("Depth")
                                                         : QString());
    // Every n-th label, so that they do not touch.
    const QFontMetrics metrics(chartStyle().font());
    const auto fill = [](QCPAxis *axis, std::size_t count, std::size_t stride, const auto &label) {
        const QSharedPointer<QCPAxisTickerText> ticker(new QCPAxisTickerText);
        for (std::size_t i = 0; i < count; i += stride) {
            ticker->addTick(static_cast<double>(i), label(i));
        }
        axis->setTicker(ticker);
    };
    const auto strideFor = [](std::size_t count, int room, int each) {
        const auto fitting = static_cast<std::size_t>(std::max(1, room / each));
        return std::max<std::size_t>(1, (count + fitting - 1) / fitting);
    };
    int widest = 0;
    for (const int length : m_data.lengths) {
        widest = std::max(widest, metrics.horizontalAdvance(formatCount(length)));
    }
    const int width = innerSize(size).width();
    const int height = innerSize(size).height();
    fill(plot()->xAxis, m_data.lengths.size(), strideFor(m_data.lengths.size(), width, widest + 10),
         [this](std::size_t i) { return formatCount(m_data.lengths[i]); });
    fill(plot()->yAxis, m_data.depths.size(), strideFor(m_data.depths.size(), height, metrics.height() + 2),
         [this](std::size_t i) { return QString::number(m_data.depths[i] * 100, 'g', 3) + QStringLiteral(" %"); });
    m_bar->setHeight(height);
}

void ProbeGridView::mouseMoved(const QPoint &position, const QPoint &globalPosition)
{
    const QPoint cell = m_grid->cellAt(position);
    if (cell == m_hovered) {
        return;
    }
    m_hovered = cell;
    if (cell.x() >= 0) {
        QToolTip::showText(globalPosition, describe(cell.x(), cell.y()), plot(),
                           m_grid->cellRect(cell.x(), cell.y()).toAlignedRect());
    } else {
        QToolTip::hideText();
    }
}

void ProbeGridView::mouseLeft() { m_hovered = {-1, -1}; }

void ProbeGridView::mouseClicked(const QPoint &position)
{
    const QPoint cell = m_grid->cellAt(position);
    if (cell.x() >= 0) {
        m_current = cell;
        scheduleReplot();
        Q_EMIT cellClicked(cell.x(), cell.y());
    }
}

bool ProbeGridView::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == plot() && event->type() == QEvent::MouseButtonDblClick) {
        const QPoint cell = m_grid->cellAt(static_cast<QMouseEvent *>(event)->pos());
        if (cell.x() >= 0) {
            Q_EMIT cellActivated(cell.x(), cell.y());
        }
    }
    return PlotChart::eventFilter(watched, event);
}

void ProbeGridView::keyPressEvent(QKeyEvent *event)
{
    QPoint next = m_current;
    switch (event->key()) {
    case Qt::Key_Left:
        next.rx() -= 1;
        break;
    case Qt::Key_Right:
        next.rx() += 1;
        break;
    case Qt::Key_Up:
        next.ry() -= 1;
        break;
    case Qt::Key_Down:
        next.ry() += 1;
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        if (!isEmpty()) {
            Q_EMIT cellClicked(m_current.x(), m_current.y());
            if (event->key() != Qt::Key_Space) {
                Q_EMIT cellActivated(m_current.x(), m_current.y());
            }
        }
        return;
    default:
        PlotChart::keyPressEvent(event);
        return;
    }
    if (QRect(0, 0, m_grid->columns(), m_grid->rows()).contains(next)) {
        m_current = next;
        announce(describe(next.x(), next.y()));
        scheduleReplot();
    }
}

void ProbeGridView::focusInEvent(QFocusEvent *event)
{
    PlotChart::focusInEvent(event);
    scheduleReplot();
}

void ProbeGridView::focusOutEvent(QFocusEvent *event)
{
    PlotChart::focusOutEvent(event);
    scheduleReplot();
}

} // namespace headkv
