// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/LineChart.h"

namespace headkv {

/// The Lorenz curve of a score set.
struct LorenzCurve
{
    QString name;
    std::vector<double> cumulative; ///< [heads+1]: share of the score that the k lowest heads hold, from 0 to 1
};

/// Cumulative share of the score against the share of heads, lowest first, with the diagonal of equality; the legend
/// names the Gini coefficient of each.
class LorenzView : public LineChart
{
    Q_OBJECT
public:
    explicit LorenzView(QWidget *parent = nullptr);

    void setCurves(const std::vector<LorenzCurve> &curves);
    /// 1 − 2 × the area under the curve (trapezoids): 0 all equal, towards 1 all in one head. NaN with fewer than two
    /// points.
    [[nodiscard]] static double gini(const std::vector<double> &cumulative);

    [[nodiscard]] std::unique_ptr<Chart> clone() const override;
};

} // namespace headkv
