// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/probe/CaseInspector.h"

#include "app/explorer/common/ChartActions.h"
#include "app/explorer/common/FormHelpers.h"
#include "sessions/ProbeSession.h"
#include "sessions/Session.h"
#include "widgets/Formats.h"
#include "widgets/charts/HeatmapView.h"
#include "widgets/controls/ElidedLabel.h"
#include "widgets/text/TokenStrip.h"
#include "widgets/text/TokenView.h"
#include "widgets/theme/Theme.h"

#include <QFormLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QVBoxLayout>
#include <algorithm>
#include <limits>
#include <numeric>

namespace headkv {

namespace {

constexpr float needleShade = 0.18F;

/// A model's or a needle's text in one line.
QString inOneLine(const std::string &text) { return QString::fromStdString(text).simplified(); }

bool holds(const TokenSpan &span, int token)
{
    return token >= static_cast<int>(span.begin) && token < static_cast<int>(span.end);
}

float meanOf(const std::vector<float> &values)
{
    return std::accumulate(values.begin(), values.end(), 0.0F) /
           static_cast<float>(std::max<std::size_t>(1, values.size()));
}

/// 1 is the largest.
std::vector<int> ranksOf(const std::vector<double> &values)
{
    std::vector<int> order(values.size()), ranks(values.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, [&](int a, int b) { return values[a] > values[b]; });
    for (std::size_t place = 0; place < order.size(); ++place)
        ranks[order[place]] = static_cast<int>(place) + 1;
    return ranks;
}

} // namespace

CaseInspector::CaseInspector(Session &session, QSettings &settings, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
    , m_back(iconButton(QStringLiteral("table"), tr("&Cases"), tr("Back to the grid and the table of cases (Esc)")))
    , m_previous(named(new QPushButton(tr("&Previous")), tr("Previous case")))
    , m_next(named(new QPushButton(tr("Ne&xt")), tr("Next case")))
    , m_title(new ElidedLabel)
    , m_expected(new ElidedLabel)
    , m_answered(new ElidedLabel)
    , m_prompt(
          named(new TokenView, tr("Prompt of the case"), {})) // a tooltip of its own would hide those of its tokens
    , m_strip(
          named(new TokenStrip, tr("Answer by step"),
                tr("One chip for each token of the answer, darker where the heads attend more to the answer's place "
                   "in the prompt; choose one to see its step")))
    , m_heatmap(named(new HeatmapView, tr("Attention on the answer's place by layer and head")))
    , m_note(new QLabel)
{
    build(settings);
    connect(m_back, &QPushButton::clicked, this, &CaseInspector::closed);
    connect(m_previous, &QPushButton::clicked, this, [this] { step(-1); });
    connect(m_next, &QPushButton::clicked, this, [this] { step(1); });
    connect(m_strip, &TokenStrip::currentChanged, this, &CaseInspector::showStep);
    connect(&session.probe(), &ProbeSession::caseInspected, this, &CaseInspector::show);
    connect(&session, &Session::progressChanged, this, &CaseInspector::showProgress);
    connect(&session, &Session::activityChanged, this, [this] {
        if (m_wanted && m_session.activity() == Session::Activity::Idle)
            request();
        showProgress();
    });
    for (const auto signal : {&ProbeSession::started, &ProbeSession::cleared})
        connect(&session.probe(), signal, this, &CaseInspector::forget);
    connect(&session, &Session::modelChanged, this, &CaseInspector::forget);
    forget();
}

QWidget *CaseInspector::buildHeader()
{
    auto *top = new QHBoxLayout;
    top->setSpacing(Theme::spacing);
    top->addWidget(m_back);
    top->addWidget(m_title, 1);
    top->addWidget(m_previous);
    top->addWidget(m_next);
    QFont strong = m_title->font();
    strong.setBold(true);
    m_title->setFont(strong);
    for (ElidedLabel *label : {m_title, m_expected, m_answered})
        label->setElideMode(Qt::ElideRight);
    auto *form = new QFormLayout;
    form->setSpacing(Theme::spacing / 2);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->addRow(tr("Expected:"), m_expected);
    form->addRow(tr("Answered:"), m_answered);
    auto *header = new QWidget;
    auto *layout = new QVBoxLayout(header);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing);
    layout->addLayout(top);
    layout->addLayout(form);
    return header;
}

void CaseInspector::build(QSettings &settings)
{
    m_prompt->setPlaceholderText(tr("The prompt appears here when the case is read."));
    m_prompt->setToolTipProvider([this](int token) { return describeToken(token); });
    m_strip->setPlaceholderText(tr("The answer's tokens appear here."));
    m_note->setWordWrap(true);
    m_note->setTextFormat(Qt::PlainText);
    auto *split = new QSplitter(Qt::Horizontal);
    split->addWidget(m_prompt);
    split->addWidget(m_heatmap);
    split->setSizes({420, 420});
    split->setChildrenCollapsible(false);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing);
    layout->addWidget(buildHeader());
    layout->addWidget(split, 1);
    layout->addWidget(m_strip);
    layout->addWidget(m_note);
    enableChartMenu(m_heatmap, settings, this);
}

