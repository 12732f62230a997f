// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/heads/HeadsPage.h"

#include "app/explorer/common/ChartActions.h"
#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/ScoreData.h"
#include "app/explorer/common/ValueEdit.h"
#include "app/explorer/heads/AgreementPanel.h"
#include "app/explorer/heads/HeadAnalysisPanel.h"
#include "app/explorer/heads/HeadInspector.h"
#include "app/explorer/heads/HeadMapsView.h"
#include "app/explorer/heads/HeadSetBar.h"
#include "app/explorer/heads/HeadViewBar.h"
#include "sessions/ScoreLibrary.h"
#include "sessions/Session.h"
#include "widgets/Formats.h"
#include "widgets/charts/HeatmapView.h"
#include "widgets/controls/ElidedLabel.h"
#include "widgets/controls/EmptyState.h"
#include "widgets/controls/MessageBar.h"
#include "widgets/export/ChartExport.h"
#include "widgets/theme/Theme.h"

#include <QComboBox>
#include <QFileDialog>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QUndoStack>
#include <QVBoxLayout>
#include <algorithm>

namespace headkv {

namespace {

// Measured on long answers: with so many tokens Eq. 2 leaves hardly a head at zero; with six, a quarter of them.
constexpr int longAnswer = 15;
constexpr double manyZeros = 0.03;

ElidedLabel *lineLabel(const QString &name, const QString &tip = {})
{
    auto *label = named(new ElidedLabel, name, tip);
    label->setElideMode(Qt::ElideRight);
    label->setMinimumHeight(label->fontMetrics().lineSpacing());
    return label;
}

} // namespace

HeadsPage::HeadsPage(Session &session, QSettings &settings, QUndoStack &undo, HeadInspector *inspector, QWidget *parent)
    : Page(parent)
    , m_session(session)
    , m_settings(settings)
    , m_undo(undo)
    , m_inspector(inspector)
    , m_shelf(new ScoreShelf(session, this))
    , m_stack(new QStackedWidget)
    , m_setBar(new HeadSetBar(session.scores()))
    , m_viewBar(new HeadViewBar(settings))
    , m_note(named(new QLabel, tr("What to know of this score set")))
    , m_maps(new HeadMapsView(settings))
    , m_hover(lineLabel(tr("The head under the mouse")))
    , m_common(lineLabel(tr("What the sets have in common"),
                         tr("Rank correlation, and the share of the strongest heads that both sets have")))
    , m_analysis(new HeadAnalysisPanel(session, settings))
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
    connectParts();
    showLook();
    m_stale = true;
}

QWidget *HeadsPage::buildContent()
{
    auto *split = new QSplitter(Qt::Horizontal);
    split->addWidget(buildMaps());
    split->addWidget(m_analysis);
    split->setStretchFactor(0, 3);
    split->setStretchFactor(1, 2);
    split->setSizes({720, 430});
    split->setChildrenCollapsible(false);
    m_note->setWordWrap(true);
    m_note->setVisible(false);
    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing);
    layout->addWidget(m_setBar);
    layout->addWidget(m_viewBar);
    layout->addWidget(m_note);
    layout->addWidget(split, 1);
    return content;
}

QWidget *HeadsPage::buildMaps()
{
    auto *box = new QWidget;
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing / 2);
    layout->addWidget(m_maps, 1);
    layout->addWidget(m_common);
    layout->addWidget(m_hover);
    return box;
}

void HeadsPage::connectParts()
{
    connect(m_setBar, &HeadSetBar::changed, this, &HeadsPage::refresh);
    connect(m_setBar, &HeadSetBar::saveRequested, this, &HeadsPage::saveScores);
    connect(m_setBar, &HeadSetBar::closeRequested, this, [this] { m_session.scores().remove(currentSet()); });
    connect(m_setBar, &HeadSetBar::figureRequested, this, [this] {
        if (const Chart *chart = exportChart())
            exportChartWithDialog(*chart, m_settings, this);
    });
    connect(m_setBar, &HeadSetBar::copyRequested, this, [this] {
        if (const Chart *chart = exportChart())
            ChartExport::copy(*chart);
    });
    connect(m_viewBar, &HeadViewBar::lookChanged, this, &HeadsPage::showLook);
    connect(m_viewBar, &HeadViewBar::rowsChanged, this, &HeadsPage::refresh); // with pins of their own
    connect(m_viewBar, &HeadViewBar::clearPinsRequested, this, [this] { editPins(tr("clearing of pins"), {}); });
    connect(m_maps, &HeadMapsView::pointedAt, this, &HeadsPage::hover);
    connect(m_maps, &HeadMapsView::pinToggled, this, &HeadsPage::togglePin);
    connect(m_inspector, &HeadInspector::unpinRequested, this, &HeadsPage::togglePin);
    connect(m_analysis, &HeadAnalysisPanel::headChosen, this, &HeadsPage::pin);
    connect(m_shelf, &ScoreShelf::statisticsArrived, this, &HeadsPage::showStatistics);
    connect(&m_session, &Session::modelChanged, this, &HeadsPage::refresh); // its KV heads are known then
    connect(&m_session, &Session::activityChanged, this, &HeadsPage::showNote);
}

