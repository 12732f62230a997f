// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QIcon>
#include <QKeySequence>
#include <QObject>
#include <QStringList>

class QAction;

namespace headkv {

/// Every action of the window under an id, e.g. "file.open": menus, the rail, tests and the command palette find it
/// here.
class ActionRegistry : public QObject
{
    Q_OBJECT

public:
    explicit ActionRegistry(QObject *parent = nullptr);

    /// Makes an action; icon is a name of themedIcon(), or empty. An id is used once.
    QAction *add(const QString &id, const QString &text, const QString &icon = {}, const QKeySequence &shortcut = {});
    /// Takes in an action that something else has made (a dock's toggle).
    void take(const QString &id, QAction *action);
    /// Null: no such id.
    [[nodiscard]] QAction *action(const QString &id) const { return m_actions.value(id); }
    /// In the order in which they came.
    [[nodiscard]] const QStringList &ids() const { return m_ids; }
    /// What the action is called: its text without mnemonic.
    [[nodiscard]] QString title(const QString &id) const;
    /// What it belongs to, by the first part of its id: "File".
    [[nodiscard]] static QString group(const QString &id);
    /// Why it cannot be done, where it is disabled and its tooltip does not say.
    void explain(const QString &id, const QString &why) { m_reasons.insert(id, why); }
    /// Why it cannot be done now: what was explained, else its tooltip. Empty: it can.
    [[nodiscard]] QString problem(const QString &id) const;

private:
    QHash<QString, QAction *> m_actions;
    QHash<QString, QString> m_reasons;
    QStringList m_ids;
};

} // namespace headkv
