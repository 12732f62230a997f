// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/heads/HeadAnalysisPanel.h"

#include "app/explorer/common/ChartActions.h"
#include "app/explorer/common/FolderExport.h"
#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/TableCopy.h"
#include "app/explorer/heads/AgreementPanel.h"
#include "app/explorer/heads/HeadTablePanel.h"
#include "app/explorer/heads/MaskingPanel.h"
#include "app/explorer/heads/StabilityPanel.h"
#include "sessions/HeadTableModel.h"
#include "widgets/charts/LayerShareView.h"
#include "widgets/charts/LineChart.h"
#include "widgets/charts/LorenzView.h"
#include "widgets/charts/SortedBarsView.h"

#include <QTabBar>

namespace headkv {

namespace {
constexpr std::size_t barCount = 20;
} // namespace

HeadAnalysisPanel::HeadAnalysisPanel(Session &session, QSettings &settings, QWidget *parent)
    : QTabWidget(parent)
    , m_lorenz(named(new LorenzView, tr("Lorenz curves of the scores")))
    , m_layers(named(new LayerShareView, tr("Share of the score by layer")))
    , m_bars(named(new SortedBarsView, tr("The heads of the largest scores")))
    , m_table(new HeadTablePanel(settings))
    , m_stability(new StabilityPanel(settings))
    , m_agreement(new AgreementPanel(settings))
    , m_masking(new MaskingPanel(session, settings))
{
    tabBar()->setAccessibleName(tr("Views of the score sets"));
    setDocumentMode(true);
    m_lorenz->setTitle(tr("How unequal the heads are"));
    m_layers->setTitle(tr("Share of the score by layer"));
    const auto add = [this](QWidget *page, const QString &name, const QString &tip) {
        setTabToolTip(addTab(page, name), tip);
    };
    add(m_lorenz, tr("Lorenz"),
        tr("What part of the whole score the lowest heads hold; the further from the diagonal, the fewer heads do the "
           "work"));
    add(m_layers, tr("Layers"), tr("Each layer's heads together"));
    add(m_bars, tr("Top"), tr("The largest mean scores, with standard errors"));
    add(m_table, tr("Table"), tr("All heads in numbers; click a header to sort"));
    add(m_stability, tr("Stability"), tr("How many cases are enough for a ranking that stays"));
    add(m_agreement, tr("Overlap"), tr("Rank correlation and shared top heads of the chosen sets"));
    add(m_masking, tr("Test"), tr("What recall is left when the strongest heads are masked, beside random ones"));
    for (Chart *chart : std::initializer_list<Chart *>{m_lorenz, m_layers, m_bars})
        enableChartMenu(chart, settings, this);
    connect(this, &QTabWidget::currentChanged, this, &HeadAnalysisPanel::refresh);
    connect(m_table, &HeadTablePanel::headChosen, this, &HeadAnalysisPanel::headChosen);
    connect(m_bars, &SortedBarsView::headClicked, this, [this](int layer, int head) {
        Q_EMIT headChosen({layer, head});
    });
}

HeadTableModel *HeadAnalysisPanel::table() const { return m_table->model(); }

void HeadAnalysisPanel::show(const std::vector<ShownSet> &sets)
{
    m_sets = sets;
    for (int i = 0; i < count(); ++i)
        m_stale.insert(widget(i));
    refresh();
}

void HeadAnalysisPanel::showStatistics(const std::vector<ShownSet> &sets)
{
    m_sets = sets;
    m_stale.insert({m_table, m_stability});
    refresh();
}

void HeadAnalysisPanel::showEvent(QShowEvent *event)
{
    QTabWidget::showEvent(event);
    refresh();
}

void HeadAnalysisPanel::refresh()
{
    if (isVisible())
        bringUpToDate(currentWidget());
}

void HeadAnalysisPanel::bringUpToDate(const QWidget *tab)
{
    if (m_sets.empty() || m_stale.erase(tab) == 0)
        return;
    if (tab == m_lorenz) {
        std::vector<LorenzCurve> curves;
        for (const ShownSet &set : m_sets)
            curves.push_back({set.name, set.summary->lorenz});
        m_lorenz->setCurves(curves);
    } else if (tab == m_layers) {
        showLayers();
    } else if (tab == m_bars) {
        showBars();
    } else if (tab == m_table) {
        m_table->show(m_sets);
    } else if (tab == m_stability) {
        m_stability->show(m_sets);
    } else if (tab == m_agreement) {
        m_agreement->show(m_sets);
    } else {
        m_masking->setScoreSet(m_sets.front().index);
    }
}

ExportItems HeadAnalysisPanel::exportItems()
{
    for (int i = 0; i < count(); ++i)
        bringUpToDate(widget(i));
    ExportItems items;
    for (Chart *chart : std::initializer_list<Chart *>{m_lorenz, m_layers, m_bars, m_stability->chart(),
                                                       m_agreement->chart(), m_masking->chart()})
        items.add(chart);
    items.add(QStringLiteral("heads.csv"), [table = m_table->model()] { return tableText(*table, false); });
    return items;
}

void HeadAnalysisPanel::showLayers()
{
    std::vector<LayerShares> layers;
    for (const ShownSet &set : m_sets) {
        if (set.scores->layers == m_sets.front().scores->layers)
            layers.push_back({set.name, set.summary->layerShares});
    }
    m_layers->setShares(std::move(layers));
}

void HeadAnalysisPanel::showBars()
{
    const ShownSet &set = m_sets.front();
    m_bars->setTitle(
        (set.groupSize > 1 ? tr("Top %1 KV groups, %2") : tr("Top %1 heads, %2")).arg(barCount).arg(set.name));
    std::vector<HeadBar> bars;
    for (const RankedHead &head : topHeads(*set.scores, *set.summary, barCount))
        bars.push_back({{head.layer, head.head},
                        head.mean,
                        set.summary->standardErrors[set.scores->index(head.layer, head.head)]});
    m_bars->setBars(std::move(bars));
}

} // namespace headkv
