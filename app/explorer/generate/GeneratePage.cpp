// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/generate/GeneratePage.h"

#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/StartProblem.h"
#include "app/explorer/generate/GenerateCharts.h"
#include "app/explorer/generate/GenerateExportMenu.h"
#include "app/explorer/generate/GeneratePanel.h"
#include "app/explorer/generate/GenerateView.h"
#include "app/explorer/generate/LaneBoard.h"
#include "app/explorer/generate/NeedleDialog.h"
#include "app/explorer/generate/PromptEdit.h"
#include "core/base/Error.h"
#include "sessions/LaneSession.h"
#include "sessions/LaneText.h"
#include "sessions/ScoreLibrary.h"
#include "sessions/Session.h"
#include "widgets/Formats.h"
#include "widgets/charts/LineChart.h"
#include "widgets/controls/ElidedLabel.h"
#include "widgets/controls/EmptyState.h"
#include "widgets/controls/MessageBar.h"
#include "widgets/theme/Theme.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>

namespace headkv {

namespace {

constexpr int drawPause = 66; ///< milliseconds

} // namespace

GeneratePage::GeneratePage(Session &session, QSettings &settings, QWidget *parent)
    : Page(parent)
    , m_session(session)
    , m_settings(settings)
    , m_panel(new GeneratePanel(session.scores()))
    , m_start(iconButton(QStringLiteral("play"), tr("&Start"), {}))
    , m_stop(iconButton(QStringLiteral("pause"), tr("St&op"), {}))
    , m_continue(iconButton(QStringLiteral("resume"), tr("&Continue"), {}))
    , m_again(iconButton(QStringLiteral("reset"), tr("R&un again"), {}))
    , m_clear(iconButton(QStringLiteral("trash"), tr("Clear"), {}))
    , m_export(iconButton(QStringLiteral("export"), tr("Export"), tr("Write reports, figures and numbers")))
    , m_sayLine(named(new QLineEdit, tr("Say more"), {}))
    , m_say(iconButton(QStringLiteral("note"), tr("Sa&y"), {}))
    , m_reason(named(new QLabel, tr("Why it cannot start")))
    , m_summary(named(new ElidedLabel, tr("What the lanes are asked")))
    , m_empty(new EmptyState(QStringLiteral("generate"), {}, {}))
    , m_stack(new QStackedWidget)
    , m_view(nullptr)
    , m_draw(new QTimer(this))
    , m_count(new QTimer(this))
{
    m_stack->addWidget(m_empty);
    m_stack->addWidget(buildResults());
    auto *split = new QSplitter(Qt::Horizontal);
    split->addWidget(buildSide());
    split->addWidget(m_stack);
    split->setStretchFactor(1, 1);
    split->setSizes({350, 800});
    split->setChildrenCollapsible(false);
    setContent(split);
    m_exports = new GenerateExportMenu(session.lanes(), *m_view, settings, *this);
    m_draw->setSingleShot(true);
    m_draw->setInterval(drawPause);
    m_count->setSingleShot(true);
    m_count->setInterval(400);
    connectControls();
    connectSession();
    connectLanes();
    refresh();
}

QWidget *GeneratePage::buildSide()
{
    auto *inner = new QWidget;
    auto *innerLayout = new QVBoxLayout(inner);
    innerLayout->setContentsMargins(0, 0, 0, 0);
    innerLayout->addWidget(m_panel);
    m_reason->setAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    return settingsColumn(inner, m_reason, {m_start, m_stop, m_continue});
}

QWidget *GeneratePage::buildResults()
{
    auto *sayRow = new QWidget;
    auto *sayLayout = new QHBoxLayout(sayRow);
    sayLayout->setContentsMargins(0, 0, 0, 0);
    sayLayout->setSpacing(Theme::spacing);
    sayLayout->addWidget(m_sayLine, 1);
    sayLayout->addWidget(m_say);
    m_sayLine->setPlaceholderText(tr("Say more…"));
    m_view = new GenerateView(m_session.lanes().all(), m_settings, sayRow);
    auto *results = new QWidget;
    auto *layout = new QVBoxLayout(results);
    layout->setContentsMargins(Theme::spacing, 0, 0, 0);
    layout->setSpacing(Theme::spacing);
    layout->addLayout(buildBar());
    layout->addWidget(m_view, 1);
    return results;
}

QHBoxLayout *GeneratePage::buildBar()
{
    auto *menu = new QMenu(m_export);
    m_export->setMenu(menu);
    m_export->setProperty("hasMenu", true); // the style sheet leaves room for the arrow
    connect(menu, &QMenu::aboutToShow, this, [this, menu] { m_exports->fill(menu); });
    auto *bar = new QHBoxLayout;
    bar->setSpacing(Theme::spacing);
    m_summary->setElideMode(Qt::ElideRight);
    bar->addWidget(m_summary, 1);
    bar->addWidget(m_again);
    bar->addWidget(m_clear);
    bar->addWidget(m_export);
    return bar;
}

void GeneratePage::connectControls()
{
    connect(m_start, &QPushButton::clicked, this, &GeneratePage::start);
    connect(m_stop, &QPushButton::clicked, &m_session, &Session::cancel);
    connect(m_continue, &QPushButton::clicked, this, [this] {
        messages()->dismiss();
        m_session.lanes().proceed(m_panel->settings().maxNewTokens);
    });
    connect(m_again, &QPushButton::clicked, this, [this] {
        messages()->dismiss();
        m_session.lanes().replay();
    });
    connect(m_clear, &QPushButton::clicked, this, [this] {
        messages()->dismiss();
        m_session.lanes().clear();
    });
    connect(m_say, &QPushButton::clicked, this, &GeneratePage::say);
    connect(m_sayLine, &QLineEdit::returnPressed, this, &GeneratePage::say);
    connect(m_sayLine, &QLineEdit::textChanged, this, &GeneratePage::refresh);
    connect(m_empty, &EmptyState::actionTriggered, this, &GeneratePage::loadRequested);
    connect(m_panel, &GeneratePanel::changed, this, &GeneratePage::refresh);
    connect(m_panel, &GeneratePanel::promptChanged, this, &GeneratePage::countTokens);
    connect(m_panel, &GeneratePanel::needleWanted, this, &GeneratePage::hideNeedle);
    connect(m_panel, &GeneratePanel::failed, this,
            [this](const QString &message) { messages()->showMessage(MessageBar::Kind::Error, message); });
    connect(m_exports, &GenerateExportMenu::folderChosen, this, &GeneratePage::exportAll);
}

void GeneratePage::connectSession()
{
    connect(m_count, &QTimer::timeout, this, [this] {
        if (m_session.modelInfo() && m_session.activity() == Session::Activity::Idle)
            m_session.tokenize(m_panel->prompt()->text());
        m_countWanted = false;
    });
    connect(&m_session, &Session::tokenized, this,
            [this](const QString &text, const QVector<int> &ids) { showCount(text, ids.size()); });
    connect(&m_session.lanes(), &LaneSession::needleHidden, this, [this](const HiddenNeedle &hidden) {
        m_panel->showHidden(hidden);
        m_expected = hidden.answer;
    });
    connect(&m_session.scores(), &ScoreLibrary::added, m_panel, &GeneratePanel::takeSets);
    connect(&m_session.scores(), &ScoreLibrary::removed, m_panel, &GeneratePanel::takeSets);
    connect(&m_session, &Session::activityChanged, this, &GeneratePage::refresh);
    connect(&m_session, &Session::modelChanged, this, [this] {
        countTokens();
        refresh();
    });
}

void GeneratePage::connectLanes()
{
    connect(m_draw, &QTimer::timeout, this, [this] { drawLanes(false); });
    const LaneSession &lanes = m_session.lanes();
    connect(&lanes, &LaneSession::started, this, &GeneratePage::beginLanes);
    connect(&lanes, &LaneSession::cleared, this, &GeneratePage::beginLanes);
    connect(&lanes, &LaneSession::added, this, [this] {
        beginLanes();
        drawLanes(true);
    });
    connect(&lanes, &LaneSession::promptReady, this, [this] {
        m_view->showPrompt();
        showSummary();
    });
    connect(&lanes, &LaneSession::changed, this, &GeneratePage::laneChanged);
    connect(&m_session, &Session::progressChanged, this, [this](const JobProgress &progress) {
        if (m_session.activity() == Session::Activity::Generating && progress.total > 0)
            m_view->showProgress(progress.done / progress.total);
    });
    connect(&lanes, &LaneSession::finished, this, [this] {
        for (int lane = 0; lane < static_cast<int>(m_session.lanes().all().size()); ++lane)
            laneChanged(lane);
        drawLanes(true);
        refresh();
    });
}

Chart *GeneratePage::exportChart() const
{
    if (m_session.lanes().all().empty())
        return nullptr;
    for (const auto &[name, chart] : m_view->figures()) {
        if (chart->hasFocus())
            return chart;
    }
    const QList<Chart *> common = m_view->charts()->charts();
    return common.isEmpty() ? nullptr : common.first();
}

bool GeneratePage::isSettled() const
{
    return !m_draw->isActive() && m_view->isSettled() && !m_count->isActive() && !m_countWanted && !isExporting();
}

QString GeneratePage::summary() const { return m_summary->text(); }

QString GeneratePage::problem() const
{
    if (QString busy = busyProblem(m_session); !busy.isEmpty())
        return busy;
    const QString model = modelProblem(m_session);
    return model.isEmpty() ? m_panel->problem(*m_session.modelInfo()) : model;
}

void GeneratePage::refresh()
{
    const QString busy = busyProblem(m_session);
    const QString model = modelProblem(m_session);
    const bool generating = m_session.activity() == Session::Activity::Generating;
    const auto either = [](const QString &first, const QString &second) { return first.isEmpty() ? second : first; };
    const QString why = problem();
    setRunnable(m_start, why, tr("Give the prompt to each lane, one after another"));
    m_reason->setText(why.isEmpty() || generating ? QString() : why + QLatin1Char('.'));
    setRunnable(m_stop, generating ? QString() : tr("No lane runs"), tr("Stop; what was written stays"));
    setRunnable(m_continue,
                either(busy, m_session.lanes().canProceed()
                                 ? QString()
                                 : tr("No lane was stopped or has reached its limit of tokens")),
                tr("Go on where the lanes stopped, as if they had not; with as many new tokens more where a lane has "
                   "reached its limit"));
    const QString unsaid = m_session.lanes().canSay() ? QString() : tr("No lane has a conversation to go on with");
    setRunnable(m_sayLine, either(busy, unsaid), tr("The next turn of the conversation, in each lane"));
    setRunnable(
        m_say,
        either(either(busy, unsaid), m_sayLine->text().trimmed().isEmpty() ? tr("Write what to say first") : QString()),
        tr("The next turn of the conversation, in each lane"));
    setRunnable(m_panel, generating ? tr("The lanes run with these settings") : QString(), {});
    setRunnable(m_panel->hideButton(), either(busy, model),
                tr("Write a long text into the prompt that hides a sentence, and ask for it"));
    const bool lanes = !m_session.lanes().all().empty();
    setRunnable(m_again, either(busy, model), tr("Run these lanes anew: the same prompt, the same settings"));
    setRunnable(m_clear, busy, tr("Take the lanes away"));
    m_stack->setCurrentIndex(lanes ? 1 : 0);
    const bool hasModel = m_session.modelInfo() != nullptr;
    m_empty->setTitle(hasModel ? tr("Nothing is written yet") : tr("No model is loaded"));
    m_empty->setText(hasModel
                         ? tr("Write a prompt at the left, or hide a needle in a long text, choose up to four "
                              "methods, and press Start: the lanes answer side by side while their memory and "
                              "speed are measured.")
                         : tr("The lanes ask a model; load one first. A report of headkv generate opens without."));
    m_empty->setAction(hasModel ? QString() : tr("Load the default model"));
    m_empty->actionButton()->setEnabled(busy.isEmpty());
}

void GeneratePage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    m_view->board()->prepare();
    if (m_countWanted)
        m_count->start();
}

