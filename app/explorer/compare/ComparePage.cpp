// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/compare/ComparePage.h"

#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/StartProblem.h"
#include "app/explorer/compare/CompareView.h"
#include "app/explorer/compare/TaskPanel.h"
#include "app/explorer/compare/VariantPanel.h"
#include "app/figures/EvaluationHtml.h"
#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "sessions/EvaluationSession.h"
#include "sessions/Session.h"
#include "sessions/SessionReports.h"
#include "widgets/Formats.h"
#include "widgets/charts/Chart.h"
#include "widgets/controls/ElidedLabel.h"
#include "widgets/controls/EmptyState.h"
#include "widgets/controls/MessageBar.h"
#include "widgets/theme/Theme.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <nlohmann/json.hpp>

namespace headkv {

namespace {

QString count(std::size_t number) { return formatCount(static_cast<qint64>(number)); }

} // namespace

ComparePage::ComparePage(Session &session, QSettings &settings, QWidget *parent)
    : Page(parent)
    , m_session(session)
    , m_settings(settings)
    , m_tasks(new TaskPanel(settings))
    , m_variants(new VariantPanel(session.scores()))
    , m_view(new CompareView(session.evaluation(), settings))
    , m_empty(new EmptyState(QStringLiteral("compare"), {}, {}))
    , m_stack(new QStackedWidget)
    , m_estimate(named(new QLabel, tr("What the evaluation will cost")))
    , m_summary(named(new ElidedLabel, tr("What was evaluated")))
    , m_start(iconButton(QStringLiteral("play"), tr("&Start"), {}))
    , m_resume(iconButton(QStringLiteral("resume"), tr("&Resume"), {}))
    , m_cancel(iconButton(QStringLiteral("cancel"), tr("&Cancel"), {}))
    , m_open(iconButton(QStringLiteral("folder"), tr("&Open report…"), {}))
    , m_save(iconButton(QStringLiteral("save"), tr("Save re&port…"), {}))
    , m_page(iconButton(QStringLiteral("export"), tr("Write pa&ge…"), {}))
{
    auto *split = new QSplitter(Qt::Horizontal);
    split->addWidget(buildSide());
    split->addWidget(buildResults());
    split->setStretchFactor(1, 1);
    split->setSizes({350, 800});
    split->setChildrenCollapsible(false);
    setContent(split);
    connectControls();
    connectSession();
    refresh();
}

QWidget *ComparePage::buildSide()
{
    m_side = new QWidget;
    auto *panels = new QVBoxLayout(m_side);
    panels->setContentsMargins(0, 0, 0, 0);
    panels->setSpacing(2 * Theme::spacing);
    panels->addWidget(m_tasks);
    panels->addWidget(m_variants);
    panels->addStretch();
    return settingsColumn(m_side, m_estimate, {m_start, m_resume, m_cancel});
}

QWidget *ComparePage::buildResults()
{
    auto *top = new QHBoxLayout;
    top->setSpacing(Theme::spacing);
    m_summary->setElideMode(Qt::ElideRight);
    top->addWidget(m_summary, 1);
    for (QPushButton *button : {m_open, m_save, m_page})
        top->addWidget(button);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_view);
    auto *box = new QWidget;
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing);
    layout->addLayout(top);
    layout->addWidget(m_stack, 1);
    return box;
}

void ComparePage::connectControls()
{
    connect(m_start, &QPushButton::clicked, this, &ComparePage::start);
    connect(m_resume, &QPushButton::clicked, this, [this] {
        messages()->dismiss();
        m_session.evaluation().resume();
    });
    connect(m_cancel, &QPushButton::clicked, &m_session, &Session::cancel);
    connect(m_open, &QPushButton::clicked, this, &ComparePage::openRequested);
    connect(m_save, &QPushButton::clicked, this, &ComparePage::saveReport);
    connect(m_page, &QPushButton::clicked, this, &ComparePage::savePage);
    connect(m_empty, &EmptyState::actionTriggered, this, &ComparePage::loadRequested);
    connect(m_empty, &EmptyState::secondActionTriggered, this, &ComparePage::openRequested);
    connect(m_tasks, &TaskPanel::changed, this, &ComparePage::refresh);
    connect(m_tasks, &TaskPanel::failed, this,
            [this](const QString &message) { messages()->showMessage(MessageBar::Kind::Error, message); });
    connect(m_variants, &VariantPanel::changed, this, &ComparePage::refresh);
    connect(m_view, &CompareView::figureChanged, this, &ComparePage::figureChanged);
}

