// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/window/RecentMenu.h"

#include "app/explorer/common/RecentFiles.h"
#include "widgets/theme/Icons.h"

namespace headkv {

RecentMenu::RecentMenu(RecentFiles &recents, QWidget *parent)
    : QMenu(tr("&Recent"), parent)
    , m_recents(recents)
{
    setIcon(themedIcon(QStringLiteral("recent")));
    connect(&recents, &RecentFiles::changed, this, &RecentMenu::fill);
    fill();
}

void RecentMenu::fill()
{
    clear();
    bool wasPinned = false;
    const QStringList files = m_recents.files();
    for (const QString &file : files) {
        const bool pinned = m_recents.isPinned(file);
        if (wasPinned && !pinned)
            addSeparator();
        wasPinned = pinned;
        QAction *action = addAction(RecentFiles::title(file).replace(QLatin1Char('&'), QStringLiteral("&&")));
        if (pinned)
            action->setIcon(themedIcon(QStringLiteral("pin")));
        connect(action, &QAction::triggered, this, [this, file] { Q_EMIT chosen(file); });
    }
    if (!files.isEmpty() && !m_recents.isPinned(files.last())) {
        addSeparator();
        QAction *action = addAction(tr("&Clear"));
        action->setToolTip(tr("Empty this list but for what is pinned; no file is deleted"));
        connect(action, &QAction::triggered, &m_recents, &RecentFiles::clear);
    }
    setEnabled(!files.isEmpty());
}

} // namespace headkv