void CaseInspector::open(std::size_t caseIndex, std::vector<std::size_t> order)
{
    m_case = caseIndex;
    m_order = std::move(order);
    m_open = true;
    m_wanted = true;
    m_inspection.reset();
    m_prompt->setTokens({});
    m_strip->setTokens({});
    showWords();
    showStep();
    updateButtons();
    if (m_session.activity() == Session::Activity::Inspecting)
        m_session.cancel(); // the wanted one is read when that has stopped
    else
        request();
    showProgress();
}

void CaseInspector::request()
{
    if (m_session.activity() != Session::Activity::Idle)
        return;
    m_wanted = false;
    m_session.probe().inspect(m_case);
}

void CaseInspector::forget()
{
    const bool wasOpen = m_open;
    m_open = m_wanted = false;
    m_inspection.reset();
    m_prompt->setTokens({});
    m_strip->setTokens({});
    showStep();
    if (wasOpen)
        Q_EMIT closed();
}

void CaseInspector::showWords()
{
    const ProbeSession &probe = m_session.probe();
    const auto settings = probe.settings();
    const auto cases = probe.cases();
    const auto &results = probe.results();
    const auto result = std::ranges::find_if(results, [this](const auto &one) { return one->index == m_case; });
    if (!settings || !cases || result == results.end())
        return;
    const ProbeCase &probeCase = (*cases)[m_case];
    const Needle &needle = settings->needles[probeCase.needleIndex];
    m_title->setText(tr("%1  ·  %2 tokens, depth %3  ·  %4")
                         .arg(inOneLine(needle.question), formatCount(probeCase.length), formatPercent(probeCase.depth),
                              (*result)->passed ? tr("passed") : tr("not passed")));
    m_expected->setText(inOneLine(needle.answer));
    m_answered->setText(tr("%1  (ROUGE-1 %2, F1 %3)")
                            .arg(inOneLine((*result)->text))
                            .arg((*result)->rouge1Recall, 0, 'f', 0)
                            .arg((*result)->f1, 0, 'f', 0));
}

void CaseInspector::show(const InspectionPtr &inspection)
{
    if (!m_open || inspection->index != m_case || m_wanted)
        return;
    const bool first = !m_inspection;
    m_inspection = inspection;
    if (first) {
        const TokenSpan &span = inspection->span;
        const TokenSpan &needle = inspection->needle.size() > 0 ? inspection->needle : span;
        m_prompt->setTokens(inspection->prompt);
        std::vector<float> shades(static_cast<std::size_t>(inspection->prompt.size()),
                                  std::numeric_limits<float>::quiet_NaN());
        std::fill(shades.begin() + needle.begin, shades.begin() + needle.end, needleShade);
        std::fill(shades.begin() + span.begin, shades.begin() + span.end, 1.0F);
        m_prompt->setShades(std::move(shades));
        m_prompt->setMark(static_cast<int>(needle.begin), static_cast<int>(needle.end));
        m_prompt->scrollToToken(static_cast<int>(needle.begin));
        m_strip->setTokens(inspection->steps);
    }
    if (inspection->attention)
        showAttention();
    showProgress();
}

