// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/budget/BudgetPlan.h"
#include "app/explorer/common/Page.h"
#include "sessions/SessionDocument.h"
#include "widgets/charts/HeatmapData.h"

#include <array>

class QComboBox;
class QGridLayout;
class QHBoxLayout;
class QLabel;
class QMenu;
class QSettings;
class QStackedWidget;
class QUndoStack;

namespace headkv {

class ActionRegistry;
class BudgetCard;
class BudgetCharts;
class BudgetSettingsPanel;
class HeatmapView;

/// Who keeps what: methods side by side, their budgets computed at each change of a setting.
class BudgetPage : public Page
{
    Q_OBJECT

public:
    /// Edits go on the window's undo stack. All outlive the page.
    BudgetPage(Session &session, QSettings &settings, const ActionRegistry &actions, QUndoStack &undo,
               QWidget *parent = nullptr);

    [[nodiscard]] Chart *exportChart() const override;
    [[nodiscard]] ExportItems exportItems() override;
    [[nodiscard]] const BudgetSettings &settings() const { return m_chosen; }
    [[nodiscard]] const BudgetBasis &basis() const { return m_basis; }
    /// Shows these settings; no step of undo.
    void apply(const BudgetSettings &settings);
    /// The settings for a session file, and the way back; no step of undo.
    [[nodiscard]] SessionBudgets state() const;
    void restore(const SessionBudgets &state);
    /// What is shown, in order.
    [[nodiscard]] const std::vector<MethodBudget> &plans() const { return m_plans; }
    [[nodiscard]] BudgetSettingsPanel *panel() const { return m_panel; }
    /// Of the i-th plan.
    [[nodiscard]] BudgetCard *card(std::size_t i) const { return m_cards[i]; }
    [[nodiscard]] BudgetCharts *charts() const { return m_charts; }
    [[nodiscard]] QComboBox *scale() const { return m_scale; }
    [[nodiscard]] bool isEmpty() const { return m_basis.isEmpty(); }

Q_SIGNALS:
    void openRequested();

protected:
    void showEvent(QShowEvent *event) override;

private:
    [[nodiscard]] QWidget *buildContent();
    [[nodiscard]] QHBoxLayout *buildBar();
    [[nodiscard]] QWidget *buildCards();
    void connectHeatmap(HeatmapView *heatmap);
    /// The session's model or sets have changed.
    void takeStock();
    void refresh();
    void placeCards();
    /// One range for all heatmaps.
    [[nodiscard]] HeatmapScale sharedScale() const;
    void pin(const HeatmapView *from);
    void hover(const HeatmapView *heatmap, HeadCell head);
    void fillBudgetMenu(QMenu *menu);
    void fillFigureMenu(QMenu *menu);
    void exportBudgets(const std::vector<MethodBudget> &plans, bool table);

    Session &m_session;
    QSettings &m_settings;
    QUndoStack &m_undo;
    BudgetSettings m_chosen;
    BudgetBasis m_basis;
    std::vector<MethodBudget> m_plans;
    QStackedWidget *m_stack;
    BudgetSettingsPanel *m_panel;
    std::array<BudgetCard *, BudgetSettings::mostMethods> m_cards{};
    QGridLayout *m_grid = nullptr;
    BudgetCharts *m_charts;
    QComboBox *m_scale;
    QLabel *m_hover;
    QLabel *m_none; ///< no method is chosen
};

} // namespace headkv
