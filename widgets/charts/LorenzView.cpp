// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/LorenzView.h"

#include <limits>

namespace headkv {

LorenzView::LorenzView(QWidget *parent)
    : LineChart(parent)
{
    setAxes(tr("Share of heads, lowest first"), AxisKind::Percent, tr("Share of the score"), AxisKind::Percent);
    setXRange(0, 1);
    setYRange(0, 1);
    setAccessibleName(tr("Lorenz curve of the scores"));
}

double LorenzView::gini(const std::vector<double> &cumulative)
{
    if (cumulative.size() < 2) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    double area = 0;
    for (std::size_t i = 1; i < cumulative.size(); ++i) {
        area += (cumulative[i - 1] + cumulative[i]) / 2;
    }
    return 1 - 2 * area / static_cast<double>(cumulative.size() - 1);
}

void LorenzView::setCurves(const std::vector<LorenzCurve> &curves)
{
    std::vector<LineSeries> series;
    for (const LorenzCurve &curve : curves) {
        LineSeries line;
        line.name = tr("%1 (Gini %2)").arg(curve.name).arg(gini(curve.cumulative), 0, 'f', 2);
        line.y = curve.cumulative;
        for (std::size_t i = 0; i < curve.cumulative.size(); ++i) {
            line.x.push_back(static_cast<double>(i) /
                             std::max<double>(1, static_cast<double>(curve.cumulative.size()) - 1));
        }
        series.push_back(std::move(line));
    }
    if (!series.empty()) {
        LineSeries diagonal;
        diagonal.name = tr("All heads equal");
        diagonal.x = {0, 1};
        diagonal.y = {0, 1};
        diagonal.muted = true;
        series.push_back(std::move(diagonal));
    }
    setSeries(std::move(series));
}

std::unique_ptr<Chart> LorenzView::clone() const
{
    auto copy = std::make_unique<LorenzView>();
    copyLinesTo(*copy);
    return copy;
}

} // namespace headkv
