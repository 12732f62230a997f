// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/FigureRow.h"

#include "widgets/Csv.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QPicture>
#include <algorithm>

namespace headkv {

FigureRow::FigureRow(QWidget *parent)
    : Chart(parent)
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
}

void FigureRow::add(std::unique_ptr<Chart> chart)
{
    m_charts.push_back(chart.release());
    layout()->addWidget(m_charts.back());
}

bool FigureRow::isEmpty() const { return std::ranges::all_of(m_charts, &Chart::isEmpty); }

QString FigureRow::csv() const
{
    QString text;
    for (const Chart *chart : m_charts) {
        QStringList lines = chart->csv().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
        if (lines.isEmpty())
            continue;
        const QString header = lines.takeFirst();
        if (text.isEmpty())
            text = QStringLiteral("panel,%1\n").arg(header);
        for (const QString &line : lines)
            text += csvField(chart->title()) + QLatin1Char(',') + line + QLatin1Char('\n');
    }
    return text;
}

std::unique_ptr<Chart> FigureRow::clone() const
{
    auto copy = std::make_unique<FigureRow>();
    copyBasicsTo(*copy);
    for (const Chart *chart : m_charts)
        copy->add(chart->clone());
    return copy;
}

QSize FigureRow::figureSize() const
{
    QSize size;
    for (const Chart *chart : m_charts)
        size = {size.width() + chart->figureSize().width(), std::max(size.height(), chart->figureSize().height())};
    return size;
}

void FigureRow::paintFigure(QPaintDevice &device, const QSize &size, double scale, bool vectors)
{
    QPainter painter(&device);
    painter.fillRect(QRectF(QPointF(), QSizeF(size) * scale), chartStyle().background);
    const int count = static_cast<int>(m_charts.size());
    for (int i = 0; i < count; ++i) {
        // Each chart paints with a painter of its own, which a file takes but once: a picture stands between.
        const int left = size.width() * i / count, right = size.width() * (i + 1) / count;
        QPicture picture;
        m_charts[static_cast<std::size_t>(i)]->paint(picture, {right - left, size.height()}, scale, chartStyle(),
                                                     vectors);
        painter.save();
        painter.translate(left * scale, 0);
        // A picture is enlarged to the device's resolution; it has been drawn for it already.
        painter.scale(static_cast<double>(picture.logicalDpiX()) / device.logicalDpiX(),
                      static_cast<double>(picture.logicalDpiY()) / device.logicalDpiY());
        painter.drawPicture(0, 0, picture);
        painter.restore();
    }
}

void FigureRow::restyle()
{
    for (Chart *chart : m_charts)
        chart->setChartStyle(chartStyle());
}

} // namespace headkv