/// The chips' shades: how much the heads attend to the span at each step, on average, beside the step where they do
/// most.
void CaseInspector::showAttention()
{
    const CaseAttention &attention = *m_inspection->attention;
    std::vector<float> weights;
    m_stepRange = {0, 0};
    for (const std::vector<float> &step : attention.mass) {
        weights.push_back(meanOf(step));
        m_stepRange.high = std::max<double>(m_stepRange.high, *std::ranges::max_element(step));
    }
    QStringList tips;
    for (std::size_t step = 0; step < weights.size(); ++step)
        tips.append(
            tr("Step %1 of %2, %3: the heads attend %4 to the answer's place on average")
                .arg(step + 1)
                .arg(weights.size())
                .arg(m_inspection->steps[static_cast<qsizetype>(step)].simplified(), formatPercent(weights[step])));
    const float most = *std::ranges::max_element(weights);
    for (float &weight : weights)
        weight = most > 0 ? weight / most : 0;
    m_strip->setWeights(std::move(weights));
    m_strip->setToolTips(tips);
    showStep();
}

HeatmapData CaseInspector::stepData() const
{
    const CaseAttention &attention = *m_inspection->attention;
    const int step = m_strip->current();
    const std::vector<float> values =
        step == TokenStrip::all ? attention.sum() : attention.mass[static_cast<std::size_t>(step)];
    HeatmapData shown;
    shown.layers = attention.layers;
    shown.heads = attention.heads;
    shown.values.assign(values.begin(), values.end());
    shown.ranks = ranksOf(shown.values);
    const double total = std::accumulate(shown.values.begin(), shown.values.end(), 0.0);
    for (const double value : shown.values)
        shown.shares.push_back(total > 0 ? value / total : 0);
    shown.valueLabel = tr("Attention");
    return shown;
}

void CaseInspector::showStep()
{
    if (!m_inspection || !m_inspection->attention) {
        m_heatmap->setTitle(tr("Attention on the span"));
        m_heatmap->setData({});
        return;
    }
    const int step = m_strip->current();
    m_heatmap->setTitle(
        step == TokenStrip::all
            ? tr("Attention on the span, sum of %1 steps").arg(m_strip->tokenCount())
            : tr("Attention on the span, step %1: %2").arg(step + 1).arg(m_inspection->steps[step].simplified()));
    // Steps share a range, so that a step is seen to be weak.
    if (step == TokenStrip::all || m_stepRange.high <= 0)
        m_heatmap->setRange(std::nullopt);
    else
        m_heatmap->setRange(m_stepRange);
    m_heatmap->setData(stepData());
}

void CaseInspector::showProgress()
{
    if (!m_open)
        return;
    if (m_inspection && m_inspection->attention) {
        m_note->setText(tr("Underlined: the needle; strongly shaded: the span, the answer's place in it. Heatmap: all "
                           "the attention there; the head scores count only what is among a head's %1 strongest keys.")
                            .arg(m_inspection->span.size()));
        return;
    }
    if (m_session.activity() == Session::Activity::Inspecting || m_wanted) {
        const JobProgress &progress = m_session.progress();
        m_note->setText(progress.total > 0 ? tr("Reading the case again: %1, %2 of %3 %4. Cancel is in the status bar.")
                                                 .arg(progress.stage, formatCount(static_cast<qint64>(progress.done)),
                                                      formatCount(static_cast<qint64>(progress.total)), progress.unit)
                                           : tr("Reading the case again…"));
        return;
    }
    m_note->setText(tr("The attention was not computed; open the case again for it."));
}

void CaseInspector::updateButtons()
{
    const auto at = std::ranges::find(m_order, m_case);
    setRunnable(m_previous, at == m_order.end() || at == m_order.begin() ? tr("This is the first case") : QString(),
                tr("The case above in the table"));
    setRunnable(m_next, at == m_order.end() || at + 1 == m_order.end() ? tr("This is the last case") : QString(),
                tr("The case below in the table"));
}

void CaseInspector::step(int by)
{
    const auto at = std::ranges::find(m_order, m_case) - m_order.begin() + by;
    if (at >= 0 && at < static_cast<std::ptrdiff_t>(m_order.size()))
        open(m_order[static_cast<std::size_t>(at)], m_order);
}

QString CaseInspector::describeToken(int token) const
{
    if (!m_inspection)
        return {};
    const QString place = holds(m_inspection->span, token)     ? tr("in the answer's place")
                          : holds(m_inspection->needle, token) ? tr("in the needle")
                                                               : tr("outside the needle");
    return tr("Token %1 of %2, %3").arg(formatCount(token + 1), formatCount(m_prompt->tokenCount()), place);
}

QString CaseInspector::note() const { return m_note->text(); }

void CaseInspector::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        Q_EMIT closed();
    else
        QWidget::keyPressEvent(event);
}

} // namespace headkv
