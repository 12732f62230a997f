// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/HeadSketch.h"

#include "core/base/Error.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

namespace headkv {

namespace {

constexpr double maxPitch = 26;
constexpr double minPitch = 4; ///< smaller cells melt into one bar a group

/// 1, 2, 5, 10, …: every how many layers a label fits.
int labelStep(double pitch, double labelWidth)
{
    int step = 1;
    for (int i = 0; step * pitch < labelWidth + 6 && i < 12; ++i) {
        step = i % 3 == 1 ? step * 5 / 2 : step * 2;
    }
    return step;
}

} // namespace

HeadSketch::HeadSketch(QWidget *parent)
    : Chart(parent)
{
    setMouseTracking(true);
    setAccessibleName(tr("Sketch of the attention heads"));
}

void HeadSketch::setModel(int layers, int queryHeads, int kvHeads)
{
    const bool sound = layers >= 0 && queryHeads >= 0 && (layers == 0 || (kvHeads > 0 && queryHeads % kvHeads == 0));
    if (!sound) {
        throw Error(ErrorKind::Input, "head sketch: " + std::to_string(queryHeads) + " query heads cannot share " +
                                          std::to_string(kvHeads) +
                                          " KV heads evenly: check the model's configuration");
    }
    m_layers = layers;
    m_queryHeads = queryHeads;
    m_kvHeads = kvHeads;
    setAccessibleDescription(
        tr("%1 layers of %2 query heads over %3 KV heads").arg(layers).arg(queryHeads).arg(kvHeads));
    updateGeometry();
    update();
}

QString HeadSketch::csv() const
{
    QString text = QStringLiteral("layer,query_head,kv_head\n");
    for (int layer = 0; layer < m_layers; ++layer) {
        for (int head = 0; head < m_queryHeads; ++head) {
            text += QStringLiteral("%1,%2,%3\n").arg(layer).arg(head).arg(head / groupSize());
        }
    }
    return text;
}

std::unique_ptr<Chart> HeadSketch::clone() const
{
    auto copy = std::make_unique<HeadSketch>();
    copyBasicsTo(*copy);
    copy->setModel(m_layers, m_queryHeads, m_kvHeads);
    return copy;
}

QSize HeadSketch::figureSize() const
{
    // As large as the cells become in a page's width, without the empty rest.
    const Layout layout = layoutFor(QSizeF(800, 560));
    const QSizeF labels(8, 3 * QFontMetricsF(chartStyle().font()).height());
    return QSizeF(std::max(layout.grid.right(), 440.0) + labels.width(), layout.grid.bottom() + labels.height())
        .toSize();
}

QSize HeadSketch::sizeHint() const { return {560, 300}; }
QSize HeadSketch::minimumSizeHint() const { return {220, 140}; }

QRectF HeadSketch::Layout::cell(int layer, int head, int groupSize) const
{
    const int group = head / groupSize;
    return {grid.left() + layer * pitch, grid.top() + head * rowPitch + group * groupGap, pitch, rowPitch};
}

HeadSketch::Layout HeadSketch::layoutFor(const QSizeF &size) const
{
    const QFontMetricsF metrics(chartStyle().font());
    const double left = metrics.horizontalAdvance(QStringLiteral("KV 00")) + 16;
    const double top = title().isEmpty() ? 8 : metrics.height() + 16;
    const double bottom = 2 * metrics.height() + 18;
    const QRectF room(left, top, size.width() - left - 8, size.height() - top - bottom);
    Layout layout;
    const int gaps = std::max(0, m_kvHeads - 1);
    const double gapShare = groupSize() > 1 ? 0.35 : 0.0; // of a row
    layout.pitch = std::min(maxPitch, room.width() / std::max(1, m_layers));
    layout.rowPitch = std::min(maxPitch, room.height() / std::max(1.0, m_queryHeads + gaps * gapShare));
    // Cells may be up to twice as wide as high, or the other way round, where that fills the room.
    layout.pitch = std::min(layout.pitch, layout.rowPitch * 2);
    layout.rowPitch = std::min(layout.rowPitch, layout.pitch * 2);
    // Whole pixels: equal cells with equal gaps.
    const auto whole = [](double pitch) { return pitch >= minPitch ? std::floor(pitch) : pitch; };
    layout.pitch = whole(layout.pitch);
    layout.rowPitch = whole(layout.rowPitch);
    layout.groupGap = std::round(layout.rowPitch * gapShare + 0.5);
    layout.inset = std::clamp(std::min(layout.pitch, layout.rowPitch) * 0.14, 0.25, 2.5);
    layout.grid = QRectF(left, top, layout.pitch * m_layers, layout.rowPitch * m_queryHeads + layout.groupGap * gaps);
    return layout;
}

void HeadSketch::paintFigure(QPaintDevice &device, const QSize &size, double scale, bool /*vectors*/)
{
    QPainter painter(&device);
    painter.scale(scale, scale);
    painter.fillRect(QRectF(QPointF(), size), chartStyle().background);
    draw(painter, size);
}

void HeadSketch::restyle() { update(); }
void HeadSketch::titleChanged() { update(); }

void HeadSketch::paintEvent(QPaintEvent * /*event*/)
{
    QPainter painter(this);
    painter.fillRect(rect(), chartStyle().background);
    draw(painter, size());
}

void HeadSketch::draw(QPainter &painter, const QSizeF &size) const
{
    painter.setRenderHint(QPainter::Antialiasing);
    if (isEmpty()) {
        return;
    }
    const Layout layout = layoutFor(size);
    drawHeads(painter, layout);
    drawLabels(painter, layout, size);
}

void HeadSketch::drawHeads(QPainter &painter, const Layout &layout) const
{
    const ChartStyle &style = chartStyle();
    const QColor head = style.primary;
    const double radius = std::min(layout.pitch, layout.rowPitch) * 0.18;
    const bool single = std::min(layout.pitch, layout.rowPitch) >= minPitch;
    QColor box = head;
    box.setAlpha(style.dark ? 70 : 50);
    painter.setPen(Qt::NoPen);
    for (int layer = 0; layer < m_layers; ++layer) {
        for (int group = 0; group < m_kvHeads; ++group) {
            const QRectF first = layout.cell(layer, group * groupSize(), groupSize());
            const QRectF last = layout.cell(layer, (group + 1) * groupSize() - 1, groupSize());
            const QRectF all = (first | last).adjusted(layout.inset * 0.4, 0, -layout.inset * 0.4, 0);
            painter.setBrush(single ? box : head);
            painter.drawRoundedRect(all, radius, radius);
            painter.setBrush(head);
            for (int i = 0; single && i < groupSize(); ++i) {
                const QRectF cell = layout.cell(layer, group * groupSize() + i, groupSize());
                painter.drawRoundedRect(cell.adjusted(layout.inset, layout.inset, -layout.inset, -layout.inset), radius,
                                        radius);
            }
        }
    }
}

void HeadSketch::drawLabels(QPainter &painter, const Layout &layout, const QSizeF &size) const
{
    const ChartStyle &style = chartStyle();
    painter.setFont(style.font());
    const QFontMetricsF metrics(style.font());
    painter.setPen(style.text);
    const double below = layout.grid.bottom() + 4;
    const int step = labelStep(layout.pitch, metrics.horizontalAdvance(QString::number(m_layers)));
    for (int layer = 0; layer < m_layers; layer += step) {
        const double center = layout.cell(layer, 0, groupSize()).center().x();
        painter.drawText(QRectF(center - 30, below, 60, metrics.height()), Qt::AlignCenter, QString::number(layer));
    }
    // A label a KV group, thinned out where groups are lower than a line of text.
    const double groupHeight = layout.rowPitch * groupSize() + layout.groupGap;
    const int groupStep = labelStep(groupHeight, metrics.height() - 6);
    for (int group = 0; group < m_kvHeads; group += groupStep) {
        const QRectF first = layout.cell(0, group * groupSize(), groupSize());
        const double middle = first.top() + layout.rowPitch * groupSize() / 2;
        painter.drawText(QRectF(0, middle - metrics.height(), layout.grid.left() - 8, 2 * metrics.height()),
                         Qt::AlignRight | Qt::AlignVCenter, tr("KV %1").arg(group));
    }
    painter.setPen(style.mutedText);
    QString legend = tr("a cell is a query head with a KV head of its own");
    if (groupSize() > 1) {
        legend = std::min(layout.pitch, layout.rowPitch) >= minPitch
                     ? tr("a cell is a query head; the %1 in a box share a KV head").arg(groupSize())
                     : tr("a bar is the %1 query heads that share a KV head").arg(groupSize());
    }
    legend.prepend(tr("Layer   ·   "));
    const QRectF line(8, below + metrics.height() + 4, size.width() - 16, metrics.height());
    const bool fits = metrics.horizontalAdvance(legend) <= line.width() - layout.grid.left();
    painter.drawText(fits ? line.adjusted(layout.grid.left() - 8, 0, 0, 0) : line, Qt::AlignLeft | Qt::AlignVCenter,
                     metrics.elidedText(legend, Qt::ElideRight, line.width()));
    if (!title().isEmpty()) {
        painter.setFont(style.titleFont());
        painter.setPen(style.text);
        painter.drawText(QRectF(8, 8, size.width() - 16, metrics.height() + 4), Qt::AlignLeft | Qt::AlignVCenter,
                         title());
    }
}

HeadCell HeadSketch::headAt(const QPointF &position) const
{
    if (isEmpty()) {
        return {};
    }
    const Layout layout = layoutFor(size());
    const int layer = static_cast<int>(std::floor((position.x() - layout.grid.left()) / layout.pitch));
    if (layer < 0 || layer >= m_layers) {
        return {};
    }
    for (int head = 0; head < m_queryHeads; ++head) {
        if (layout.cell(layer, head, groupSize()).contains(position)) {
            return {layer, head};
        }
    }
    return {};
}

bool HeadSketch::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const HeadCell cell = headAt(help->pos());
        if (cell.isValid()) {
            QToolTip::showText(
                help->globalPos(),
                tr("Layer %1, query head %2, KV head %3").arg(cell.layer).arg(cell.head).arg(cell.head / groupSize()),
                this);
        } else {
            QToolTip::hideText();
        }
        return true;
    }
    return Chart::event(event);
}

void HeadSketch::mouseMoveEvent(QMouseEvent *event)
{
    const HeadCell cell = headAt(event->position());
    if (cell.isValid()) {
        Q_EMIT hovered(cell.layer, cell.head);
    }
}

} // namespace headkv
