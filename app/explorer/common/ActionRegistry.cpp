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

QString ActionRegistry::title(const QString &id) const
{
    QString text = m_actions.value(id)->text();
    return text.remove(QLatin1Char('&'));
}

QString ActionRegistry::group(const QString &id)
{
    const QString first = id.section(QLatin1Char('.'), 0, 0);
    if (first == QLatin1String("page"))
        return tr("Go to");
    if (first == QLatin1String("dock"))
        return tr("Show or hide");
    return first.left(1).toUpper() + first.mid(1);
}

QString ActionRegistry::problem(const QString &id) const
{
    const QAction *action = m_actions.value(id);
    if (action->isEnabled())
        return {};
    const QString tip = action->toolTip() == title(id) ? tr("Not possible now") : action->toolTip();
    return m_reasons.value(id, tip);
}

} // namespace headkv
