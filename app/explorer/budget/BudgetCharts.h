// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/budget/BudgetPlan.h"

#include <QWidget>

class QLabel;
class QSettings;
class QStackedWidget;

namespace headkv {

class BetaCurveView;
class Chart;
class LineChart;

/// Beside the heatmaps: totals by layer and heads by tokens kept, of all methods at once, and what β does.
class BudgetCharts : public QWidget
{
    Q_OBJECT

public:
    explicit BudgetCharts(QSettings &settings, QWidget *parent = nullptr);

    void show(const std::vector<MethodBudget> &plans, const BudgetSettings &settings, const BudgetBasis &basis);
    [[nodiscard]] LineChart *layers() const { return m_layers; }
    [[nodiscard]] LineChart *histogram() const { return m_histogram; }
    [[nodiscard]] BetaCurveView *betaCurve() const { return m_curve; }
    /// Those that show something.
    [[nodiscard]] QList<Chart *> charts() const;

private:
    void showCurve(const std::vector<MethodBudget> &plans, const BudgetSettings &settings, const BudgetBasis &basis);

    LineChart *m_layers;
    LineChart *m_histogram;
    QStackedWidget *m_curveStack;
    BetaCurveView *m_curve;
    QLabel *m_noCurve;
    BudgetSettings m_curveSettings; ///< that the curve is of
    BudgetBasis m_curveBasis;
};

} // namespace headkv
