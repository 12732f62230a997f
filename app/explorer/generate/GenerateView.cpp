// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/generate/GenerateView.h"

#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/generate/GenerateCharts.h"
#include "app/explorer/generate/KeptPanel.h"
#include "app/explorer/generate/LaneBoard.h"
#include "sessions/LaneTableModel.h"
#include "widgets/charts/LineChart.h"
#include "widgets/charts/PhaseBars.h"
#include "widgets/charts/StackedAreaChart.h"
#include "widgets/theme/Theme.h"

#include <QHeaderView>
#include <QSplitter>
#include <QTabBar>
#include <QTabWidget>
#include <QTableView>
#include <QTimer>
#include <QVBoxLayout>

namespace headkv {

GenerateView::GenerateView(const std::vector<Lane> &lanes, QSettings &settings, QWidget *say, QWidget *parent)
    : QWidget(parent)
    , m_lanes(lanes)
    , m_board(new LaneBoard(settings))
    , m_charts(new GenerateCharts(settings))
    , m_kept(new KeptPanel)
    , m_table(named(new QTableView, tr("Summary"), {}))
    , m_model(new LaneTableModel(lanes, this))
    , m_tabs(buildTabs())
    , m_compare(new QTimer(this))
{
    auto *upper = new QWidget;
    auto *upperLayout = new QVBoxLayout(upper);
    upperLayout->setContentsMargins(0, 0, 0, Theme::spacing);
    upperLayout->setSpacing(Theme::spacing);
    upperLayout->addWidget(m_board, 1);
    upperLayout->addWidget(say);
    auto *split = new QSplitter(Qt::Vertical);
    split->addWidget(upper);
    split->addWidget(m_tabs);
    split->setStretchFactor(0, 3);
    split->setStretchFactor(1, 2);
    split->setSizes({430, 250});
    split->setChildrenCollapsible(false);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(split);
    connect(m_tabs, &QTabWidget::currentChanged, this, &GenerateView::showHiddenTabs);
    connect(m_compare, &QTimer::timeout, this, [this] {
        if (!m_toCompare.empty()) {
            m_board->compare(m_lanes, m_toCompare.back(), true);
            m_toCompare.pop_back();
        }
        if (m_toCompare.empty())
            m_compare->stop();
    });
}

QTabWidget *GenerateView::buildTabs()
{
    m_table->setModel(m_model);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setTabKeyNavigation(false);
    m_table->setWordWrap(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(26);
    QHeaderView *header = m_table->horizontalHeader();
    header->setHighlightSections(false);
    header->setMinimumSectionSize(36);
    header->setStyleSheet(QStringLiteral("QHeaderView::section { padding: 4px; }")); // many columns, of short numbers
    header->setSectionResizeMode(QHeaderView::ResizeToContents);
    header->setStretchLastSection(true);
    auto *table = new QWidget;
    auto *layout = new QVBoxLayout(table);
    layout->setContentsMargins(0, Theme::spacing, 0, 0);
    layout->addWidget(m_table);
    auto *tabs = new QTabWidget;
    tabs->setDocumentMode(true);
    tabs->tabBar()->setAccessibleName(tr("Views of the lanes"));
    tabs->addTab(m_charts, tr("Charts"));
    tabs->addTab(m_kept, tr("What was kept"));
    tabs->addTab(table, tr("Summary"));
    return tabs;
}

void GenerateView::begin(const QString &needle, const ModelSize &model)
{
    m_ended = false;
    m_toCompare.clear();
    m_board->begin(m_lanes, model);
    m_charts->begin(m_lanes);
    m_kept->setLanes(m_lanes, needle);
    m_model->reset();
    showDevice();
}

/// The device's columns stand only where there is one.
void GenerateView::showDevice()
{
    const bool shown = std::ranges::any_of(m_lanes, &Lane::isOnDevice);
    for (const int column : {LaneTableModel::PeakDevice, LaneTableModel::Workspace})
        m_table->setColumnHidden(column, !shown);
}

void GenerateView::showPrompt() { m_kept->refresh(); }

void GenerateView::showText(int lane) { m_board->showText(m_lanes, lane); }

void GenerateView::showProgress(double share) { m_board->showProgress(m_lanes, share); }

void GenerateView::refresh(const std::vector<int> &changed, bool ended)
{
    m_ended = ended;
    for (const int lane : changed) {
        m_board->showFigures(m_lanes, lane, ended);
        if (m_table->isVisible() || ended)
            m_model->laneChanged(lane);
    }
    if (m_charts->isVisible() || ended)
        m_charts->refresh(m_lanes, ended);
    showDevice();
    m_kept->refresh();
    if (ended) {
        m_toCompare = changed;
        m_compare->start(0);
    }
}

void GenerateView::showHiddenTabs()
{
    m_charts->refresh(m_lanes, m_ended);
    for (int lane = 0; lane < static_cast<int>(m_lanes.size()); ++lane)
        m_model->laneChanged(lane);
}

std::vector<GenerateView::Figure> GenerateView::figures() const
{
    std::vector<Figure> figures;
    for (std::size_t i = 0; i < m_board->count(); ++i) {
        const LaneView &lane = *m_board->lane(i);
        if (!lane.memory()->isEmpty())
            figures.push_back({tr("Memory, %1").arg(lane.title()), lane.memory()});
    }
    for (Chart *chart : m_charts->charts())
        figures.push_back({chart->title(), chart});
    return figures;
}

} // namespace headkv
