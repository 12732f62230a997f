// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QUndoCommand>
#include <functional>
#include <optional>
#include <utility>

namespace headkv {

/// Which edits of the window can merge with which: QUndoCommand::id().
enum class EditKind { Budget = 1, Pins, Notes };

/// A change of a value: of the Budget page's settings, the pins, the notes. Changes of one thing by one movement of the
/// hand are one step.
template <typename Value>
class ValueEdit : public QUndoCommand
{
public:
    using Apply = std::function<void(const Value &)>;

    /// `gesture` counts movements: edits with the same text and gesture merge; without one they never do.
    ValueEdit(EditKind kind, const QString &text, std::optional<int> gesture, Value before, Value after, Apply apply)
        : QUndoCommand(text)
        , m_kind(kind)
        , m_gesture(gesture)
        , m_before(std::move(before))
        , m_after(std::move(after))
        , m_apply(std::move(apply))
    {}

    void undo() override { m_apply(m_before); }
    void redo() override { m_apply(m_after); }
    [[nodiscard]] int id() const override { return m_gesture ? static_cast<int>(m_kind) : -1; }
    bool mergeWith(const QUndoCommand *other) override
    {
        const auto *next = static_cast<const ValueEdit *>(other); // the stack compared the ids
        if (next->m_gesture != m_gesture || next->text() != text())
            return false;
        m_after = next->m_after;
        setObsolete(m_after == m_before);
        return true;
    }

private:
    EditKind m_kind;
    std::optional<int> m_gesture;
    Value m_before, m_after;
    Apply m_apply;
};

} // namespace headkv
