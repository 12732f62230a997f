// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/budget/BudgetEdit.h"

namespace headkv {

BudgetEdit::BudgetEdit(const QString &text, int gesture, BudgetSettings before, BudgetSettings after, Apply apply)
    : QUndoCommand(text)
    , m_gesture(gesture)
    , m_before(std::move(before))
    , m_after(std::move(after))
    , m_apply(std::move(apply))
{}

void BudgetEdit::undo() { m_apply(m_before); }

void BudgetEdit::redo() { m_apply(m_after); }

int BudgetEdit::id() const
{
    constexpr int budgetEdits = 1; // of the window's commands
    return budgetEdits;
}

bool BudgetEdit::mergeWith(const QUndoCommand *other)
{
    const auto *next = static_cast<const BudgetEdit *>(other); // the stack compared the ids
    if (next->m_gesture != m_gesture || next->text() != text())
        return false;
    m_after = next->m_after;
    setObsolete(m_after == m_before);
    return true;
}

} // namespace headkv