void ComparePage::connectSession()
{
    connect(&m_session, &Session::activityChanged, this, &ComparePage::refresh);
    connect(&m_session, &Session::modelChanged, this, [this] {
        m_variants->setModel(m_session.modelInfo());
        refresh();
    });
    connect(&m_session, &Session::progressChanged, this, &ComparePage::showProgress);
    const EvaluationSession &evaluation = m_session.evaluation();
    connect(&evaluation, &EvaluationSession::started, this, [this] {
        m_stack->setCurrentWidget(hasResults() ? static_cast<QWidget *>(m_view) : m_empty); // it may have been cleared
        showSummary();
        Q_EMIT figureChanged();
    });
    tellOf(m_session.evaluation().watch(), [&evaluation] {
        return Standing{evaluation.run().results.size(), evaluation.run().answers(), tr("answers")};
    });
    connect(&evaluation, &EvaluationSession::answered, this, &ComparePage::showSummary);
    connect(&evaluation, &EvaluationSession::finished, this, &ComparePage::tellEnd);
    connect(&evaluation, &EvaluationSession::saved, this, [this](const QString &path) {
        messages()->showMessage(MessageBar::Kind::Info, tr("The report is in %1.").arg(path));
    });
}

Chart *ComparePage::exportChart() const
{
    Chart *figure = hasResults() ? m_view->figure() : nullptr;
    return figure && !figure->isEmpty() ? figure : nullptr;
}

ExportItems ComparePage::exportItems()
{
    if (!hasResults())
        return {};
    ExportItems items = m_view->exportItems();
    if (auto report = evaluationReport(m_session.evaluation())) {
        items.add(QStringLiteral("evaluation.json"), report);
        items.files.push_back(
            {QStringLiteral("evaluation.html"), [this](const QString &path) { return writePage(path); }});
    }
    return items;
}

bool ComparePage::isSettled() const { return m_view->isSettled(); }

bool ComparePage::hasResults() const { return !m_session.evaluation().run().tasks.empty(); }

QString ComparePage::problem() const
{
    if (QString busy = busyProblem(m_session); !busy.isEmpty())
        return busy;
    if (QString model = modelProblem(m_session); !model.isEmpty())
        return model;
    if (QString tasks = m_tasks->problem(m_session.modelInfo()->contextLength); !tasks.isEmpty())
        return tasks;
    return m_variants->problem();
}

QString ComparePage::resumeProblem() const
{
    const EvaluationSession &evaluation = m_session.evaluation();
    if (QString busy = busyProblem(m_session); !busy.isEmpty())
        return busy;
    if (!hasResults())
        return tr("No evaluation was cancelled or opened");
    if (evaluation.run().results.size() >= evaluation.run().answers())
        return tr("All answers are there");
    if (QString model = modelProblem(m_session); !model.isEmpty())
        return model;
    return evaluation.canResume() ? QString() : tr("The loaded model is not the one that gave these answers");
}

QString ComparePage::saveProblem() const
{
    if (QString busy = busyProblem(m_session); !busy.isEmpty())
        return busy;
    if (m_session.evaluation().run().results.empty())
        return tr("There are no answers yet");
    return m_session.evaluation().canSave() ? QString() : tr("Nothing has been added to the report that was opened");
}

void ComparePage::refresh()
{
    const QString why = problem();
    const bool running = m_session.activity() == Session::Activity::Evaluating;
    setRunnable(m_start, why, tr("Put the same questions to all methods and budgets"));
    setRunnable(m_resume, resumeProblem(), tr("Go on with the answers that are missing, with the run's own settings"));
    setRunnable(m_cancel, running ? QString() : tr("No evaluation runs"), tr("Stop; the answers so far stay"));
    setRunnable(m_side, running ? tr("An evaluation runs with these settings") : QString(), {});
    setRunnable(m_open, busyProblem(m_session), tr("Open a report of headkv evaluate; it needs no model"));
    setRunnable(m_save, saveProblem(),
                tr("Write all answers as headkv evaluate does; an unfinished report can be opened and resumed"));
    const QString busy = busyProblem(m_session);
    setRunnable(m_page,
                !busy.isEmpty()                                ? busy
                : m_session.evaluation().run().results.empty() ? tr("There are no answers yet")
                                                               : QString(),
                tr("Write one HTML page with table, figures, settings and answers, as headkv report does"));
    showEmpty();
    if (!running)
        showEstimate(why);
}

void ComparePage::showEmpty()
{
    const bool hasModel = m_session.modelInfo() != nullptr;
    const bool running = m_session.activity() == Session::Activity::Evaluating;
    m_empty->setTitle(running    ? tr("Reading the questions…")
                      : hasModel ? tr("Nothing has been compared")
                                 : tr("No model is loaded"));
    m_empty->setText(hasModel ? tr("Choose tasks and methods and press Start: every method answers the same questions "
                                   "at every budget, and each prompt is read only once for all of them.")
                              : tr("An evaluation asks a model; load one first. A report can be looked at without."));
    m_empty->setAction(hasModel ? QString() : tr("Load the default model"));
    m_empty->setSecondAction(running ? QString() : tr("Open a report…"));
    const bool idle = m_session.activity() == Session::Activity::Idle;
    m_empty->actionButton()->setEnabled(idle);
    m_empty->secondActionButton()->setEnabled(idle);
}

