// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMenu>

namespace headkv {

class RecentFiles;

/// The files that were opened last, as a menu; the pinned ones first.
class RecentMenu : public QMenu
{
    Q_OBJECT

public:
    /// The list outlives the menu.
    explicit RecentMenu(RecentFiles &recents, QWidget *parent = nullptr);

Q_SIGNALS:
    void chosen(const QString &file);

private:
    void fill();

    RecentFiles &m_recents;
};

} // namespace headkv
