// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/common/Page.h"

class QListWidget;
class QPushButton;

namespace headkv {

class ActionRegistry;
class RecentFiles;

/// The first page: what to open, what was open last, what to do next.
class StartPage : public Page
{
    Q_OBJECT

public:
    StartPage(const ActionRegistry &actions, RecentFiles &recents, QWidget *parent = nullptr);

Q_SIGNALS:
    void openRequested(const QString &file);

private:
    [[nodiscard]] QWidget *buildOpenBox(const ActionRegistry &actions);
    [[nodiscard]] QWidget *buildRecents();
    void fillRecents();

    RecentFiles &m_recents;
    QListWidget *m_list;
    QPushButton *m_remove;
    QPushButton *m_clear;
};

} // namespace headkv