HeatmapView *HeadsPage::heatmap() const { return m_maps->map(0); }

QComboBox *HeadsPage::chooser() const { return m_setBar->chooser(0); }

Chart *HeadsPage::exportChart() const { return currentSet() >= 0 ? m_maps->figure() : nullptr; }

ExportItems HeadsPage::exportItems()
{
    bringUpToDate();
    if (m_shown.empty())
        return {};
    ExportItems items = m_analysis->exportItems();
    if (Chart *maps = m_maps->figure())
        items.figures.insert(items.figures.begin(), {tr("Heatmap, %1").arg(maps->title()), maps});
    const std::vector<ScoreSet> &sets = m_session.scores().sets();
    for (const ScoreSet &set : sets) {
        const auto save = [this, scores = set.scores](const QString &path) {
            const auto &now = m_session.scores().sets();
            const auto at = std::ranges::find(now, scores, &ScoreSet::scores);
            return at == now.end() ? QString() : m_session.scores().save(static_cast<int>(at - now.begin()), path);
        };
        items.files.push_back({QStringLiteral("scores-%1.json").arg(ChartExport::fileName(set.name)), save});
    }
    return items;
}

void HeadsPage::setColorMap(ColorMap::Name map) { m_viewBar->setColors(map); }

int HeadsPage::currentSet() const
{
    const std::vector<int> sets = m_setBar->chosen();
    return sets.empty() ? -1 : sets.front();
}

QString HeadsPage::note() const { return m_note->isHidden() ? QString() : m_note->text(); }

QString HeadsPage::hoverText() const { return m_hover->text(); }

std::vector<ShownSet> HeadsPage::chosenSets()
{
    std::vector<ShownSet> sets;
    for (const int index : m_setBar->chosen())
        sets.push_back(m_shelf->takeWithStatistics(index, m_viewBar->kvHeads()));
    return sets;
}

void HeadsPage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    if (m_stale)
        refresh();
}

void HeadsPage::refresh()
{
    // A set that arrives while another page is looked at costs that page nothing.
    m_stale = !isVisible();
    if (!m_stale)
        bringUpToDate();
}

void HeadsPage::bringUpToDate()
{
    m_stale = false;
    const int own = currentSet();
    m_stack->setCurrentIndex(own >= 0 ? 1 : 0);
    if (own >= 0) {
        m_viewBar->offerGroups(m_session.scores().sets()[static_cast<std::size_t>(own)].scores->heads,
                               m_shelf->kvHeads(own));
        m_viewBar->setDifference(m_setBar->showsDifference());
        m_shown = chosenSets();
        m_maps->show(m_shown, m_setBar->showsDifference());
        m_analysis->show(m_shown);
        m_common->setText(AgreementPanel::summary(m_shown));
        m_common->setVisible(!m_common->text().isEmpty());
        const HeatmapData &rows = heatmap()->data();
        std::erase_if(m_pins[m_viewBar->kvHeads()],
                      [&rows](HeadCell head) { return head.layer >= rows.layers || head.head >= rows.heads; });
    } else {
        m_shown.clear();
        m_pins.clear();
    }
    showNote();
    hover({});
    showPins();
}

void HeadsPage::showLook() { m_maps->setLook(m_viewBar->scale(), m_viewBar->colors(), m_viewBar->topK()); }

void HeadsPage::showStatistics()
{
    if (m_shown.empty() || m_stale)
        return;
    m_shown = chosenSets();
    m_analysis->showStatistics(m_shown);
    showInspector();
}

