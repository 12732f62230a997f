// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/probe/ProbePage.h"

#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/StartProblem.h"
#include "app/explorer/probe/ProbeRunView.h"
#include "app/explorer/probe/ProbeSettingsPanel.h"
#include "core/base/Error.h"
#include "sessions/Session.h"
#include "widgets/Formats.h"
#include "widgets/charts/HeatmapView.h"
#include "widgets/charts/ProbeGridView.h"
#include "widgets/controls/EmptyState.h"
#include "widgets/controls/MessageBar.h"
#include "widgets/theme/Theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>

namespace headkv {

namespace {
const QString startTip = QStringLiteral("Ask the model about each needle and score its heads");
} // namespace

ProbePage::ProbePage(Session &session, QSettings &settings, QWidget *parent)
    : Page(parent)
    , m_session(session)
    , m_panel(new ProbeSettingsPanel)
    , m_run(new ProbeRunView(session, settings))
    , m_empty(new EmptyState(QStringLiteral("probe"), {}, {}))
    , m_stack(new QStackedWidget)
    , m_estimate(named(new QLabel, tr("What the probe will cost")))
    , m_start(iconButton(QStringLiteral("play"), tr("&Start"), startTip))
    , m_cancel(iconButton(QStringLiteral("cancel"), tr("&Cancel"), {}))
    , m_delay(new QTimer(this))
{
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_run);
    auto *split = new QSplitter(Qt::Horizontal);
    split->addWidget(buildSettings());
    split->addWidget(m_stack);
    split->setStretchFactor(1, 1);
    split->setSizes({350, 800});
    split->setChildrenCollapsible(false);
    setContent(split);
    m_delay->setSingleShot(true);
    m_delay->setInterval(250);
    connect(m_delay, &QTimer::timeout, this, &ProbePage::estimate);
    connect(m_start, &QPushButton::clicked, this, &ProbePage::start);
    connect(m_cancel, &QPushButton::clicked, &session, &Session::cancel);
    connect(m_empty, &EmptyState::actionTriggered, this, &ProbePage::loadRequested);
    connect(m_panel, &ProbeSettingsPanel::changed, this, &ProbePage::refresh);
    connect(m_panel, &ProbeSettingsPanel::failed, this,
            [this](const QString &message) { messages()->showMessage(MessageBar::Kind::Error, message); });
    connect(&session, &Session::activityChanged, this, &ProbePage::refresh);
    connect(&session, &Session::modelChanged, this, &ProbePage::refresh);
    connect(&session, &Session::probeEstimated, this, &ProbePage::showEstimate);
    connect(&session, &Session::probeStarted, this, [this] { m_stack->setCurrentWidget(m_run); });
    refresh();
}

QWidget *ProbePage::buildSettings()
{
    auto *inner = new QWidget;
    auto *innerLayout = new QVBoxLayout(inner);
    innerLayout->setContentsMargins(0, 0, 0, 0);
    innerLayout->addWidget(m_panel);
    m_estimate->setWordWrap(true);
    m_estimate->setMinimumHeight(2 * m_estimate->fontMetrics().lineSpacing());
    m_start->setDefault(true);
    m_start->setIcon({}); // the line icons take the text's colour, which does not show on a default button
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(Theme::spacing);
    buttons->addWidget(m_start, 1);
    buttons->addWidget(m_cancel, 1);
    auto *side = new QWidget;
    side->setMinimumWidth(330);
    auto *layout = new QVBoxLayout(side);
    layout->setContentsMargins(0, 0, Theme::spacing, 0);
    layout->setSpacing(Theme::spacing);
    layout->addWidget(scrolled(inner), 1);
    layout->addWidget(m_estimate);
    layout->addLayout(buttons);
    return side;
}

Chart *ProbePage::exportChart() const { return m_run->grid()->isEmpty() ? nullptr : m_run->grid(); }

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
        m_session.estimateProbe(m_panel->settings());
    } catch (const Error &error) {
        m_estimate->setText(QString::fromUtf8(error.what()));
    }
}

void ProbePage::showEstimate(const ProbeEstimate &estimate)
{
    if (!problem().isEmpty())
        return;
    m_estimate->setText(tr("%1 cases, %2 tokens to read and up to %3 to write: about %4%5.")
                            .arg(formatCount(static_cast<qint64>(estimate.cases)),
                                 formatCount(static_cast<qint64>(estimate.prefillTokens)),
                                 formatCount(static_cast<qint64>(estimate.decodeTokens)),
                                 formatDuration(estimate.seconds),
                                 estimate.measured ? QString() : tr(" (a rule of thumb)")));
}

void ProbePage::start()
{
    messages()->dismiss();
    try {
        m_session.startProbe(m_panel->settings());
    } catch (const Error &error) {
        messages()->showMessage(MessageBar::Kind::Error, QString::fromUtf8(error.what()));
    }
}

} // namespace headkv