void GeneratePage::countTokens()
{
    const auto info = m_session.modelInfo();
    m_panel->setTokenCount(std::nullopt, 0);
    m_countWanted = info && !m_panel->prompt()->isEmpty();
    m_count->stop();
    if (m_countWanted && isVisible())
        m_count->start();
}

void GeneratePage::showCount(const QString &text, qsizetype count)
{
    const auto info = m_session.modelInfo();
    if (!info || text != m_panel->prompt()->text())
        return; // of another text, or an answer that came too late
    m_panel->setTokenCount(count, info->contextLength);
    refresh();
}

void GeneratePage::start()
{
    messages()->dismiss();
    m_needle = m_panel->prompt()->needle();
    m_laneExpected = m_needle.isEmpty() ? QString() : m_expected;
    m_session.lanes().start(m_panel->request());
}

void GeneratePage::say()
{
    if (!m_say->isEnabled())
        return;
    messages()->dismiss();
    m_needle.clear();
    m_laneExpected.clear();
    m_session.lanes().say(m_sayLine->text(), m_panel->settings());
    m_sayLine->clear();
}

void GeneratePage::beginLanes()
{
    m_changed.clear();
    m_draw->stop();
    const auto info = m_session.modelInfo();
    m_view->begin(m_needle, info ? ModelSize{info->contextLength, info->weightBytes} : ModelSize());
    showSummary();
    refresh();
}