void HeadsPage::showNote()
{
    if (m_stale)
        return;
    QStringList notes;
    for (const ShownSet &set : m_shown) {
        const std::optional<int> tokens = answerTokens(m_session, set.index);
        const double zeros = m_session.scores().sets()[static_cast<std::size_t>(set.index)].summary->zeroShare;
        if (tokens && *tokens < longAnswer && zeros > manyZeros)
            notes << tr("%1: the answers are short, %2 tokens in the middle case. Eq. 2 counts a head's top N keys, N "
                        "being the answer's tokens, so %3 of the heads stay at zero; answers of %4 tokens or more "
                        "leave few.")
                         .arg(set.name)
                         .arg(*tokens)
                         .arg(formatPercent(zeros))
                         .arg(longAnswer);
    }
    m_note->setText(notes.join(QLatin1Char('\n')));
    m_note->setVisible(!notes.isEmpty());
}

void HeadsPage::showInspector()
{
    std::vector<ShownSet> all;
    int own = -1;
    for (int i = 0; !m_shown.empty() && i < static_cast<int>(m_session.scores().sets().size()); ++i) {
        all.push_back(m_shelf->take(i, m_viewBar->kvHeads()));
        if (i == m_shown.front().index)
            own = i;
    }
    m_inspector->show(std::move(all), own, pins());
}

const std::vector<HeadCell> &HeadsPage::pins() const
{
    static const std::vector<HeadCell> none;
    const auto found = m_pins.find(m_viewBar->kvHeads());
    return found != m_pins.end() ? found->second : none;
}

void HeadsPage::editPins(const QString &what, std::vector<HeadCell> pins)
{
    PinsByRows edited = m_pins;
    edited[m_viewBar->kvHeads()] = std::move(pins);
    m_undo.push(new ValueEdit<PinsByRows>(EditKind::Pins, what, std::nullopt, m_pins, std::move(edited),
                                          [this](const PinsByRows &all) {
                                              m_pins = all;
                                              showPins();
                                          }));
}

void HeadsPage::showPins()
{
    m_maps->setPins(pins());
    m_viewBar->setHasPins(!pins().empty());
    showInspector();
}

SessionHeads HeadsPage::state() const
{
    SessionHeads state;
    state.sets = m_setBar->chosen();
    state.difference = m_setBar->differenceButton()->isChecked();
    state.kvHeads = m_viewBar->kvHeads();
    for (const auto &[rows, heads] : m_pins) {
        for (const HeadCell head : heads)
            state.pins[rows].push_back({head.layer, head.head});
    }
    return state;
}

void HeadsPage::restore(const SessionHeads &state)
{
    m_pins.clear();
    for (const auto &[rows, heads] : state.pins) {
        for (const HeadId &head : heads)
            m_pins[rows].push_back({head.layer, head.head});
    }
    m_viewBar->setKvHeads(state.kvHeads);
    m_setBar->choose(state.sets.empty() ? m_setBar->chosen() : state.sets, state.difference);
}

void HeadsPage::togglePin(HeadCell head)
{
    std::vector<HeadCell> heads = pins();
    if (std::erase(heads, head) > 0)
        return editPins(tr("unpinning of a head"), std::move(heads));
    heads.push_back(head);
    editPins(tr("pinning of a head"), std::move(heads));
    Q_EMIT inspectorWanted();
}

void HeadsPage::pin(HeadCell head)
{
    if (std::ranges::find(pins(), head) == pins().end())
        togglePin(head);
    m_maps->setCurrentCell(head);
    Q_EMIT inspectorWanted();
}

void HeadsPage::hover(HeadCell head)
{
    m_hover->setText(head.isValid() && !m_shown.empty() ? m_maps->describe(head) : restText());
}

/// What the line says while no head is pointed at.
QString HeadsPage::restText() const
{
    if (m_shown.empty())
        return {};
    const ShownSet &set = m_shown.front();
    return (set.groupSize > 1 ? tr("%1 layers × %2 KV groups, %3 cases; %4 score 0. Point at one, click to pin it.")
                              : tr("%1 layers × %2 heads, %3 cases; %4 score 0. Point at one, click to pin it."))
        .arg(set.scores->layers)
        .arg(set.scores->heads)
        .arg(formatCount(static_cast<qint64>(set.scores->examples())), formatPercent(set.summary->zeroShare));
}

void HeadsPage::saveScores()
{
    const QString key = QStringLiteral("exportFolder");
    const QString path = QFileDialog::getSaveFileName(this, tr("Save scores"),
                                                      m_settings.value(key).toString() + QStringLiteral("/scores.json"),
                                                      tr("Head scores (*.json)"));
    if (path.isEmpty() || currentSet() < 0)
        return;
    const QString error = m_session.scores().save(currentSet(), path);
    if (error.isEmpty())
        messages()->showMessage(MessageBar::Kind::Info, tr("Saved %1").arg(path));
    else
        messages()->showMessage(MessageBar::Kind::Error, error);
}

} // namespace headkv
