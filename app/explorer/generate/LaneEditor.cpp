// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/generate/LaneEditor.h"

#include "app/explorer/common/FormHelpers.h"
#include "widgets/BetaScale.h"
#include "widgets/theme/Icons.h"
#include "widgets/theme/Theme.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

namespace headkv {

namespace {

constexpr int mostTokens = 1 << 24;

} // namespace

LaneEditor::LaneEditor(QWidget *parent)
    : QFrame(parent)
    , m_method(named(new QComboBox, tr("Method"), tr("How the lane keeps its cache")))
    , m_budget(named(new QSpinBox, tr("Budget"), tr("Tokens that a head keeps on average, the window's included")))
    , m_remove(named(new QToolButton, tr("Remove the lane"), tr("Remove the lane")))
    , m_window(named(new QSpinBox, tr("Window"),
                     tr("The last tokens of a prompt, which are always kept and whose queries choose among the rest; "
                        "auto takes the question, or the turn's last words")))
    , m_beta(named(new QDoubleSpinBox, tr("β"),
                   tr("HeadKV: how much of each head's budget is kept equal, near 1 the scores decide almost all. "
                      "PyramidKV: how steep the pyramid is")))
    , m_granularity(named(new QComboBox, tr("Granularity"),
                          tr("What keeps tokens of its own: each query head, as published, or each KV head, so that no "
                             "key is stored twice")))
    , m_scores(named(new QComboBox, tr("Score set"), tr("Whose importance of heads the method goes by")))
{
    build();
    connectAll();
}

void LaneEditor::build()
{
    for (const MethodInfo &method : compressionMethods()) {
        m_method->addItem(textOf(method.name), textOf(method.id));
        m_method->setItemData(m_method->count() - 1, textOf(method.summary), Qt::ToolTipRole);
    }
    m_granularity->addItem(tr("Query heads"), static_cast<int>(Granularity::QueryHead));
    m_granularity->addItem(tr("KV heads"), static_cast<int>(Granularity::KvHead));
    m_scores->setMinimumContentsLength(8);
    m_scores->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_method->setMinimumContentsLength(10);
    m_method->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_budget->setRange(1, mostTokens);
    m_budget->setPrefix(tr("B "));
    m_window->setRange(0, mostTokens);
    m_window->setPrefix(tr("window "));
    m_window->setSpecialValueText(tr("window auto"));
    m_beta->setRange(1, 1000);
    m_beta->setDecimals(3);
    m_beta->setSingleStep(0.1);
    m_beta->setPrefix(tr("β "));
    for (QSpinBox *box : {m_budget, m_window}) {
        box->setGroupSeparatorShown(true);
        box->setKeyboardTracking(false);
    }
    m_beta->setKeyboardTracking(false);
    m_remove->setIcon(themedIcon(QStringLiteral("close")));
    m_remove->setAutoRaise(true);
    const auto row = [](std::initializer_list<std::pair<QWidget *, int>> parts) {
        auto *line = new QHBoxLayout;
        line->setSpacing(Theme::spacing / 2);
        for (const auto &[part, stretch] : parts)
            line->addWidget(part, stretch);
        return line;
    };
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing / 2);
    layout->addLayout(row({{m_method, 3}, {m_budget, 2}, {m_remove, 0}}));
    layout->addLayout(row({{m_window, 1}, {m_granularity, 1}}));
    layout->addLayout(row({{m_beta, 1}, {m_scores, 1}}));
    for (QWidget *part :
         std::initializer_list<QWidget *>{m_method, m_budget, m_window, m_granularity, m_beta, m_scores})
        part->setMinimumWidth(60);
}

void LaneEditor::connectAll()
{
    connect(m_method, &QComboBox::activated, this, [this](int index) {
        const int budget = m_choice.budget;
        m_choice = laneChoice(m_method->itemData(index).toString().toStdString(), m_sets);
        m_choice.budget = budget;
        showParts();
        Q_EMIT changed();
    });
    connect(m_budget, &QSpinBox::valueChanged, this, &LaneEditor::edited);
    connect(m_window, &QSpinBox::valueChanged, this, &LaneEditor::edited);
    connect(m_beta, &QDoubleSpinBox::valueChanged, this, &LaneEditor::edited);
    connect(m_granularity, &QComboBox::activated, this, &LaneEditor::edited);
    connect(m_scores, &QComboBox::activated, this, &LaneEditor::edited);
    connect(m_remove, &QToolButton::clicked, this, &LaneEditor::removeRequested);
}

void LaneEditor::edited()
{
    m_choice.budget = m_budget->value();
    m_choice.window = m_window->value() > 0 ? std::optional(m_window->value()) : std::nullopt;
    if (compressionMethod(m_choice.method).beta > 0)
        m_choice.beta = m_beta->value();
    m_choice.granularity = static_cast<Granularity>(m_granularity->currentData().toInt());
    const auto set = static_cast<std::size_t>(m_scores->currentIndex());
    if (compressionMethod(m_choice.method).hasScores && set < m_sets.size())
        m_choice.scores = m_sets[set].scores;
    Q_EMIT changed();
}

void LaneEditor::show(const LaneChoice &choice, const std::vector<ScoreSet> &sets, int number, bool removable)
{
    m_choice = choice;
    setAccessibleName(tr("Lane %1").arg(number));
    m_remove->setVisible(removable);
    showSets(sets);
    showParts();
}

void LaneEditor::showSets(const std::vector<ScoreSet> &sets)
{
    m_sets = sets;
    m_scores->clear();
    for (const ScoreSet &set : sets) {
        m_scores->addItem(set.name);
        m_scores->setItemData(m_scores->count() - 1, set.origin, Qt::ToolTipRole);
    }
    if (sets.empty())
        m_scores->addItem(tr("no score set"));
    m_scores->setEnabled(!sets.empty());
}

void LaneEditor::showParts()
{
    const MethodInfo &info = compressionMethod(m_choice.method);
    const QSignalBlocker quietBudget(m_budget), quietWindow(m_window), quietBeta(m_beta);
    m_method->setCurrentIndex(m_method->findData(QString::fromStdString(m_choice.method)));
    m_method->setToolTip(textOf(info.summary));
    m_budget->setValue(m_choice.budget);
    m_window->setValue(m_choice.window.value_or(0));
    m_beta->setValue(m_choice.beta);
    m_granularity->setCurrentIndex(m_granularity->findData(static_cast<int>(m_choice.granularity)));
    for (std::size_t i = 0; i < m_sets.size(); ++i) {
        if (m_sets[i].scores == m_choice.scores)
            m_scores->setCurrentIndex(static_cast<int>(i));
    }
    m_budget->setVisible(info.hasBudget);
    m_granularity->setVisible(info.hasBudget);
    m_window->setVisible(info.hasBudget && info.hasWindow);
    m_beta->setVisible(info.beta > 0);
    m_scores->setVisible(info.hasScores);
}

} // namespace headkv
