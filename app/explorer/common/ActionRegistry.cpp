// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/common/ActionRegistry.h"

#include "widgets/theme/Icons.h"

#include <QAction>

namespace headkv {

ActionRegistry::ActionRegistry(QObject *parent)
    : QObject(parent)
{}

QAction *ActionRegistry::add(const QString &id, const QString &text, const QString &icon, const QKeySequence &shortcut)
{
    auto *action = new QAction(text, this);
    if (!icon.isEmpty())
        action->setIcon(themedIcon(icon));
    action->setShortcut(shortcut);
    take(id, action);
    return action;
}

void ActionRegistry::take(const QString &id, QAction *action)
{
    Q_ASSERT(!m_actions.contains(id));
    m_actions.insert(id, action);
    m_ids.append(id);
}

} // namespace headkv
