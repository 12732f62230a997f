// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/compare/NeedleCharts.h"

#include "app/explorer/common/FormHelpers.h"
#include "app/figures/EvaluationFigures.h"
#include "widgets/charts/FigureGrid.h"

#include <QComboBox>

namespace headkv {

NeedleCharts::NeedleCharts(const EvaluationRun &run, const EvaluationTableModel &table, QSettings &settings,
                           QWidget *parent)
    : TaskCharts(run, table, settings, parent)
{
    m_turn.setInterval(0);
    connect(&m_turn, &QTimer::timeout, this, &NeedleCharts::showNext);
}

void NeedleCharts::showNext()
{
    if (!m_waiting.empty()) {
        const int row = m_waiting.extract(m_waiting.begin()).value();
        m_views.at(row)->setData(needleGrid(run(), rows()[static_cast<std::size_t>(row)]));
    }
    if (m_waiting.empty())
        m_turn.stop();
}

void NeedleCharts::showNow()
{
    while (!m_waiting.empty())
        showNext();
}

bool NeedleCharts::isChoice(std::size_t task) const
{
    return !run().tasks[task].lengths.empty() && !run().tasks[task].depths.empty();
}

std::unique_ptr<FigureGrid> NeedleCharts::make()
{
    constexpr int least = 178, leastHeight = 140;
    m_views.clear();
    m_waiting.clear();
    if (taskBox()->count() == 0)
        return nullptr;
    NeedleGrids grids = needleGrids(run(), rows(), {task()});
    for (const auto &[row, view] : grids.views) {
        const int index = static_cast<int>(row);
        view->setMinimumSize(least, leastHeight);
        named(view, tr("%1, by length and depth").arg(view->title()));
        addMenu(view);
        connect(view, &ProbeGridView::cellClicked, this,
                [this, index](int length, int depth) { Q_EMIT cellClicked(index, length, depth); });
        m_views.emplace(index, view);
    }
    return std::move(grids.figure);
}

void NeedleCharts::showRows(const QList<int> &changed)
{
    for (const int row : changed) {
        if (m_views.contains(row))
            m_waiting.insert(row);
    }
    if (!m_waiting.empty())
        m_turn.start();
}

} // namespace headkv
