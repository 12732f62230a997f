// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/budget/BudgetPlan.h"
#include "widgets/charts/HeatmapData.h"

#include <QWidget>

class QLabel;
class QStackedWidget;

namespace headkv {

class ElidedLabel;
class HeatmapView;

/// A method on the Budget page: its name, its figures, and who keeps what as a heatmap.
class BudgetCard : public QWidget
{
    Q_OBJECT

public:
    explicit BudgetCard(QWidget *parent = nullptr);

    void show(const MethodBudget &plan, const BudgetBasis &basis, int tokens, const HeatmapScale &scale);
    [[nodiscard]] HeatmapView *heatmap() const { return m_heatmap; }
    /// Whether there is a heatmap: not for budgets that the prompt decides, nor where there are none.
    [[nodiscard]] bool hasHeatmap() const;
    /// What stands in place of the heatmap.
    [[nodiscard]] QString note() const;
    /// Title, tokens, memory, concentration: as shown.
    [[nodiscard]] QStringList figures() const;

private:
    void showFigures(const MethodBudget &plan, const BudgetBasis &basis, int tokens);
    void showHeatmap(const MethodBudget &plan, const QString &headLabel, const HeatmapScale &scale);

    QLabel *m_name;
    ElidedLabel *m_tokens;
    ElidedLabel *m_memory;
    ElidedLabel *m_share;
    ElidedLabel *m_unequal;
    QStackedWidget *m_stack;
    HeatmapView *m_heatmap;
    QLabel *m_note;
};

/// What a heatmap shows of a method's budgets: tokens kept, with the capacity and the share of all.
[[nodiscard]] HeatmapData heatmapData(const MethodBudget &plan, const QString &headLabel);

} // namespace headkv
