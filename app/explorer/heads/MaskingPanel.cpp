// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/heads/MaskingPanel.h"

#include "app/explorer/common/ChartActions.h"
#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/StartProblem.h"
#include "app/explorer/common/TypedLists.h"
#include "core/probe/Haystack.h"
#include "core/probe/NeedleFile.h"
#include "sessions/ProbeSession.h"
#include "sessions/ScoreLibrary.h"
#include "sessions/Session.h"
#include "widgets/Formats.h"
#include "widgets/charts/LineChart.h"
#include "widgets/theme/Theme.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>

namespace headkv {

namespace {

LineSeries topSeries(const MaskingResult &result)
{
    LineSeries line;
    line.name = MaskingPanel::tr("Top k masked");
    line.points = true;
    for (const MaskingPoint &point : result.points) {
        line.x.push_back(point.heads);
        line.y.push_back(point.top);
    }
    return line;
}

LineSeries randomSeries(const MaskingResult &result)
{
    LineSeries line;
    line.name = MaskingPanel::tr("k random others masked, mean ± spread");
    line.points = true;
    for (const MaskingPoint &point : result.points) {
        line.x.push_back(point.heads);
        line.y.push_back(point.randomMean);
        line.errors.push_back(point.randomDeviation);
    }
    return line;
}

/// What the largest k of the test says.
QString verdictOf(const MaskingResult &result)
{
    if (result.points.empty())
        return MaskingPanel::tr("Recall with no head masked: %1 %.").arg(result.baseline, 0, 'f', 1);
    // At ten heads, where it was measured: what the field reports.
    const auto ten = std::ranges::find(result.points, 10, &MaskingPoint::heads);
    const MaskingPoint &point = ten != result.points.end() ? *ten : result.points.back();
    return MaskingPanel::tr("Over %1 cases: masking the top %2 takes %3 points of recall from %4 %, masking %2 random "
                            "ones %5 (± %6).")
        .arg(result.cases)
        .arg(point.heads)
        .arg(result.baseline - point.top, 0, 'f', 1)
        .arg(result.baseline, 0, 'f', 1)
        .arg(result.baseline - point.randomMean, 0, 'f', 1)
        .arg(point.randomDeviation, 0, 'f', 1);
}

} // namespace

MaskingPanel::MaskingPanel(Session &session, QSettings &settings, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
    , m_counts(new QLineEdit(QStringLiteral("1, 2, 5, 10, 20, 50")))
    , m_draws(new QSpinBox)
    , m_lengths(new QLineEdit(QStringLiteral("512")))
    , m_depths(new QLineEdit(QStringLiteral("3")))
    , m_needles(new QSpinBox)
    , m_start(iconButton(QStringLiteral("mask"), tr("&Test these heads"), {}))
    , m_cancel(iconButton(QStringLiteral("cancel"), tr("Cancel"), tr("Keep the points that are whole")))
    , m_bar(named(new QProgressBar, tr("Progress of the test")))
    , m_chart(named(new LineChart, tr("Recall by the number of masked heads")))
    , m_text(named(new QLabel, tr("What the test found")))
{
    m_draws->setRange(1, 100);
    m_draws->setValue(3);
    m_needles->setRange(1, 1000);
    m_needles->setValue(4);
    m_bar->setVisible(false);
    m_cancel->setVisible(false);
    m_chart->setTitle(tr("Recall with heads masked"));
    m_chart->setAxes(tr("Heads masked"), AxisKind::LogNumber, tr("Recall (%)"), AxisKind::Number);
    m_chart->setYRange(0, 102);
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    enableChartMenu(m_chart, settings, this);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(Theme::spacing);
    buttons->addWidget(m_start);
    buttons->addWidget(m_cancel);
    buttons->addWidget(m_bar, 1);
    buttons->addStretch();
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, Theme::spacing, 0, 0);
    layout->setSpacing(Theme::spacing);
    layout->addWidget(buildForm());
    layout->addLayout(buttons);
    layout->addWidget(m_text);
    layout->addWidget(m_chart, 1);
    connect(m_start, &QPushButton::clicked, this, &MaskingPanel::start);
    connect(m_cancel, &QPushButton::clicked, &session, &Session::cancel);
    connect(&session, &Session::activityChanged, this, &MaskingPanel::update);
    connect(&session, &Session::modelChanged, this, &MaskingPanel::update);
    connect(&session, &Session::progressChanged, this, &MaskingPanel::showProgress);
    connect(&session.probe(), &ProbeSession::maskingAdvanced, this, &MaskingPanel::show);
    update();
}

QWidget *MaskingPanel::buildForm()
{
    auto *form = new QWidget;
    auto *grid = new QGridLayout(form);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setSpacing(Theme::spacing);
    const auto add = [grid](int row, int column, QWidget *control, const QString &text, const QString &tip) {
        grid->addWidget(labelFor(control, text, tip), row, 2 * column);
        grid->addWidget(control, row, 2 * column + 1);
    };
    add(0, 0, m_counts, tr("Hea&ds"), tr("How many heads are masked at once, one test for each number"));
    add(0, 1, m_draws, tr("Dra&ws"), tr("How many times as many random heads are drawn, to see their spread"));
    add(1, 0, m_lengths, tr("Len&gths"), tr("Lengths of the haystack in tokens: 512, 1024 or 2x1024"));
    add(1, 1, m_depths, tr("Dept&hs"), tr("A number of depths, or the depths from 0 to 1"));
    add(2, 0, m_needles, tr("&Needles"),
        tr("How many facts are hidden and asked for: those of this session's probe, or the program's own"));
    grid->setColumnStretch(1, 2);
    grid->setColumnStretch(3, 1);
    for (QLineEdit *edit : {m_counts, m_lengths, m_depths})
        connect(edit, &QLineEdit::textChanged, this, &MaskingPanel::update);
    for (QSpinBox *box : {m_draws, m_needles})
        connect(box, &QSpinBox::valueChanged, this, &MaskingPanel::update);
    return form;
}

void MaskingPanel::setScoreSet(int index)
{
    m_set = index;
    update();
}

QString MaskingPanel::text() const { return m_text->text(); }

std::vector<Needle> MaskingPanel::needles() const
{
    const auto probe = m_session.probe().settings();
    const bool facts = probe && probe->kind != ProbeKind::Reasoning && !probe->needles.empty();
    std::vector<Needle> all = facts ? probe->needles : builtInNeedles(ProbeKind::Retrieval);
    all.resize(std::min(all.size(), static_cast<std::size_t>(m_needles->value())));
    return all;
}

MaskingSettings MaskingPanel::settings(QString &problem) const
{
    MaskingSettings masking;
    const TypedList<int> lengths = parseLengths(m_lengths->text());
    const TypedList<double> depths = parseDepths(m_depths->text());
    problem = !lengths.problem.isEmpty() ? lengths.problem : depths.problem;
    masking.counts.clear();
    for (const QString &word : m_counts->text().split(QLatin1Char(','), Qt::SkipEmptyParts)) {
        bool isNumber = false;
        masking.counts.push_back(word.trimmed().toInt(&isNumber));
        if (!isNumber || masking.counts.back() < 1)
            problem = tr("Heads: write whole numbers from 1, as 1, 2, 5");
    }
    if (masking.counts.empty())
        problem = tr("Heads: write how many to mask, as 1, 2, 5");
    std::ranges::sort(masking.counts);
    masking.counts.erase(std::unique(masking.counts.begin(), masking.counts.end()), masking.counts.end());
    masking.draws = m_draws->value();
    masking.probe.lengths = lengths.values;
    masking.probe.depths = depths.values;
    masking.probe.needles = needles();
    return masking;
}

QString MaskingPanel::startProblem() const
{
    if (m_set < 0)
        return tr("Open a score set first");
    for (const QString &problem : {busyProblem(m_session), modelProblem(m_session)}) {
        if (!problem.isEmpty())
            return problem;
    }
    const auto info = m_session.modelInfo();
    const HeadScores &scores = *m_session.scores().sets()[static_cast<std::size_t>(m_set)].scores;
    if (info->layers != scores.layers || info->queryHeads != scores.heads)
        return tr("The scores are of %1 × %2 heads, the model has %3 × %4")
            .arg(scores.layers)
            .arg(scores.heads)
            .arg(info->layers)
            .arg(info->queryHeads);
    QString problem;
    (void)settings(problem);
    return problem;
}

void MaskingPanel::update()
{
    const bool testing = m_session.activity() == Session::Activity::Testing;
    const QString problem = startProblem();
    setRunnable(m_start, problem,
                tr("Mask the strongest heads of the first set, and as many random ones, and see what recall is left"));
    m_start->setVisible(!testing);
    m_cancel->setVisible(testing);
    m_bar->setVisible(testing);
    if (testing || !m_chart->isEmpty())
        return;
    QString unused;
    const MaskingSettings chosen = settings(unused);
    const std::size_t cases = chosen.probe.lengths.size() * chosen.probe.depths.size() * chosen.probe.needles.size();
    m_text->setText(problem.isEmpty()
                        ? tr("Answers %1 cases with no head masked, then %2 times more with others masked.")
                              .arg(cases)
                              .arg(chosen.counts.size() * static_cast<std::size_t>(1 + chosen.draws))
                        : tr("Masks heads (their output becomes zero) and sees what recall is left. %1.").arg(problem));
}

void MaskingPanel::start()
{
    QString problem;
    MaskingSettings chosen = settings(problem);
    if (!startProblem().isEmpty())
        return;
    const auto probe = m_session.probe().settings();
    const Haystack own = probe ? Haystack() : defaultHaystack();
    chosen.probe.haystack = probe ? probe->haystack : own.text;
    chosen.probe.haystackName = probe ? probe->haystackName : own.name;
    m_tested = m_session.scores().sets()[static_cast<std::size_t>(m_set)].name;
    m_chart->setSeries({});
    m_chart->setTitle(tr("Recall with heads of %1 masked").arg(m_tested));
    m_session.probe().startMaskingTest(m_set, chosen);
}

void MaskingPanel::show(const MaskingResult &result)
{
    m_chart->setReferences({{tr("none masked: %1 %").arg(result.baseline, 0, 'f', 1), result.baseline, {}}});
    m_chart->setSeries(result.points.empty() ? std::vector<LineSeries>()
                                             : std::vector<LineSeries>{topSeries(result), randomSeries(result)});
    m_text->setText(verdictOf(result));
}

void MaskingPanel::showProgress(const JobProgress &progress)
{
    if (m_session.activity() != Session::Activity::Testing)
        return;
    m_bar->setMaximum(progress.total > 0 ? 1000 : 0);
    m_bar->setValue(progress.total > 0 ? static_cast<int>(1000 * progress.done / progress.total) : 0);
}

} // namespace headkv
