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

    [[nodiscard]] QListWidget *recents() const { return m_list; }
    [[nodiscard]] QPushButton *pinButton() const { return m_pin; }
    [[nodiscard]] QPushButton *removeButton() const { return m_remove; }
    [[nodiscard]] QPushButton *clearButton() const { return m_clear; }

Q_SIGNALS:
    void openRequested(const QString &file);

private:
    [[nodiscard]] QWidget *buildOpenBox(const ActionRegistry &actions);
    [[nodiscard]] QWidget *buildRecents();
    void fillRecents();
    /// What can be done with the chosen file.
    void updateButtons();
    [[nodiscard]] QString chosen() const;

    RecentFiles &m_recents;
    QListWidget *m_list;
    QPushButton *m_pin;
    QPushButton *m_remove;
    QPushButton *m_clear;
};

} // namespace headkv
