// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/probe/ProbeSettingsPanel.h"

#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/HaystackBox.h"
#include "app/explorer/common/TypedLists.h"
#include "app/explorer/probe/NeedleEditor.h"
#include "core/probe/NeedleFile.h"
#include "sessions/NeedleTableModel.h"
#include "sessions/SessionDocument.h"
#include "widgets/Formats.h"
#include "widgets/theme/Theme.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>

namespace headkv {

namespace {

template <typename Value>
QString joined(const std::vector<Value> &values)
{
    QStringList words;
    for (const Value &value : values)
        words.append(QString::number(value));
    return words.join(QStringLiteral(", "));
}

} // namespace

ProbeSettingsPanel::ProbeSettingsPanel(QWidget *parent)
    : QWidget(parent)
    , m_kind(new QComboBox)
    , m_scoring(new QComboBox)
    , m_lengths(new QLineEdit)
    , m_depths(new QLineEdit)
    , m_newTokens(new QSpinBox)
    , m_metric(new QComboBox)
    , m_threshold(new QDoubleSpinBox)
    , m_haystack(new HaystackBox)
    , m_needleModel(new NeedleTableModel(this))
    , m_needles(new NeedleEditor(m_needleModel, NeedleEditor::Room::Panel))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing);
    auto *form = new QFormLayout;
    form->setSpacing(Theme::spacing);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    buildForm(form);
    layout->addLayout(form);
    layout->addWidget(labelFor(m_needles, tr("&Needles"), {}));
    layout->addWidget(m_needles, 1);
    restore({});
    connectAll();
}

void ProbeSettingsPanel::buildForm(QFormLayout *form)
{
    m_kind->addItem(tr("Retrieval (R)"), static_cast<int>(ProbeKind::Retrieval));
    m_kind->addItem(tr("Enhanced retrieval (ER)"), static_cast<int>(ProbeKind::Enhanced));
    m_kind->addItem(tr("Retrieval and reasoning (R2)"), static_cast<int>(ProbeKind::Reasoning));
    form->addRow(labelFor(m_kind, tr("&Kind"),
                          tr("R counts a head whose strongest key is the token being copied; ER adds up its attention "
                             "on the needle; R2 does so for needles that need a reasoning step")),
                 m_kind);
    m_scoring->addItem(tr("Generated answers"), static_cast<int>(ProbeScoring::Generated));
    m_scoring->addItem(tr("Forced answers"), static_cast<int>(ProbeScoring::Forced));
    form->addRow(
        labelFor(m_scoring, tr("Sc&oring"),
                 tr("Generated: the model answers, and cases that pass the filter count; forced: it is fed the "
                    "right answer, and every case counts")),
        m_scoring);
    addGridRows(form, m_lengths, m_depths);
    form->addRow(labelFor(m_haystack, tr("&Haystack"), HaystackBox::explanation()), m_haystack);
    m_newTokens->setRange(1, 1024);
    m_newTokens->setSuffix(tr(" tokens"));
    form->addRow(
        labelFor(m_newTokens, tr("Ans&wer up to"), tr("The answer ends after as many new tokens at the latest")),
        m_newTokens);
    buildFilter(form);
}

void ProbeSettingsPanel::buildFilter(QFormLayout *form)
{
    m_metric->addItem(tr("ROUGE-1 over"), static_cast<int>(ProbeFilter::Metric::Rouge1Recall));
    m_metric->addItem(tr("F1 over"), static_cast<int>(ProbeFilter::Metric::TokenF1));
    m_metric->addItem(tr("None"), static_cast<int>(ProbeFilter::Metric::None));
    m_threshold->setRange(0, 100);
    m_threshold->setDecimals(0);
    named(m_threshold, tr("Threshold of the filter"), tr("0 to 100; a case counts where its answer scores more"));
    auto *line = new QHBoxLayout;
    line->setSpacing(Theme::spacing);
    line->addWidget(m_metric, 1);
    line->addWidget(m_threshold);
    form->addRow(labelFor(m_metric, tr("&Filter"),
                          tr("Only cases the model answered well enough count: ROUGE-1 is the share of the answer's "
                             "words that it said, F1 weighs extra words too")),
                 line);
}

void ProbeSettingsPanel::connectAll()
{
    connect(m_kind, &QComboBox::currentIndexChanged, this, &ProbeSettingsPanel::changeKind);
    connect(m_scoring, &QComboBox::currentIndexChanged, this, &ProbeSettingsPanel::showScoring);
    connect(m_scoring, &QComboBox::currentIndexChanged, this, &ProbeSettingsPanel::changed);
    connect(m_lengths, &QLineEdit::textChanged, this, &ProbeSettingsPanel::changed);
    connect(m_depths, &QLineEdit::textChanged, this, &ProbeSettingsPanel::changed);
    connect(m_newTokens, &QSpinBox::valueChanged, this, &ProbeSettingsPanel::changed);
    connect(m_threshold, &QDoubleSpinBox::valueChanged, this, &ProbeSettingsPanel::changed);
    connect(m_metric, &QComboBox::currentIndexChanged, this, [this] {
        showScoring();
        Q_EMIT changed();
    });
    connect(m_haystack, &HaystackBox::changed, this, &ProbeSettingsPanel::changed);
    connect(m_haystack, &HaystackBox::failed, this, &ProbeSettingsPanel::failed);
    connect(m_needles, &NeedleEditor::changed, this, &ProbeSettingsPanel::changed);
    connect(m_needles, &NeedleEditor::failed, this, &ProbeSettingsPanel::failed);
}

