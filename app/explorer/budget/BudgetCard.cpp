// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/budget/BudgetCard.h"

#include "app/explorer/common/FormHelpers.h"
#include "widgets/BetaScale.h"
#include "widgets/Formats.h"
#include "widgets/charts/HeatmapView.h"
#include "widgets/controls/ElidedLabel.h"
#include "widgets/theme/Theme.h"

#include <QLabel>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace headkv {

namespace {

QString formatGini(double gini) { return QString::number(gini, 'f', 3); }

ElidedLabel *figureLabel(const QString &name, const QString &tip)
{
    auto *label = named(new ElidedLabel, name, tip);
    label->setElideMode(Qt::ElideRight);
    return label;
}

/// Without a model it is not known which query heads share a KV head.
bool isByKvHead(const MethodBudget &plan, const BudgetBasis &basis)
{
    return granularityOf(plan.settings) == Granularity::KvHead && basis.kvHeadsKnown;
}

/// Short, as it stands above a small heatmap, whose axis says the granularity: "HeadKV, B 128, β 1.2".
QString titleOf(const MethodBudget &plan)
{
    QStringList words{plan.name()};
    if (plan.method->hasBudget)
        words << BudgetCard::tr("B %1").arg(formatCount(plan.settings.budget));
    if (plan.settings.beta)
        words << BudgetCard::tr("β %1").arg(formatBeta(*plan.settings.beta));
    return words.join(QStringLiteral(", "));
}

} // namespace

BudgetCard::BudgetCard(QWidget *parent)
    : QWidget(parent)
    , m_name(heading({}))
    , m_tokens(figureLabel(tr("Tokens kept"), tr("What all heads keep of the context, the windows included; nominal is "
                                                 "the base budget times the heads, which rounding may miss")))
    , m_memory(figureLabel(tr("Memory"), tr("What the kept keys and values take, and what the nominal budget would")))
    , m_share(figureLabel(tr("Memory beside FullKV"), tr("Against a cache that keeps everything")))
    , m_unequal(
          figureLabel(tr("Concentration"),
                      tr("Gini: 0 where all heads have the same, towards 1 where few have everything; the largest "
                         "and the smallest capacity, which the window comes on top of")))
    , m_stack(new QStackedWidget)
    , m_heatmap(new HeatmapView)
    , m_note(new QLabel)
{
    m_note->setWordWrap(true);
    m_note->setAlignment(Qt::AlignCenter);
    m_note->setForegroundRole(QPalette::PlaceholderText);
    auto *noted = new QWidget;
    auto *notedLayout = new QVBoxLayout(noted);
    notedLayout->addWidget(m_name);
    notedLayout->addWidget(m_note, 1);
    m_stack->addWidget(m_heatmap);
    m_stack->addWidget(noted);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(1);
    layout->addWidget(m_stack, 1);
    auto *figures = new QVBoxLayout;
    figures->setContentsMargins(Theme::spacing, 2, 0, 0); // below the title of the heatmap
    figures->setSpacing(1);
    for (QLabel *label : std::initializer_list<QLabel *>{m_tokens, m_memory, m_share, m_unequal})
        figures->addWidget(label);
    layout->addLayout(figures);
}

bool BudgetCard::hasHeatmap() const { return m_stack->currentWidget() == m_heatmap; }

QString BudgetCard::note() const { return hasHeatmap() ? QString() : m_note->text(); }

QStringList BudgetCard::figures() const
{
    return {m_name->text(), m_tokens->text(), m_memory->text(), m_share->text(), m_unequal->text()};
}

void BudgetCard::show(const MethodBudget &plan, const BudgetBasis &basis, int tokens, const HeatmapScale &scale)
{
    m_name->setText(titleOf(plan));
    m_heatmap->setTitle(m_name->text());
    setAccessibleName(m_name->text());
    m_share->setVisible(basis.target.bytesPerEntry > 0);
    if (!plan.problem.isEmpty()) {
        for (QLabel *label : std::initializer_list<QLabel *>{m_tokens, m_memory, m_share, m_unequal})
            label->clear();
        m_note->setText(plan.problem.left(1).toUpper() + plan.problem.mid(1) + QLatin1Char('.'));
        m_stack->setCurrentIndex(1);
        return;
    }
    showFigures(plan, basis, tokens);
    if (plan.isMean) {
        m_note->setText(tr("How a layer's budget is shared among its heads depends on the prompt's attention, so there "
                           "is nothing to show by head before a prompt is there. The figures are of the mean."));
        m_stack->setCurrentIndex(1);
        return;
    }
    showHeatmap(plan, isByKvHead(plan, basis) ? tr("KV head") : tr("Query head"), scale);
}

void BudgetCard::showFigures(const MethodBudget &plan, const BudgetBasis &basis, int tokens)
{
    const HeadBudgets &budgets = plan.budgets;
    const auto lists = static_cast<std::int64_t>(budgets.capacities.size());
    const std::int64_t nominal = budgets.nominalTotal + lists * budgets.window;
    const QString kept = plan.isMean ? tr("%1 by the mean, nominal %2") : tr("%1 tokens, nominal %2");
    m_tokens->setText(kept.arg(formatCount(plan.entries), formatCount(nominal)));
    if (const auto each = static_cast<double>(basis.target.bytesPerEntry); each > 0) {
        const HeadShape &shape = basis.target.shape;
        const double full = static_cast<double>(tokens) * shape.layers * shape.kvHeads;
        const auto entries = static_cast<double>(plan.entries);
        m_memory->setText(
            tr("%1, nominal %2").arg(formatBytes(entries * each), formatBytes(static_cast<double>(nominal) * each)));
        m_share->setText(tr("%1 of FullKV's %2 at %3 tokens")
                             .arg(formatPercent(entries / full), formatBytes(full * each), formatCount(tokens)));
    } else {
        m_memory->setText(tr("Bytes: load the model to know them"));
        m_share->clear();
    }
    if (plan.isMean)
        m_unequal->setText(tr("Gini depends on the prompt"));
    else
        m_unequal->setText(tr("Gini %1 · largest %2 · smallest %3")
                               .arg(formatGini(plan.unequal.gini), formatCount(plan.unequal.largest),
                                    formatCount(plan.unequal.smallest)));
}

void BudgetCard::showHeatmap(const MethodBudget &plan, const QString &headLabel, const HeatmapScale &scale)
{
    m_heatmap->setAccessibleName(tr("Tokens kept by layer and head, %1").arg(plan.name()));
    HeatmapData next = heatmapData(plan, headLabel);
    const HeatmapData &shown = m_heatmap->data();
    // Most settings concern one method: the others' pictures stay.
    if (next.values != shown.values || next.details != shown.details || next.headLabel != shown.headLabel ||
        next.layers != shown.layers || scale != m_heatmap->scale())
        m_heatmap->setData(std::move(next), scale);
    m_stack->setCurrentWidget(m_heatmap);
}

HeatmapData heatmapData(const MethodBudget &plan, const QString &headLabel)
{
    HeatmapData data;
    data.layers = plan.budgets.layers;
    data.heads = plan.budgets.lists;
    data.values = plan.kept;
    data.details = {{BudgetCard::tr("Capacity"), {plan.budgets.capacities.begin(), plan.budgets.capacities.end()}}};
    data.shares.reserve(plan.kept.size());
    for (const double kept : plan.kept)
        data.shares.push_back(plan.entries > 0 ? kept / static_cast<double>(plan.entries) : 0);
    data.valueLabel = BudgetCard::tr("Tokens kept");
    data.headLabel = headLabel;
    data.wholeNumbers = true;
    return data;
}

} // namespace headkv
