// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/heads/HeadsPage.h"

#include "app/explorer/common/ChartActions.h"
#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/ScoreData.h"
#include "app/explorer/heads/HeadAnalysisPanel.h"
#include "app/explorer/heads/HeadInspector.h"
#include "sessions/Session.h"
#include "widgets/Formats.h"
#include "widgets/charts/HeatmapView.h"
#include "widgets/charts/ScoreCharts.h"
#include "widgets/controls/EmptyState.h"
#include "widgets/controls/MessageBar.h"
#include "widgets/export/ChartExport.h"
#include "widgets/theme/Theme.h"

#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>

namespace headkv {

HeadsPage::HeadsPage(Session &session, QSettings &settings, HeadInspector *inspector, QWidget *parent)
    : Page(parent)
    , m_session(session)
    , m_settings(settings)
    , m_inspector(inspector)
    , m_stack(new QStackedWidget)
    , m_sets(new QComboBox)
    , m_scale(new QComboBox)
    , m_map(new QComboBox)
    , m_topK(new QSpinBox)
    , m_clearPins(iconButton(QStringLiteral("unpin"), tr("Clear pins"), {}))
    , m_heatmap(named(new HeatmapView, tr("Head scores by layer and head")))
    , m_hover(named(new QLabel, tr("The head under the mouse")))
    , m_analysis(new HeadAnalysisPanel(settings))
{
    auto *empty = new EmptyState(QStringLiteral("heads"), tr("No score set is open"),
                                 tr("Open a file of head scores (.json), or run a probe: its scores appear here."),
                                 tr("Open scores…"));
    empty->setSecondAction(tr("Go to Probe"));
    m_stack->addWidget(empty);
    m_stack->addWidget(buildContent());
    setContent(m_stack);
    connect(empty, &EmptyState::actionTriggered, this, &HeadsPage::openRequested);
    connect(empty, &EmptyState::secondActionTriggered, this, &HeadsPage::probeRequested);
    connect(&session, &Session::scoreSetAdded, this, &HeadsPage::addSet);
    connect(&session, &Session::scoreSetRemoved, this, [this](int index) { m_sets->removeItem(index); });
    connect(m_sets, &QComboBox::currentIndexChanged, this, &HeadsPage::showSet);
    connect(m_inspector, &HeadInspector::unpinRequested, this, &HeadsPage::unpin);
    connect(m_analysis, &HeadAnalysisPanel::headChosen, this, &HeadsPage::pin);
    connectHeatmap();
    pinsChanged();
}

QWidget *HeadsPage::buildContent()
{
    auto *split = new QSplitter(Qt::Horizontal);
    split->addWidget(buildHeatmap());
    split->addWidget(m_analysis);
    split->setStretchFactor(0, 3);
    split->setStretchFactor(1, 2);
    split->setSizes({720, 420});
    split->setChildrenCollapsible(false);
    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing);
    layout->addLayout(buildSetBar());
    layout->addLayout(buildViewBar());
    layout->addWidget(split, 1);
    return content;
}

QHBoxLayout *HeadsPage::buildSetBar()
{
    m_sets->setMinimumContentsLength(24);
    m_sets->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    QPushButton *remove = iconButton(QStringLiteral("close"), tr("Close set"),
                                     tr("Take this set off the list; a file stays where it is"));
    QPushButton *save = iconButton(QStringLiteral("save"), tr("Save scores…"),
                                   tr("Write this set in the published layout, with where it came from beside it"));
    QPushButton *figure =
        iconButton(QStringLiteral("export"), tr("Export figure…"), tr("Write the heatmap as PNG, SVG, PDF or CSV"));
    QPushButton *copy = iconButton(QStringLiteral("copy"), tr("Copy image"), tr("Put the heatmap on the clipboard"));
    auto *bar = new QHBoxLayout;
    bar->setSpacing(Theme::spacing);
    bar->addWidget(labelFor(m_sets, tr("Score &set"), tr("A score for each head, from a probe or a file")));
    bar->addWidget(m_sets);
    bar->addWidget(remove);
    bar->addStretch();
    bar->addWidget(save);
    bar->addWidget(figure);
    bar->addWidget(copy);
    connect(remove, &QPushButton::clicked, this, [this] {
        if (currentSet() >= 0)
            m_session.removeScoreSet(currentSet());
    });
    connect(save, &QPushButton::clicked, this, &HeadsPage::saveScores);
    connect(figure, &QPushButton::clicked, this, [this] { exportChartWithDialog(*m_heatmap, m_settings, this); });
    connect(copy, &QPushButton::clicked, this, [this] { ChartExport::copy(*m_heatmap); });
    return bar;
}

QHBoxLayout *HeadsPage::buildViewBar()
{
    m_scale->addItem(tr("Linear"), static_cast<int>(HeatmapScale::Kind::Linear));
    m_scale->addItem(tr("Logarithmic"), static_cast<int>(HeatmapScale::Kind::Log));
    m_scale->addItem(tr("Percentile 2–98"), static_cast<int>(HeatmapScale::Kind::Percentile));
    for (const ColorMap::Name map : ColorMap::sequential())
        m_map->addItem(ColorMap::displayName(map), ColorMap::toString(map));
    m_map->setCurrentIndex(
        std::max(0, m_map->findData(m_settings.value(QStringLiteral("colorMap"), QStringLiteral("viridis")))));
    m_topK->setRange(0, 1024);
    m_topK->setSpecialValueText(tr("none"));
    auto *bar = new QHBoxLayout;
    bar->setSpacing(Theme::spacing);
    const auto add = [bar](QWidget *control, const QString &text, const QString &tip) {
        bar->addWidget(labelFor(control, text, tip));
        bar->addWidget(control);
        bar->addSpacing(Theme::spacing);
    };
    add(m_scale, tr("S&cale"), tr("How scores become colours"));
    add(m_map, tr("Colou&rs"), tr("Maps that read the same to colour-blind eyes"));
    add(m_topK, tr("O&utline top"), tr("Outlines as many heads of the largest scores"));
    bar->addWidget(m_clearPins);
    bar->addStretch();
    connect(m_scale, &QComboBox::currentIndexChanged, this, &HeadsPage::showScale);
    connect(m_map, &QComboBox::currentIndexChanged, this, &HeadsPage::showScale);
    connect(m_topK, &QSpinBox::valueChanged, m_heatmap, &HeatmapView::setTopK);
    connect(m_clearPins, &QPushButton::clicked, this, [this] {
        m_heatmap->setPins({});
        pinsChanged();
    });
    m_topK->setValue(10);
    showScale();
    return bar;
}

