// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/budget/BudgetPlan.h"

#include <QUndoCommand>
#include <functional>

namespace headkv {

/// A change of the Budget page's settings. Changes of one setting by one movement of the hand are one step.
class BudgetEdit : public QUndoCommand
{
public:
    using Apply = std::function<void(const BudgetSettings &)>;

    /// `gesture` counts movements: edits with the same setting (text) and gesture merge.
    BudgetEdit(const QString &text, int gesture, BudgetSettings before, BudgetSettings after, Apply apply);

    void undo() override;
    void redo() override;
    [[nodiscard]] int id() const override;
    bool mergeWith(const QUndoCommand *other) override;

private:
    int m_gesture;
    BudgetSettings m_before, m_after;
    Apply m_apply;
};

} // namespace headkv