void GeneratePage::laneChanged(int lane)
{
    m_view->showText(lane);
    m_changed.insert(lane);
    const Lane &changed = m_session.lanes().all()[static_cast<std::size_t>(lane)];
    if (changed.state == LaneState::Failed && !changed.problem.isEmpty()) {
        const QString problem = laneTitle(changed.settings) + QStringLiteral(": ") + changed.problem;
        if (messages()->text() != problem)
            messages()->showMessage(MessageBar::Kind::Error, problem);
    }
    if (!m_draw->isActive())
        m_draw->start();
}

void GeneratePage::drawLanes(bool ended)
{
    for (int lane = 0; ended && lane < static_cast<int>(m_session.lanes().all().size()); ++lane)
        m_changed.insert(lane);
    m_view->refresh({m_changed.begin(), m_changed.end()}, ended);
    m_changed.clear();
    if (ended)
        m_draw->stop();
}

void GeneratePage::showSummary()
{
    const auto &lanes = m_session.lanes().all();
    if (lanes.empty())
        return m_summary->clear();
    QStringList parts;
    const auto known = std::ranges::find_if(lanes, [](const Lane &lane) { return lane.prompt != nullptr; });
    const bool opened = std::ranges::all_of(lanes, [](const Lane &lane) { return lane.state == LaneState::Opened; });
    if (opened)
        parts << tr("From files");
    else if (known != lanes.end())
        parts << tr("Prompt of %1 tokens").arg(formatCount(static_cast<qint64>(known->prompt->ids.size())));
    if (lanes.front().turn > 0)
        parts << tr("turn %1").arg(lanes.front().turn + 1);
    if (!m_laneExpected.isEmpty() && !opened)
        parts << tr("expected answer: %1").arg(m_laneExpected);
    m_summary->setText(parts.join(QStringLiteral(" · ")));
}

void GeneratePage::hideNeedle()
{
    const auto info = m_session.modelInfo();
    NeedleDialog dialog(info ? info->contextLength : 0, this);
    if (dialog.exec() != QDialog::Accepted)
        return;
    messages()->dismiss();
    try {
        m_session.lanes().hideNeedle(dialog.request());
    } catch (const Error &error) {
        messages()->showMessage(MessageBar::Kind::Error, QString::fromUtf8(error.what()));
    }
}

ExportItems GeneratePage::exportItems()
{
    drawLanes(m_session.activity() != Session::Activity::Generating);
    return m_exports->items();
}

void GeneratePage::exportAll(const QString &folder) { m_exports->write(exportItems(), folder); }

bool GeneratePage::isExporting() const { return m_exports->isRunning(); }

} // namespace headkv
