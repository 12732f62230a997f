// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

class QVBoxLayout;

namespace headkv {

class ActionRegistry;

/// All shortcuts there are, by what they belong to; and the keys of figures and tables, which are no actions.
class ShortcutSheet : public QDialog
{
    Q_OBJECT

public:
    ShortcutSheet(const ActionRegistry &actions, QWidget *window);

private:
    void addGroup(QVBoxLayout *column, const QString &title, const QList<std::pair<QString, QString>> &rows);
};

} // namespace headkv
