// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/PlotChart.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QVBoxLayout>
#include <qcustomplot.h>

namespace headkv {

PlotChart::PlotChart(QWidget *parent)
    : Chart(parent)
    , m_plot(new QCustomPlot(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_plot);
    // The chart itself has the focus and the keys; the plot only draws and hears the mouse.
    m_plot->setFocusPolicy(Qt::NoFocus);
    m_plot->setMouseTracking(true);
    m_plot->installEventFilter(this);
    m_plot->setContextMenuPolicy(Qt::NoContextMenu);
    m_plot->setPlottingHint(QCP::phCacheLabels, true);
    // Charts that change together are painted together.
    m_plot->setPlottingHint(QCP::phImmediateRefresh, false);
    // Nothing is drawn on it, and a layer of its own is one more picture to clear and to paint.
    m_plot->layer(QStringLiteral("overlay"))->setMode(QCPLayer::lmLogical);
    m_plot->setAntialiasedElements(QCP::aeAll);
    m_plot->plotLayout()->setRowSpacing(0);
    m_plot->plotLayout()->setColumnSpacing(0);
    // Room for half a label at the right end of the axis: QCustomPlot leaves out labels that would be cut.
    m_plot->axisRect()->setMinimumMargins(QMargins(8, 12, 24, 8));
    // The plot deletes only what is in its layout, and the legend is there only while it is shown.
    m_legend = m_plot->legend;
    m_legend->setVisible(false);
    m_plot->setAutoAddPlottableToLegend(true);
    m_live.setSingleShot(true);
    connect(&m_live, &QTimer::timeout, this, &PlotChart::replotInTurn);
}

PlotChart::~PlotChart() = default;

QSize PlotChart::sizeHint() const { return {480, 320}; }
QSize PlotChart::minimumSizeHint() const { return {200, 140}; }

void PlotChart::resetView() {}
void PlotChart::mouseMoved(const QPoint & /*position*/, const QPoint & /*globalPosition*/) {}
void PlotChart::mouseLeft() {}
void PlotChart::mouseClicked(const QPoint & /*position*/) {}
void PlotChart::layoutForSize(const QSize &size) { wrapLegend(size.width()); }

void PlotChart::scheduleReplot() { m_plot->replot(QCustomPlot::rpQueuedReplot); }

void PlotChart::scheduleLiveReplot()
{
    if (!isVisible()) {
        m_stale = true;
    } else if (!m_live.isActive()) {
        const qint64 since = m_sinceLive.isValid() ? m_sinceLive.elapsed() : livePause;
        m_live.start(static_cast<int>(std::max<qint64>(0, livePause - since)));
    }
}

/// Charts that grow together are drawn one after another, so that the window answers in between.
void PlotChart::replotInTurn()
{
    static QElapsedTimer sinceAnother;
    if (sinceAnother.isValid() && sinceAnother.elapsed() < liveGap) {
        m_live.start(liveGap);
        return;
    }
    sinceAnother.start();
    m_sinceLive.start();
    scheduleReplot();
}

void PlotChart::showEvent(QShowEvent *event)
{
    Chart::showEvent(event);
    if (m_stale) {
        m_stale = false;
        scheduleReplot();
    }
}

void PlotChart::paintFigure(QPaintDevice &device, const QSize &size, double scale, bool vectors)
{
    m_plot->resize(size);
    layoutForSize(size);
    m_plot->replot(QCustomPlot::rpImmediateRefresh); // lays out once, so that ticks know the room they have
    layoutForSize(size);
    QCPPainter painter(&device);
    painter.setMode(QCPPainter::pmNoCaching);
    painter.setMode(QCPPainter::pmVectorized, vectors);
    painter.setRenderHint(QPainter::TextAntialiasing);
    painter.scale(scale, scale);
    m_plot->toPainter(&painter, size.width(), size.height());
}

void PlotChart::styleAxis(QCPAxis *axis, bool grid) const
{
    const ChartStyle &style = chartStyle();
    const QPen line(style.axis, 1);
    axis->setBasePen(line);
    axis->setTickPen(line);
    axis->setSubTickPen(line);
    axis->setTickLength(0, 4);
    axis->setSubTickLength(0, 2);
    axis->setTickLabelColor(style.text);
    axis->setTickLabelFont(style.font());
    axis->setTickLabelPadding(4);
    axis->setLabelColor(style.mutedText);
    axis->setLabelFont(style.labelFont());
    axis->setLabelPadding(6);
    axis->grid()->setVisible(grid);
    axis->grid()->setPen(QPen(style.grid, 1));
    axis->grid()->setZeroLinePen(QPen(style.grid, 1));
    axis->grid()->setSubGridVisible(false);
    axis->setSubTicks(false);
}

void PlotChart::restyle()
{
    const ChartStyle &style = chartStyle();
    m_plot->setBackground(QBrush(style.background));
    for (QCPAxisRect *rect : m_plot->axisRects()) {
        rect->setBackground(QBrush(style.plotArea));
    }
    if (m_titleElement) {
        m_titleElement->setFont(style.titleFont());
        m_titleElement->setTextColor(style.text);
    }
    m_legend->setFont(style.font());
    m_legend->setTextColor(style.text);
    m_legend->setBorderPen(Qt::NoPen);
    m_legend->setBrush(Qt::NoBrush);
    m_legend->setMargins(QMargins());
    m_legend->setColumnSpacing(16);
    m_legend->setRowSpacing(2);
    // As high as the font's lines: the text is clipped to its item.
    m_legend->setIconSize(28, QFontMetrics(style.font()).height() + 2);
    scheduleReplot();
}

void PlotChart::titleChanged()
{
    placeTitle();
    restyle();
}

void PlotChart::placeTitle()
{
    QCPLayoutGrid *grid = m_plot->plotLayout();
    if (title().isEmpty()) {
        if (m_titleElement) {
            grid->remove(m_titleElement);
            m_titleElement = nullptr;
            grid->simplify();
        }
        return;
    }
    if (!m_titleElement) {
        grid->insertRow(0);
        grid->setRowStretchFactor(0, 0.001);
        m_titleElement = new QCPTextElement(m_plot);
        m_titleElement->setTextFlags(Qt::AlignLeft | Qt::AlignVCenter);
        m_titleElement->setMargins(QMargins(8, 8, 8, 0));
        grid->addElement(0, 0, m_titleElement);
    }
    m_titleElement->setText(title());
}

QSize PlotChart::innerSize(const QSize &size) const
{
    // Margins hardly change with the size: take them from the layout as it is.
    const QSize margins = m_plot->viewport().size() - m_plot->axisRect()->size();
    const bool known = m_plot->axisRect()->width() > 1 && margins.width() > 0;
    const QSize inner = size - (known ? margins : QSize(110, 70));
    return inner.expandedTo(QSize(20, 20));
}

void PlotChart::showLegend(bool visible)
{
    m_legend->setVisible(visible);
    m_legendColumns = 0;
    QCPLayoutGrid *grid = m_plot->plotLayout();
    if (visible && !m_legendRow) {
        const int row = m_titleElement ? 1 : 0;
        grid->insertRow(row);
        m_legendRow = new QCPLayoutGrid;
        grid->addElement(row, 0, m_legendRow); // first: elements take their plot from the layout that they are put in
        grid->setRowStretchFactor(row, 0.001);
        m_legendRow->setMargins(QMargins(8, 8, 8, 0));
        m_legend->layout()->take(m_legend);
        m_legendRow->addElement(0, 0, m_legend);
        m_legendRow->addElement(0, 1, new QCPLayoutElement(m_plot)); // takes the rest of the width
        m_legendRow->setColumnStretchFactor(0, 0.001);
    } else if (!visible && m_legendRow) {
        m_legendRow->take(m_legend);
        m_plot->axisRect()->insetLayout()->addElement(m_legend, Qt::AlignTop);
        grid->remove(m_legendRow);
        m_legendRow = nullptr;
        grid->simplify();
    }
    wrapLegend(m_plot->width());
}

void PlotChart::wrapLegend(int width)
{
    if (!m_legendRow || m_legend->itemCount() == 0) {
        return;
    }
    const QFontMetrics metrics(chartStyle().font());
    int widest = 0;
    for (int i = 0; i < m_legend->itemCount(); ++i) {
        if (auto *item = qobject_cast<QCPPlottableLegendItem *>(m_legend->item(i))) {
            widest = std::max(widest, metrics.horizontalAdvance(item->plottable()->name()));
        }
    }
    const int each = widest + m_legend->iconSize().width() + m_legend->iconTextPadding() + m_legend->columnSpacing();
    const int columns = std::clamp((width - 24) / std::max(1, each), 1, m_legend->itemCount());
    if (columns != m_legendColumns) {
        m_legendColumns = columns;
        m_legend->setWrap(columns);
        m_legend->setFillOrder(QCPLayoutGrid::foColumnsFirst, true);
    }
}

void PlotChart::zoom(double factor)
{
    for (QCPAxis *axis : {m_plot->xAxis, m_plot->yAxis}) {
        axis->scaleRange(factor);
    }
    scheduleReplot();
}

void PlotChart::keyPressEvent(QKeyEvent *event)
{
    constexpr double step = 0.8;
    if (m_plot->interactions().testFlag(QCP::iRangeZoom)) {
        switch (event->key()) {
        case Qt::Key_Plus:
        case Qt::Key_Equal:
            zoom(step);
            return;
        case Qt::Key_Minus:
            zoom(1 / step);
            return;
        case Qt::Key_0:
            resetView();
            return;
        default:
            break;
        }
    }
    Chart::keyPressEvent(event);
}

bool PlotChart::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != m_plot) {
        return Chart::eventFilter(watched, event);
    }
    switch (event->type()) {
    case QEvent::Resize: // before the plot draws itself at the new size
        layoutForSize(static_cast<QResizeEvent *>(event)->size());
        break;
    case QEvent::MouseMove: {
        const auto *mouse = static_cast<QMouseEvent *>(event);
        mouseMoved(mouse->position().toPoint(), mouse->globalPosition().toPoint());
        break;
    }
    case QEvent::Leave:
        mouseLeft();
        break;
    case QEvent::MouseButtonPress: {
        const auto *mouse = static_cast<QMouseEvent *>(event);
        m_pressed = mouse->position().toPoint();
        m_pressedHere = mouse->button() == Qt::LeftButton;
        setFocus(Qt::MouseFocusReason);
        break;
    }
    case QEvent::MouseButtonRelease: {
        const auto *mouse = static_cast<QMouseEvent *>(event);
        const QPoint here = mouse->position().toPoint();
        if (m_pressedHere && mouse->button() == Qt::LeftButton && (here - m_pressed).manhattanLength() <= 4) {
            mouseClicked(here);
        }
        m_pressedHere = false;
        break;
    }
    case QEvent::MouseButtonDblClick:
        m_pressedHere = false;
        resetView();
        break;
    default:
        break;
    }
    return false;
}

} // namespace headkv
