// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/probe/ProbePage.h"

#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/StartProblem.h"
#include "app/explorer/common/TableCopy.h"
#include "app/explorer/probe/CaseInspector.h"
#include "app/explorer/probe/CasePanel.h"
#include "app/explorer/probe/NeedleEditor.h"
#include "app/explorer/probe/ProbeRunView.h"
#include "app/explorer/probe/ProbeSettingsPanel.h"
#include "core/base/Error.h"
#include "sessions/CaseTableModel.h"
#include "sessions/NeedleTableModel.h"
#include "sessions/ProbeSession.h"
#include "sessions/Session.h"
#include "sessions/SessionReports.h"
#include "widgets/Formats.h"
#include "widgets/charts/HeatmapView.h"
#include "widgets/charts/ProbeGridView.h"
#include "widgets/controls/EmptyState.h"
#include "widgets/controls/MessageBar.h"
#include "widgets/text/TokenStrip.h"
#include "widgets/theme/Theme.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

namespace headkv {

namespace {
const QString startTip = QStringLiteral("Ask the model about each needle and score its heads");
} // namespace

ProbePage::ProbePage(Session &session, QSettings &settings, QWidget *parent)
    : Page(parent)
    , m_session(session)
    , m_panel(new ProbeSettingsPanel)
    , m_run(new ProbeRunView(session, settings))
    , m_inspector(new CaseInspector(session, settings))
    , m_empty(new EmptyState(QStringLiteral("probe"), {}, {}))
    , m_stack(new QStackedWidget)
    , m_estimate(named(new QLabel, tr("What the probe will cost")))
    , m_start(iconButton(QStringLiteral("play"), tr("&Start"), startTip))
    , m_resume(iconButton(QStringLiteral("resume"), tr("&Resume"), {}))
    , m_cancel(iconButton(QStringLiteral("cancel"), tr("&Cancel"), {}))
    , m_delay(new QTimer(this))
{
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_run);
    m_stack->addWidget(m_inspector);
    auto *split = new QSplitter(Qt::Horizontal);
    split->addWidget(buildSettings());
    split->addWidget(m_stack);
    split->setStretchFactor(1, 1);
    split->setSizes({350, 800});
    split->setChildrenCollapsible(false);
    setContent(split);
    m_delay->setSingleShot(true);
    m_delay->setInterval(250);
    connectControls();
    connectSession();
    refresh();
}

void ProbePage::connectControls()
{
    connect(m_delay, &QTimer::timeout, this, &ProbePage::estimate);
    connect(m_start, &QPushButton::clicked, this, &ProbePage::start);
    connect(m_resume, &QPushButton::clicked, &m_session.probe(), &ProbeSession::resume);
    connect(m_cancel, &QPushButton::clicked, &m_session, &Session::cancel);
    connect(m_run->cases(), &CasePanel::inspectRequested, this, &ProbePage::inspect);
    connect(m_run->cases(), &CasePanel::saveRequested, this, &ProbePage::saveReport);
    connect(m_inspector, &CaseInspector::closed, this, &ProbePage::closeInspector);
    connect(m_empty, &EmptyState::actionTriggered, this, &ProbePage::loadRequested);
    connect(m_panel, &ProbeSettingsPanel::changed, this, &ProbePage::refresh);
    connect(m_panel, &ProbeSettingsPanel::failed, this,
            [this](const QString &message) { messages()->showMessage(MessageBar::Kind::Error, message); });
    connect(m_panel->needles(), &NeedleEditor::changed, this, &ProbePage::countTokens);
    connect(messages(), &MessageBar::actionTriggered, this, [this] {
        if (std::exchange(m_offersForced, false)) {
            m_panel->setScoring(ProbeScoring::Forced);
            messages()->dismiss();
        }
    });
}

