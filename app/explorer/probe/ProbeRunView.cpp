// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/probe/ProbeRunView.h"

#include "app/explorer/common/ChartActions.h"
#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/probe/CasePanel.h"
#include "sessions/ProbeSession.h"
#include "sessions/Session.h"
#include "widgets/charts/HeatmapView.h"
#include "widgets/charts/ProbeGridView.h"
#include "widgets/charts/ScoreCharts.h"

#include <QSplitter>
#include <QVBoxLayout>
#include <limits>

namespace headkv {

ProbeRunView::ProbeRunView(Session &session, QSettings &settings, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
    , m_grid(named(new ProbeGridView, tr("Passed cases by length and depth")))
    , m_heatmap(named(new HeatmapView, tr("Head scores of this probe so far")))
    , m_cases(new CasePanel(session))
{
    m_grid->setTitle(tr("Passed cases"));
    m_heatmap->setTitle(tr("Head scores so far"));
    auto *charts = new QSplitter(Qt::Horizontal);
    charts->addWidget(m_grid);
    charts->addWidget(m_heatmap);
    charts->setSizes({400, 500});
    auto *all = new QSplitter(Qt::Vertical);
    all->addWidget(charts);
    all->addWidget(m_cases);
    all->setStretchFactor(0, 3);
    all->setStretchFactor(1, 2);
    all->setSizes({380, 240});
    charts->setChildrenCollapsible(false);
    all->setChildrenCollapsible(false);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(all);
    enableChartMenu(m_grid, settings, this);
    enableChartMenu(m_heatmap, settings, this);
    connect(m_grid, &ProbeGridView::cellClicked, m_cases, &CasePanel::chooseCase);
    connect(m_grid, &ProbeGridView::cellActivated, m_cases, &CasePanel::inspectChosen);
    const ProbeSession &probe = session.probe();
    connect(&probe, &ProbeSession::started, this, &ProbeRunView::showStart);
    connect(&probe, &ProbeSession::cleared, this, [this] {
        m_grid->setData({});
        m_heatmap->setData({});
    });
    connect(&probe, &ProbeSession::caseDone, this, &ProbeRunView::addCase);
    connect(&probe, &ProbeSession::scoresChanged, this, &ProbeRunView::showScores);
    connect(&probe, &ProbeSession::finished, this, &ProbeRunView::showScores);
}

void ProbeRunView::showStart()
{
    const ProbeSession &probe = m_session.probe();
    const auto settings = probe.settings();
    ProbeGridData gridData;
    gridData.lengths = settings->lengths;
    gridData.depths = settings->depths;
    gridData.cells.resize(gridData.lengths.size() * gridData.depths.size());
    for (const ProbeCase &probeCase : *probe.cases())
        ++gridData.cells[gridData.index(probeCase.lengthIndex, probeCase.depthIndex)].total;
    m_grid->setData(std::move(gridData));
    HeatmapData empty;
    if (const auto info = m_session.modelInfo()) {
        empty.layers = info->layers;
        empty.heads = info->queryHeads;
        empty.values.assign(static_cast<std::size_t>(info->layers) * info->queryHeads,
                            std::numeric_limits<double>::quiet_NaN());
    }
    m_heatmap->setData(std::move(empty));
}

void ProbeRunView::addCase(int result)
{
    const ProbeSession &probe = m_session.probe();
    const ProbeCaseResult &done = *probe.results()[result];
    const ProbeCase &probeCase = (*probe.cases())[done.index];
    ProbeGridData gridData = m_grid->data();
    ProbeGridCell &cell = gridData.cells[gridData.index(probeCase.lengthIndex, probeCase.depthIndex)];
    ++cell.done;
    cell.passed += done.passed ? 1 : 0;
    m_grid->setData(std::move(gridData));
}

void ProbeRunView::showScores()
{
    if (const ScoreSet &soFar = m_session.probe().scores(); soFar.scores)
        m_heatmap->setData(heatmapData(*soFar.scores, *soFar.summary));
}

} // namespace headkv
