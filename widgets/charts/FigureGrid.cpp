// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/FigureGrid.h"

#include "widgets/Csv.h"

#include <QGridLayout>
#include <QPainter>
#include <QPicture>
#include <algorithm>

namespace headkv {

FigureGrid::FigureGrid(int columns, QWidget *parent)
    : Chart(parent)
    , m_columns(std::max(1, columns))
{
    auto *layout = new QGridLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
}

void FigureGrid::add(std::unique_ptr<Chart> chart)
{
    if (m_column == m_columns)
        endRow();
    m_places.push_back({chart.release(), m_row, m_column++});
    static_cast<QGridLayout *>(layout())->addWidget(m_places.back().chart, m_places.back().row, m_places.back().column);
}

void FigureGrid::endRow()
{
    m_row += m_column > 0;
    m_column = 0;
}

QSize FigureGrid::cells() const
{
    QSize size;
    for (const Place &place : m_places)
        size = size.expandedTo({place.column + 1, place.row + 1});
    return size;
}

bool FigureGrid::isEmpty() const
{
    return std::ranges::all_of(m_places, [](const Place &place) { return place.chart->isEmpty(); });
}

QString FigureGrid::csv() const
{
    QString text;
    for (const Place &place : m_places) {
        QStringList lines = place.chart->csv().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
        if (lines.isEmpty())
            continue;
        const QString header = lines.takeFirst();
        if (text.isEmpty())
            text = QStringLiteral("panel,%1\n").arg(header);
        for (const QString &line : lines)
            text += csvField(place.chart->title()) + QLatin1Char(',') + line + QLatin1Char('\n');
    }
    return text;
}

std::unique_ptr<Chart> FigureGrid::clone() const
{
    auto copy = std::make_unique<FigureGrid>(m_columns);
    copyBasicsTo(*copy);
    for (const Place &place : m_places) {
        if (place.row > copy->m_row)
            copy->endRow();
        copy->add(place.chart->clone());
    }
    return copy;
}

QSize FigureGrid::figureSize() const
{
    QSize cell;
    for (const Place &place : m_places)
        cell = cell.expandedTo(place.chart->figureSize());
    return {cell.width() * cells().width(), cell.height() * cells().height()};
}

void FigureGrid::paintFigure(QPaintDevice &device, const QSize &size, double scale, bool vectors)
{
    QPainter painter(&device);
    painter.fillRect(QRectF(QPointF(), QSizeF(size) * scale), chartStyle().background);
    const QSize grid = cells();
    const auto corner = [&](int column, int row) {
        return QPoint(size.width() * column / grid.width(), size.height() * row / grid.height());
    };
    for (const Place &place : m_places) {
        const QPoint from = corner(place.column, place.row), to = corner(place.column + 1, place.row + 1);
        // Each chart paints with a painter of its own, which a file takes but once: a picture stands between.
        QPicture picture;
        place.chart->paint(picture, {to.x() - from.x(), to.y() - from.y()}, scale, chartStyle(), vectors);
        painter.save();
        painter.translate(from.x() * scale, from.y() * scale);
        // A picture is enlarged to the device's resolution; it has been drawn for it already.
        painter.scale(static_cast<double>(picture.logicalDpiX()) / device.logicalDpiX(),
                      static_cast<double>(picture.logicalDpiY()) / device.logicalDpiY());
        painter.drawPicture(0, 0, picture);
        painter.restore();
    }
}

void FigureGrid::restyle()
{
    for (const Place &place : m_places)
        place.chart->setChartStyle(chartStyle());
}

} // namespace headkv