void ProbePage::connectSession()
{
    connect(&m_session, &Session::activityChanged, this, &ProbePage::refresh);
    connect(&m_session, &Session::modelChanged, this, &ProbePage::refresh);
    connect(&m_session, &Session::progressChanged, this, &ProbePage::showRunning);
    connect(&m_session, &Session::notice, this, [this](const QString &notice) { m_notice = notice; });
    NeedleTableModel *needles = m_panel->needles()->model();
    connect(&m_session, &Session::tokensCounted, needles, &NeedleTableModel::addCounts);
    connect(&m_session, &Session::modelChanged, this, [this, needles] {
        needles->clearCounts();
        countTokens();
    });
    ProbeSession &probe = m_session.probe();
    tellOf(probe.watch(), [&probe] {
        return Standing{probe.results().size(), probe.cases() ? probe.cases()->size() : 0, tr("cases")};
    });
    connect(&probe, &ProbeSession::estimated, this, &ProbePage::showEstimate);
    for (const auto signal : {&ProbeSession::started, &ProbeSession::resumed})
        connect(&probe, signal, this, [this] { m_stack->setCurrentWidget(m_run); });
    connect(&probe, &ProbeSession::finished, this, &ProbePage::warnOfFewPasses);
    connect(&probe, &ProbeSession::finished, this, &ProbePage::refresh); // an opened one may be unfinished
    connect(&probe, &ProbeSession::saved, this, [this](const QString &path) {
        messages()->showMessage(MessageBar::Kind::Info, tr("The report is in %1.").arg(path));
    });
    connect(&probe, &ProbeSession::cleared, this, [this] {
        m_stack->setCurrentWidget(m_empty);
        refresh();
    });
}

QWidget *ProbePage::buildSettings()
{
    auto *inner = new QWidget;
    auto *innerLayout = new QVBoxLayout(inner);
    innerLayout->setContentsMargins(0, 0, 0, 0);
    innerLayout->addWidget(m_panel);
    return settingsColumn(inner, m_estimate, {m_start, m_resume, m_cancel});
}

Chart *ProbePage::exportChart() const
{
    Chart *chart = m_run->grid();
    if (isInspecting())
        chart = m_inspector->heatmap();
    return chart->isEmpty() ? nullptr : chart;
}

ExportItems ProbePage::exportItems()
{
    ExportItems items;
    items.add(m_run->grid());
    items.add(m_run->heatmap());
    if (isInspecting())
        items.add(m_inspector->heatmap());
    if (const CaseTableModel *cases = m_run->cases()->model(); cases->rowCount() > 0)
        items.add(QStringLiteral("cases.csv"), [cases] { return tableText(*cases, false); });
    items.add(QStringLiteral("probe.json"), probeReport(m_session.probe()));
    return items;
}

bool ProbePage::isInspecting() const { return m_stack->currentWidget() == m_inspector; }

void ProbePage::saveReport()
{
    const QString path = QFileDialog::getSaveFileName(this, tr("Save the probe's report"), QStringLiteral("probe.json"),
                                                      tr("Reports (*.json)"));
    if (!path.isEmpty())
        m_session.probe().save(path);
}

void ProbePage::inspect(std::size_t caseIndex)
{
    m_stack->setCurrentWidget(m_inspector);
    m_inspector->open(caseIndex, m_run->cases()->order());
    m_inspector->strip()->setFocus();
}

void ProbePage::closeInspector()
{
    if (!isInspecting())
        return;
    if (m_session.activity() == Session::Activity::Inspecting)
        m_session.cancel();
    m_stack->setCurrentWidget(m_run);
    m_run->cases()->choose(m_inspector->caseIndex());
    m_run->cases()->table()->setFocus();
}

bool ProbePage::isSettled() const { return !m_delay->isActive() && !m_estimateWanted; }

QString ProbePage::problem() const
{
    if (QString busy = busyProblem(m_session); !busy.isEmpty())
        return busy;
    if (QString model = modelProblem(m_session); !model.isEmpty())
        return model;
    return m_panel->problem(m_session.modelInfo()->contextLength);
}

void ProbePage::refresh()
{
    const QString why = problem();
    const bool probing = m_session.activity() == Session::Activity::Probing;
    setRunnable(m_start, why, startTip);
    const QString busy = busyProblem(m_session);
    setRunnable(m_resume,
                !busy.isEmpty()                 ? busy
                : m_session.probe().canResume() ? QString()
                                                : tr("No probe of this model was cancelled"),
                tr("Go on with the cases that the cancelled probe left, with its own settings"));
    setRunnable(m_cancel, probing ? QString() : tr("No probe runs"), tr("Stop; finished cases and their scores stay"));
    setRunnable(m_panel, probing ? tr("A probe runs with these settings") : QString(), {});
    const bool hasModel = m_session.modelInfo() != nullptr;
    m_empty->setTitle(hasModel ? tr("No probe has run") : tr("No model is loaded"));
    m_empty->setText(hasModel
                         ? tr("Press Start: needles are hidden in the haystack at each length and depth, the model is "
                              "asked about them, and its heads are scored by where they look while it answers.")
                         : tr("A probe asks a model; load one first."));
    m_empty->setAction(hasModel ? QString() : tr("Load the default model"));
    m_empty->actionButton()->setEnabled(m_session.activity() == Session::Activity::Idle);
    m_estimateWanted = why.isEmpty();
    m_delay->stop();
    if (!why.isEmpty())
        m_estimate->setText(why + QLatin1Char('.'));
    else if (isVisible())
        m_delay->start();
}

