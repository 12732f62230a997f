// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/MemoryChart.h"

namespace headkv {

MemoryChart::MemoryChart(QWidget *parent)
    : LineChart(parent)
{
    setAxes(tr("Context length (tokens; k = 1,024)"), AxisKind::Tokens, tr("KV cache"), AxisKind::Bytes);
    setAccessibleName(tr("KV cache memory against context length"));
}

void MemoryChart::setCurves(const std::vector<MemoryCurve> &curves)
{
    std::vector<LineSeries> series;
    for (const MemoryCurve &curve : curves) {
        LineSeries line;
        line.name = curve.name;
        line.method = curve.method;
        line.x = curve.tokens;
        line.y = curve.bytes;
        series.push_back(std::move(line));
    }
    setSeries(std::move(series));
}

std::unique_ptr<Chart> MemoryChart::clone() const
{
    auto copy = std::make_unique<MemoryChart>();
    copyLinesTo(*copy);
    return copy;
}

} // namespace headkv
