// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/budget/BudgetPlan.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;
class QListWidget;
class QListWidgetItem;
class QSpinBox;
class QTimer;

namespace headkv {

class BetaSlider;
class ScoreLibrary;

/// The settings of the Budget page. It tells of each edit and shows what it is given; it keeps no state of its own
/// beyond its controls.
class BudgetSettingsPanel : public QWidget
{
    Q_OBJECT

public:
    explicit BudgetSettingsPanel(const ScoreLibrary &library, QWidget *parent = nullptr);

    /// Shows settings on a basis, without a signal: what cannot be is disabled and says why.
    void show(const BudgetSettings &settings, const BudgetBasis &basis);

    [[nodiscard]] QListWidget *methods() const { return m_methods; }
    [[nodiscard]] QSpinBox *budget() const { return m_budget; }
    [[nodiscard]] QSpinBox *window() const { return m_window; }
    [[nodiscard]] BetaSlider *beta() const { return m_beta; }
    [[nodiscard]] QComboBox *granularity() const { return m_granularity; }
    [[nodiscard]] QCheckBox *redistribute() const { return m_redistribute; }
    [[nodiscard]] QComboBox *scoreSet() const { return m_scores; }
    [[nodiscard]] QSpinBox *tokens() const { return m_tokens; }
    [[nodiscard]] QLabel *reason() const { return m_reason; }

Q_SIGNALS:
    /// `what` names the setting for the Edit menu; `gesture` is the same for changes by one movement of the hand.
    void edited(const QString &what, int gesture, const headkv::BudgetSettings &settings);

private:
    void buildForm(QFormLayout *form);
    void connectAll();
    void showMethods(const BudgetBasis &basis);
    void showScoreSets();
    void showRunnable(const BudgetBasis &basis);
    /// Tells of a change of one setting.
    template <typename Change>
    void edit(const QString &what, Change change);
    void endGesture();

    const ScoreLibrary &m_library;
    BudgetSettings m_shown;
    QListWidget *m_methods;
    QLabel *m_reason;
    QComboBox *m_scores;
    QSpinBox *m_budget;
    QSpinBox *m_window;
    BetaSlider *m_beta;
    QComboBox *m_granularity;
    QCheckBox *m_redistribute;
    QSpinBox *m_tokens;
    QTimer *m_pause; ///< without a change for so long, the next is a movement of its own
    int m_gesture = 0;
};

} // namespace headkv