QWidget *HeadsPage::buildHeatmap()
{
    m_heatmap->setTitle(tr("Head scores"));
    m_hover->setMinimumHeight(m_hover->fontMetrics().lineSpacing());
    auto *box = new QWidget;
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing / 2);
    layout->addWidget(m_heatmap, 1);
    layout->addWidget(m_hover);
    return box;
}

void HeadsPage::connectHeatmap()
{
    enableChartMenu(m_heatmap, m_settings, this);
    connect(m_heatmap, &HeatmapView::hovered, this, [this](int layer, int head) { hover({layer, head}); });
    connect(m_heatmap, &HeatmapView::currentChanged, this, [this](int layer, int head) { hover({layer, head}); });
    connect(m_heatmap, &HeatmapView::hoverEnded, this, [this] { hover({}); });
    connect(m_heatmap, &HeatmapView::unpinned, this, &HeadsPage::pinsChanged);
    connect(m_heatmap, &HeatmapView::pinned, this, [this] {
        pinsChanged();
        Q_EMIT inspectorWanted();
    });
}

Chart *HeadsPage::exportChart() const { return currentSet() >= 0 ? m_heatmap : nullptr; }

int HeadsPage::currentSet() const
{
    const int index = m_sets->currentIndex();
    return index < static_cast<int>(m_session.scoreSets().size()) ? index : -1;
}

void HeadsPage::addSet(int index)
{
    const ScoreSet &set = m_session.scoreSets()[index];
    m_sets->insertItem(index, set.name);
    m_sets->setItemData(index, set.origin, Qt::ToolTipRole);
    m_sets->setCurrentIndex(index);
}

void HeadsPage::showSet()
{
    const int index = currentSet();
    m_stack->setCurrentIndex(index >= 0 ? 1 : 0);
    if (index >= 0) {
        const ScoreSet &set = m_session.scoreSets()[index];
        m_heatmap->setData(heatmapData(*set.scores, *set.summary));
        m_heatmap->setTitle(tr("Head scores, %1").arg(set.name));
        m_analysis->showSet(set);
    }
    hover({});
    pinsChanged();
}

void HeadsPage::showScale()
{
    HeatmapScale scale;
    scale.kind = static_cast<HeatmapScale::Kind>(m_scale->currentData().toInt());
    m_heatmap->setScale(scale);
    m_heatmap->setColorMap(ColorMap::fromString(m_map->currentData().toString()));
    m_settings.setValue(QStringLiteral("colorMap"), m_map->currentData());
}

void HeadsPage::pin(HeadCell head)
{
    std::vector<HeadCell> pins = m_heatmap->pins();
    if (std::find(pins.begin(), pins.end(), head) == pins.end()) {
        pins.push_back(head);
        m_heatmap->setPins(std::move(pins));
        pinsChanged();
    }
    m_heatmap->setCurrentCell(head);
    Q_EMIT inspectorWanted();
}

void HeadsPage::unpin(HeadCell head)
{
    std::vector<HeadCell> pins = m_heatmap->pins();
    pins.erase(std::remove(pins.begin(), pins.end(), head), pins.end());
    m_heatmap->setPins(std::move(pins));
    pinsChanged();
}

void HeadsPage::pinsChanged()
{
    m_inspector->show(currentSet(), m_heatmap->pins());
    setRunnable(m_clearPins, m_heatmap->pins().empty() ? tr("No head is pinned; click one on the heatmap") : QString(),
                tr("Take all pins away"));
}

void HeadsPage::hover(HeadCell head)
{
    const int index = currentSet();
    if (head.isValid() && index >= 0) {
        m_hover->setText(m_heatmap->describe(head).replace(QLatin1Char('\n'), QStringLiteral("  ·  ")));
        return;
    }
    if (index < 0)
        return m_hover->clear();
    const ScoreSet &set = m_session.scoreSets()[index];
    m_hover->setText(
        tr("%1 layers × %2 heads, %3 cases; %4 of the heads score 0. Point at a head, click to pin it.")
            .arg(set.scores->layers)
            .arg(set.scores->heads)
            .arg(formatCount(static_cast<qint64>(set.scores->examples())), formatPercent(set.summary->zeroShare)));
}

void HeadsPage::saveScores()
{
    const QString key = QStringLiteral("exportFolder");
    const QString path = QFileDialog::getSaveFileName(this, tr("Save scores"),
                                                      m_settings.value(key).toString() + QStringLiteral("/scores.json"),
                                                      tr("Head scores (*.json)"));
    if (path.isEmpty() || currentSet() < 0)
        return;
    const QString error = m_session.saveScores(currentSet(), path);
    if (error.isEmpty())
        messages()->showMessage(MessageBar::Kind::Info, tr("Saved %1").arg(path));
    else
        messages()->showMessage(MessageBar::Kind::Error, error);
}

} // namespace headkv
