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
    , m_grid(new QGridLayout)
    , m_columns(std::max(1, columns))
{
    setFocusPolicy(Qt::NoFocus); // its charts take it
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(m_grid, 1);
}

void FigureGrid::setSide(std::unique_ptr<Chart> chart)
{
    delete m_side;
    m_side = chart.release();
    layout()->addWidget(m_side);
}

void FigureGrid::add(std::unique_ptr<Chart> chart)
{
    if (m_column == m_columns)
        endRow();
    m_places.push_back({chart.release(), m_row, m_column++});
    m_grid->addWidget(m_places.back().chart, m_places.back().row, m_places.back().column);
}

void FigureGrid::skip()
{
    if (m_column == m_columns)
        endRow();
    ++m_column;
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
        while (copy->m_column < place.column)
            copy->skip();
        copy->add(place.chart->clone());
    }
    if (m_side)
        copy->setSide(m_side->clone());
    return copy;
}

QSize FigureGrid::figureSize() const
{
    constexpr int plentiful = 4, widest = 1800, least = 300; // pixels
    QSize cell;
    for (const Place &place : m_places)
        cell = cell.expandedTo(place.chart->figureSize());
    if (cells().width() >= plentiful)
        cell = cell.scaled(std::max(least, widest / cells().width()), cell.height(), Qt::KeepAspectRatio);
    const int side = m_side ? m_side->figureSize().width() : 0;
    return {cell.width() * cells().width() + side, cell.height() * cells().height()};
}

QSize FigureGrid::leastFigureSize() const
{
    constexpr int least = 200; // pixels, of a chart among others
    QSize cell(least, 0);
    for (const Place &place : m_places)
        cell = cell.expandedTo({least, place.chart->leastFigureSize().height()});
    const int side = m_side ? m_side->figureSize().width() : 0;
    return {cell.width() * cells().width() + side, cell.height() * cells().height()};
}

void FigureGrid::paintFigure(QPaintDevice &device, const QSize &size, double scale, bool vectors)
{
    QPainter painter(&device);
    painter.fillRect(QRectF(QPointF(), QSizeF(size) * scale), chartStyle().background);
    const int side = m_side ? m_side->figureSize().width() : 0, width = size.width() - side;
    const QSize grid = cells();
    const auto corner = [&](int column, int row) {
        return QPoint(width * column / grid.width(), size.height() * row / grid.height());
    };
    for (const Place &place : m_places) {
        const QPoint from = corner(place.column, place.row), to = corner(place.column + 1, place.row + 1);
        paintPart(painter, *place.chart, {from, QSize(to.x() - from.x(), to.y() - from.y())}, scale, vectors);
    }
    if (m_side)
        paintPart(painter, *m_side, {width, 0, side, size.height()}, scale, vectors);
}

void FigureGrid::paintPart(QPainter &painter, const Chart &chart, const QRect &place, double scale, bool vectors) const
{
    // Each chart paints with a painter of its own, which a file takes but once: a picture stands between.
    QPicture picture;
    chart.paint(picture, place.size(), scale, chartStyle(), vectors);
    painter.save();
    painter.translate(place.x() * scale, place.y() * scale);
    // A picture is enlarged to the device's resolution; it has been drawn for it already.
    painter.scale(static_cast<double>(picture.logicalDpiX()) / painter.device()->logicalDpiX(),
                  static_cast<double>(picture.logicalDpiY()) / painter.device()->logicalDpiY());
    painter.drawPicture(0, 0, picture);
    painter.restore();
}

void FigureGrid::restyle()
{
    for (const Place &place : m_places)
        place.chart->setChartStyle(chartStyle());
    if (m_side)
        m_side->setChartStyle(chartStyle());
}

} // namespace headkv
