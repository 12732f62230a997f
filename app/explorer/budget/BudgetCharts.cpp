// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/budget/BudgetCharts.h"

#include "app/explorer/common/ChartActions.h"
#include "app/explorer/common/FormHelpers.h"
#include "core/base/Error.h"
#include "core/compression/BetaCurve.h"
#include "widgets/charts/BetaCurveView.h"
#include "widgets/charts/LineChart.h"
#include "widgets/theme/Theme.h"

#include <QLabel>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>

namespace headkv {

namespace {

LineSeries seriesOf(const MethodBudget &plan)
{
    LineSeries line;
    line.name = plan.name();
    line.method = textOf(plan.method->id);
    return line;
}

LineSeries layerTotals(const MethodBudget &plan)
{
    LineSeries line = seriesOf(plan);
    for (int layer = 0; layer < plan.budgets.layers; ++layer) {
        double sum = 0;
        for (int list = 0; list < plan.budgets.lists; ++list)
            sum += plan.kept[static_cast<std::size_t>(layer) * plan.budgets.lists + list];
        line.x.push_back(layer);
        line.y.push_back(sum);
    }
    return line;
}

/// Bounds of bins that grow in proportion, whole numbers, the last above the greatest value.
std::vector<double> binEdges(double least, double greatest)
{
    constexpr int bins = 24;
    const double low = std::max(1.0, std::floor(least * 0.9));
    const double high = std::max(greatest * 1.1, greatest + 2);
    std::vector<double> edges;
    for (int i = 0; i <= bins; ++i) {
        const double edge = std::round(low * std::pow(high / low, double(i) / bins));
        if (edges.empty() || edge > edges.back())
            edges.push_back(edge);
    }
    return edges;
}

LineSeries histogramOf(const MethodBudget &plan, const std::vector<double> &edges)
{
    LineSeries line = seriesOf(plan);
    line.steps = true;
    line.x = edges;
    line.y.assign(edges.size(), 0);
    for (const double kept : plan.kept) {
        const auto above = std::ranges::upper_bound(edges, kept);
        ++line.y[static_cast<std::size_t>(above - edges.begin()) - 1];
    }
    return line;
}

} // namespace

BudgetCharts::BudgetCharts(QSettings &settings, QWidget *parent)
    : QWidget(parent)
    , m_layers(named(new LineChart, tr("Tokens kept by layer")))
    , m_histogram(named(new LineChart, tr("Heads by tokens kept")))
    , m_curveStack(new QStackedWidget)
    , m_curve(named(new BetaCurveView, tr("Concentration of the budget over β")))
    , m_noCurve(new QLabel)
{
    m_layers->setTitle(tr("Tokens kept by layer"));
    m_layers->setAxes(tr("Layer"), AxisKind::Integer, tr("Tokens"), AxisKind::Tokens);
    m_histogram->setTitle(tr("Heads by tokens kept"));
    m_histogram->setAxes(tr("Tokens kept"), AxisKind::LogNumber, tr("Heads"), AxisKind::Integer);
    m_curve->setTitle(tr("What β does to HeadKV's budgets"));
    m_noCurve->setWordWrap(true);
    m_noCurve->setAlignment(Qt::AlignCenter);
    m_noCurve->setForegroundRole(QPalette::PlaceholderText);
    m_curveStack->addWidget(m_curve);
    m_curveStack->addWidget(m_noCurve);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing);
    for (QWidget *part : std::initializer_list<QWidget *>{m_layers, m_histogram, m_curveStack})
        layout->addWidget(part, 1);
    for (Chart *chart : std::initializer_list<Chart *>{m_layers, m_histogram, m_curve})
        enableChartMenu(chart, settings, this);
}

QList<Chart *> BudgetCharts::charts() const
{
    QList<Chart *> shown;
    for (Chart *chart : std::initializer_list<Chart *>{m_layers, m_histogram, m_curve}) {
        if (!chart->isEmpty())
            shown.append(chart);
    }
    return shown;
}

void BudgetCharts::show(const std::vector<MethodBudget> &plans, const BudgetSettings &settings,
                        const BudgetBasis &basis)
{
    std::vector<const MethodBudget *> known;
    double least = std::numeric_limits<double>::infinity();
    double greatest = 0;
    for (const MethodBudget &plan : plans) {
        if (plan.isMean || plan.kept.empty())
            continue;
        known.push_back(&plan);
        const auto [low, high] = std::ranges::minmax(plan.kept);
        least = std::min(least, low);
        greatest = std::max(greatest, high);
    }
    const std::vector<double> edges = known.empty() ? std::vector<double>() : binEdges(least, greatest);
    std::vector<LineSeries> totals;
    std::vector<LineSeries> counts;
    for (const MethodBudget *plan : known) {
        totals.push_back(layerTotals(*plan));
        counts.push_back(histogramOf(*plan, edges));
    }
    m_layers->setSeries(std::move(totals));
    m_layers->resetView();
    m_histogram->setSeries(std::move(counts));
    m_histogram->resetView();
    for (Chart *chart : {m_layers, m_histogram})
        chart->setVisible(!known.empty());
    showCurve(plans, settings, basis);
}

void BudgetCharts::showCurve(const std::vector<MethodBudget> &plans, const BudgetSettings &settings,
                             const BudgetBasis &basis)
{
    const MethodInfo &method = compressionMethod("headkv");
    try {
        // β only moves the mark: the curve is computed where something else has changed.
        BudgetSettings same = settings;
        same.beta = m_curveSettings.beta;
        same.methods = m_curveSettings.methods;
        if (m_curve->isEmpty() || !(same == m_curveSettings) || basis.importance != m_curveBasis.importance ||
            basis.kvHeadsKnown != m_curveBasis.kvHeadsKnown) {
            m_curveSettings = settings;
            m_curveBasis = basis;
            m_curve->setCurve({});
            m_curve->setCurve(headkv::betaCurve(basis.target.shape, compressionSettings(method, settings, basis)));
        }
        const auto shown = std::ranges::find(plans, &method, &MethodBudget::method);
        m_curve->setPresent(shown != plans.end() ? BetaPoint{settings.beta, shown->unequal} : BetaPoint());
        m_curveStack->setCurrentWidget(m_curve);
    } catch (const Error &error) {
        const QString why = basis.importance.empty() ? basis.scoresProblem : QString::fromUtf8(error.what());
        m_noCurve->setText(tr("No curve of β: %1.").arg(why));
        m_curveStack->setCurrentWidget(m_noCurve);
    }
}

} // namespace headkv
