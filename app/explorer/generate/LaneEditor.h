// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/generate/LaneChoice.h"

#include <QFrame>

class QComboBox;
class QDoubleSpinBox;
class QSpinBox;
class QToolButton;

namespace headkv {

/// The controls of one lane: its method, and what can be set of it.
class LaneEditor : public QFrame
{
    Q_OBJECT

public:
    explicit LaneEditor(QWidget *parent = nullptr);

    [[nodiscard]] const LaneChoice &choice() const { return m_choice; }
    /// Without a signal. `number` counts lanes from 1; the only lane cannot be removed.
    void show(const LaneChoice &choice, const std::vector<ScoreSet> &sets, int number, bool removable);

    [[nodiscard]] QComboBox *method() const { return m_method; }
    [[nodiscard]] QSpinBox *budget() const { return m_budget; }
    [[nodiscard]] QSpinBox *window() const { return m_window; }
    [[nodiscard]] QDoubleSpinBox *beta() const { return m_beta; }
    [[nodiscard]] QComboBox *granularity() const { return m_granularity; }
    [[nodiscard]] QComboBox *scoreSet() const { return m_scores; }
    [[nodiscard]] QToolButton *removeButton() const { return m_remove; }

Q_SIGNALS:
    void changed();
    void removeRequested();

private:
    void build();
    void connectAll();
    void showSets(const std::vector<ScoreSet> &sets);
    void showParts();
    void edited();

    LaneChoice m_choice;
    std::vector<ScoreSet> m_sets;
    QComboBox *m_method;
    QSpinBox *m_budget;
    QToolButton *m_remove;
    QSpinBox *m_window;
    QDoubleSpinBox *m_beta;
    QComboBox *m_granularity;
    QComboBox *m_scores;
};

} // namespace headkv
