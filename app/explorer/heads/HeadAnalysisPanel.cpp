// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/heads/HeadAnalysisPanel.h"

#include "app/explorer/common/ChartActions.h"
#include "app/explorer/common/FormHelpers.h"
#include "sessions/HeadTableModel.h"
#include "sessions/Session.h"
#include "widgets/charts/LayerShareView.h"
#include "widgets/charts/LorenzView.h"
#include "widgets/charts/SortedBarsView.h"

#include <QHeaderView>
#include <QSortFilterProxyModel>
#include <QTabBar>
#include <QTableView>

namespace headkv {

namespace {
constexpr std::size_t barCount = 20;
} // namespace

HeadAnalysisPanel::HeadAnalysisPanel(QSettings &settings, QWidget *parent)
    : QTabWidget(parent)
    , m_lorenz(named(new LorenzView, tr("Lorenz curve of the scores")))
    , m_layers(named(new LayerShareView, tr("Share of the score by layer")))
    , m_bars(named(new SortedBarsView, tr("The heads of the largest scores")))
    , m_model(new HeadTableModel(this))
{
    setAccessibleName(tr("Views of the score set"));
    setDocumentMode(true);
    m_lorenz->setTitle(tr("How unequal the heads are"));
    m_layers->setTitle(tr("Share of the score by layer"));
    m_bars->setTitle(tr("Top %1 heads").arg(barCount));
    addTab(m_lorenz, tr("Lorenz"));
    addTab(m_layers, tr("Layers"));
    addTab(m_bars, tr("Top heads"));
    addTab(buildTable(), tr("Table"));
    setTabToolTip(0, tr("What part of the whole score the lowest heads hold; the further from the diagonal, the fewer "
                        "heads do the work"));
    setTabToolTip(1, tr("Each layer's heads together"));
    setTabToolTip(2, tr("The largest mean scores, with standard errors"));
    setTabToolTip(3, tr("All heads in numbers; click a header to sort"));
    for (Chart *chart : std::initializer_list<Chart *>{m_lorenz, m_layers, m_bars})
        enableChartMenu(chart, settings, this);
    connect(m_bars, &SortedBarsView::headClicked, this, [this](int layer, int head) {
        Q_EMIT headChosen({layer, head});
    });
}

QTableView *HeadAnalysisPanel::buildTable()
{
    auto *view = named(new QTableView, tr("Heads and their scores"), tr("A double click pins a head"));
    auto *sorted = new QSortFilterProxyModel(this);
    sorted->setSourceModel(m_model);
    sorted->setSortRole(HeadTableModel::SortRole);
    view->setModel(sorted);
    view->setSortingEnabled(true);
    view->sortByColumn(HeadTableModel::Rank, Qt::AscendingOrder);
    view->setSelectionBehavior(QAbstractItemView::SelectRows);
    view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    view->setTabKeyNavigation(false);
    view->verticalHeader()->hide();
    view->verticalHeader()->setDefaultSectionSize(24);
    view->horizontalHeader()->setHighlightSections(false);
    view->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    connect(view, &QTableView::activated, this, [this](const QModelIndex &index) {
        const auto number = [&index](int column) {
            return index.siblingAtColumn(column).data(HeadTableModel::SortRole).toInt();
        };
        Q_EMIT headChosen({number(HeadTableModel::Layer), number(HeadTableModel::Head)});
    });
    return view;
}

void HeadAnalysisPanel::showSet(const ScoreSet &set)
{
    m_lorenz->setCurves({{set.name, set.summary->lorenz}});
    m_layers->setShares({{set.name, set.summary->layerShares}});
    std::vector<HeadBar> bars;
    for (const RankedHead &head : topHeads(*set.scores, *set.summary, barCount))
        bars.push_back({{head.layer, head.head},
                        head.mean,
                        set.summary->standardErrors[set.scores->index(head.layer, head.head)]});
    m_bars->setBars(std::move(bars));
    m_model->setScores(set.scores, set.summary);
}

} // namespace headkv
