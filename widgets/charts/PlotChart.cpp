// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/PlotChart.h"

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
    m_plot->setAntialiasedElements(QCP::aeAll);
}

PlotChart::~PlotChart() = default;

QSize PlotChart::sizeHint() const { return {480, 320}; }
QSize PlotChart::minimumSizeHint() const { return {200, 140}; }

void PlotChart::resetView() {}
void PlotChart::mouseMoved(const QPoint & /*position*/, const QPoint & /*globalPosition*/) {}
void PlotChart::mouseLeft() {}
void PlotChart::mouseClicked(const QPoint & /*position*/) {}
void PlotChart::layoutForSize(const QSize & /*size*/) {}

void PlotChart::scheduleReplot() { m_plot->replot(QCustomPlot::rpQueuedReplot); }

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
    if (QCPLegend *legend = m_plot->legend) {
        legend->setFont(style.font());
        legend->setTextColor(style.text);
        legend->setBorderPen(QPen(style.grid));
        QColor background = style.plotArea;
        background.setAlpha(225);
        legend->setBrush(background);
        legend->setIconSize(24, 10);
    }
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
        m_titleElement = new QCPTextElement(m_plot);
        m_titleElement->setTextFlags(Qt::AlignLeft | Qt::AlignVCenter);
        m_titleElement->setMargins(QMargins(8, 8, 8, 0));
        grid->addElement(0, 0, m_titleElement);
    }
    m_titleElement->setText(title());
}

void PlotChart::resizeEvent(QResizeEvent *event)
{
    Chart::resizeEvent(event);
    layoutForSize(m_plot->size());
}

bool PlotChart::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != m_plot) {
        return Chart::eventFilter(watched, event);
    }
    switch (event->type()) {
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