void ProbePage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    if (m_estimateWanted)
        m_delay->start();
}

void ProbePage::estimate()
{
    if (!problem().isEmpty())
        return;
    m_estimate->setText(tr("Estimating…"));
    m_estimateWanted = false;
    try {
        m_session.probe().estimate(m_panel->settings());
    } catch (const Error &error) {
        m_estimate->setText(QString::fromUtf8(error.what()));
    }
}

void ProbePage::showEstimate(const ProbeEstimate &estimate)
{
    if (!problem().isEmpty())
        return;
    const bool forced = m_panel->scoring() == ProbeScoring::Forced;
    m_estimate->setText((forced ? tr("%1 cases, %2 tokens to read and %3 of answers: about %4%5.")
                                : tr("%1 cases, %2 tokens to read and up to %3 to write: about %4%5."))
                            .arg(formatCount(static_cast<qint64>(estimate.cases)),
                                 formatCount(static_cast<qint64>(estimate.prefillTokens)),
                                 formatCount(static_cast<qint64>(estimate.decodeTokens)),
                                 formatDuration(estimate.seconds),
                                 estimate.measured ? QString() : tr(" (a rule of thumb)")));
}

/// While it runs: how far the probe is, in the place of the estimate.
void ProbePage::showRunning()
{
    if (m_session.activity() != Session::Activity::Probing)
        return;
    const auto cases = m_session.probe().cases();
    const auto &results = m_session.probe().results();
    const JobProgress &progress = m_session.progress();
    if (!cases || progress.total <= 0)
        return;
    const auto passed = std::ranges::count_if(results, [](const auto &result) { return result->passed; });
    m_estimate->setText(tr("%1 of %2 cases done, %3 passed%4.")
                            .arg(formatCount(static_cast<qint64>(results.size())),
                                 formatCount(static_cast<qint64>(cases->size())), formatCount(passed),
                                 progress.remainingSeconds
                                     ? tr("; about %1 left").arg(formatDuration(*progress.remainingSeconds))
                                     : QString()));
}

/// Live: a row's tokens follow what is typed into it.
void ProbePage::countTokens() { m_session.countTokens(m_panel->needles()->model()->uncounted()); }

/// Scores of few cases are those of chance: the page says so and offers what counts every case.
void ProbePage::warnOfFewPasses(bool /*cancelled*/)
{
    constexpr double fewShare = 0.2;
    const auto settings = m_session.probe().settings();
    const auto &results = m_session.probe().results();
    if (!settings || settings->scoring == ProbeScoring::Forced || results.empty())
        return;
    const auto passed = std::ranges::count_if(results, [](const auto &result) { return result->passed; });
    const double share = static_cast<double>(passed) / static_cast<double>(results.size());
    if (share >= fewShare)
        return;
    m_offersForced = true;
    const QString figure =
        passed == 0 && !m_notice.isEmpty()
            ? m_notice + QLatin1Char('.')
            : tr("%1 of %2 cases passed (%3), too few to say much about the heads.")
                  .arg(formatCount(passed), formatCount(static_cast<qint64>(results.size())), formatPercent(share));
    messages()->showMessage(MessageBar::Kind::Warning,
                            figure + QLatin1Char(' ') +
                                tr("Forced scoring feeds the right answer instead, so that every case counts."),
                            tr("Use forced scoring"));
}

void ProbePage::start()
{
    messages()->dismiss();
    m_offersForced = false;
    m_notice.clear();
    try {
        m_session.probe().start(m_panel->settings());
    } catch (const Error &error) {
        messages()->showMessage(MessageBar::Kind::Error, QString::fromUtf8(error.what()));
    }
}

} // namespace headkv