ProbeKind ProbeSettingsPanel::kind() const { return static_cast<ProbeKind>(m_kind->currentData().toInt()); }

ProbeFilter ProbeSettingsPanel::filter() const
{
    const auto metric = static_cast<ProbeFilter::Metric>(m_metric->currentData().toInt());
    return {metric, metric == ProbeFilter::Metric::None ? 0 : m_threshold->value()};
}

void ProbeSettingsPanel::showFilter(const ProbeFilter &filter)
{
    m_metric->setCurrentIndex(m_metric->findData(static_cast<int>(filter.metric)));
    if (filter.metric != ProbeFilter::Metric::None)
        m_threshold->setValue(filter.threshold);
    showScoring();
}

ProbeScoring ProbeSettingsPanel::scoring() const { return static_cast<ProbeScoring>(m_scoring->currentData().toInt()); }

void ProbeSettingsPanel::setScoring(ProbeScoring scoring)
{
    m_scoring->setCurrentIndex(m_scoring->findData(static_cast<int>(scoring)));
}

/// What a forced answer needs not be asked.
void ProbeSettingsPanel::showScoring()
{
    const QString forced = scoring() == ProbeScoring::Forced
                               ? tr("With forced scoring the right answer is fed, and every case counts")
                               : QString();
    setRunnable(m_newTokens, forced, tr("The answer ends after as many new tokens at the latest"));
    setRunnable(
        m_metric, forced,
        tr("Only cases the model answered well enough count: ROUGE-1 is the share of the answer's words that it "
           "said, F1 weighs extra words too"));
    setRunnable(m_threshold,
                forced.isEmpty() && filter().metric == ProbeFilter::Metric::None ? tr("There is no filter") : forced,
                tr("0 to 100; a case counts where its answer scores more"));
}

void ProbeSettingsPanel::changeKind()
{
    // A filter that is still the old kind's own gives way to the new kind's.
    if (filter() == defaultFilter(m_shownKind))
        showFilter(defaultFilter(kind()));
    m_shownKind = kind();
    m_needles->setKind(kind());
    Q_EMIT changed();
}

ProbeSettings ProbeSettingsPanel::settings() const
{
    ProbeSettings settings;
    settings.kind = kind();
    settings.scoring = scoring();
    settings.lengths = parseLengths(m_lengths->text()).values;
    settings.depths = parseDepths(m_depths->text()).values;
    settings.needles = m_needles->model()->needles();
    settings.filter = filter();
    settings.maxNewTokens = m_newTokens->value();
    Haystack haystack = m_haystack->haystack();
    settings.haystack = std::move(haystack.text);
    settings.haystackName = std::move(haystack.name);
    return settings;
}

void ProbeSettingsPanel::setSettings(const ProbeSettings &settings)
{
    {
        const QSignalBlocker quiet(this);
        m_kind->setCurrentIndex(m_kind->findData(static_cast<int>(settings.kind)));
        setScoring(settings.scoring);
        m_lengths->setText(joined(settings.lengths));
        // One whole number would read as a count.
        m_depths->setText(settings.depths.size() == 1 ? QString::number(settings.depths.front(), 'f', 4)
                                                      : joined(settings.depths));
        m_newTokens->setValue(settings.maxNewTokens);
        showFilter(settings.filter);
        m_needles->model()->setNeedles(settings.needles);
        m_haystack->setHaystack({settings.haystackName, settings.haystack});
    }
    Q_EMIT changed();
}

SessionProbeForm ProbeSettingsPanel::state() const
{
    SessionProbeForm state;
    state.kind = kind();
    state.scoring = scoring();
    state.lengths = m_lengths->text();
    state.depths = m_depths->text();
    state.haystack = m_haystack->choice();
    state.newTokens = m_newTokens->value();
    state.filter = filter();
    if (const auto &needles = m_needles->model()->needles(); needles != builtInNeedles(kind()))
        state.needles = needles;
    return state;
}

void ProbeSettingsPanel::restore(const SessionProbeForm &state)
{
    {
        const QSignalBlocker quiet(this);
        m_kind->setCurrentIndex(m_kind->findData(static_cast<int>(state.kind)));
        setScoring(state.scoring);
        m_lengths->setText(state.lengths);
        m_depths->setText(state.depths);
        m_haystack->setChoice(state.haystack);
        m_newTokens->setValue(state.newTokens);
        showFilter(state.filter);
        m_needles->model()->setNeedles(state.needles ? *state.needles : builtInNeedles(state.kind));
    }
    Q_EMIT changed();
}

QString ProbeSettingsPanel::problem(int contextLength) const
{
    const TypedList<int> lengths = parseLengths(m_lengths->text());
    if (!lengths.problem.isEmpty())
        return lengths.problem;
    const int longest = *std::max_element(lengths.values.begin(), lengths.values.end());
    if (contextLength > 0 && longest > contextLength)
        return tr("Lengths: %1 is over the model's context of %2 tokens; choose a shorter one")
            .arg(formatCount(longest), formatCount(contextLength));
    const TypedList<double> depths = parseDepths(m_depths->text());
    if (!depths.problem.isEmpty())
        return depths.problem;
    if (m_needles->model()->rowCount() == 0)
        return tr("Needles: there is none; add one, or bring back the program's own with Reset");
    if (QString problem = m_needles->model()->problem(); !problem.isEmpty())
        return problem;
    return m_haystack->problem();
}

} // namespace headkv