void ComparePage::showEstimate(const QString &problem)
{
    if (!problem.isEmpty()) {
        m_estimate->setText(problem + QLatin1Char('.'));
        return;
    }
    const std::size_t cases = m_tasks->cases(), variants = m_variants->count();
    const int files = m_tasks->fileCount();
    QString text = tr("%1 questions × %2 methods and budgets: %3 answers.")
                       .arg(count(cases), count(variants), count(cases * variants));
    if (files > 0)
        text = cases > 0 ? text + QLatin1Char(' ') + tr("Besides, those of %n file(s).", nullptr, files)
                         : tr("The questions of %1 files × %2 methods and budgets.").arg(files).arg(variants);
    m_estimate->setText(text);
}

/// While it runs: how far the evaluation is, in the place of the estimate.
void ComparePage::showProgress()
{
    if (m_session.activity() != Session::Activity::Evaluating)
        return;
    const JobProgress &progress = m_session.progress();
    const EvaluationRun &run = m_session.evaluation().run();
    if (progress.unit != QLatin1String("answers")) { // the questions are read first
        m_estimate->setText(tr("Reading the questions…"));
        return;
    }
    m_estimate->setText(tr("%1 of %2 answers%3.")
                            .arg(count(run.results.size()), formatCount(static_cast<qint64>(progress.total)),
                                 progress.remainingSeconds
                                     ? tr("; about %1 left").arg(formatDuration(*progress.remainingSeconds))
                                     : QString()));
}

void ComparePage::showSummary()
{
    if (!hasResults())
        return m_summary->clear();
    const StoredEvaluation &evaluation = m_session.evaluation().evaluation();
    const EvaluationRun &run = evaluation.run;
    m_summary->setText(tr("%1 · %2 of %3 answers · compressed once the %4 was read")
                           .arg(QString::fromStdString(evaluation.model.name), count(run.results.size()),
                                count(run.answers()),
                                run.moment == CompressionMoment::Question ? tr("question") : tr("context")));
}

void ComparePage::start()
{
    messages()->dismiss();
    EvaluationRequest request;
    m_tasks->fill(request);
    m_variants->fill(request);
    try {
        m_tasks->fillHaystack(request);
    } catch (const Error &error) {
        messages()->showMessage(MessageBar::Kind::Error, QString::fromUtf8(error.what()));
        return;
    }
    m_session.evaluation().start(std::move(request));
}

/// What the table does not show: that lines were left out.
void ComparePage::tellEnd(bool /*cancelled*/)
{
    refresh();
    if (!hasResults())
        return;
    showSummary();
    const std::vector<std::string> &skipped = m_session.evaluation().run().skipped;
    if (!skipped.empty())
        messages()->showMessage(MessageBar::Kind::Warning,
                                skipped.size() == 1
                                    ? tr("One line was left out: %1.").arg(QString::fromStdString(skipped.front()))
                                    : tr("%1 lines were left out, first %2.")
                                          .arg(count(skipped.size()), QString::fromStdString(skipped.front())));
    Q_EMIT figureChanged();
}

QString ComparePage::chooseFile(const QString &title, const QString &name, const QString &filter)
{
    const QString key = QStringLiteral("exportFolder");
    QString path =
        QFileDialog::getSaveFileName(this, title, m_settings.value(key).toString() + QLatin1Char('/') + name, filter);
    if (path.isEmpty())
        return {};
    if (QFileInfo(path).suffix().isEmpty())
        path += QLatin1Char('.') + QFileInfo(name).suffix();
    m_settings.setValue(key, QFileInfo(path).absolutePath());
    return path;
}

void ComparePage::saveReport()
{
    const QString path = chooseFile(tr("Save the report"), QStringLiteral("evaluation.json"), tr("Reports (*.json)"));
    if (!path.isEmpty())
        m_session.evaluation().save(path);
}

QString ComparePage::writePage(const QString &path) const
{
    try {
        writeFileAtomically(path.toStdString(), evaluationHtml(m_session.evaluation().evaluation()).toStdString());
    } catch (const Error &error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

void ComparePage::savePage()
{
    const QString path = chooseFile(tr("Write a page"), QStringLiteral("evaluation.html"), tr("Web pages (*.html)"));
    if (path.isEmpty())
        return;
    QGuiApplication::setOverrideCursor(Qt::WaitCursor);
    const QString error = writePage(path);
    QGuiApplication::restoreOverrideCursor();
    if (error.isEmpty())
        messages()->showMessage(MessageBar::Kind::Info, tr("The page is in %1.").arg(path));
    else
        messages()->showMessage(MessageBar::Kind::Error, error);
}

QString ComparePage::estimate() const { return m_estimate->text(); }

QString ComparePage::summary() const { return m_summary->text(); }

} // namespace headkv
