// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QStringList>

class QLineEdit;
class QListWidget;

namespace headkv {

class ActionRegistry;

/// Every action of the window by a few letters of its name. Those that cannot be done now say why. Arrow keys choose
/// while the letters are typed, Enter does it, Escape leaves.
class CommandPalette : public QDialog
{
    Q_OBJECT

public:
    /// `own`: the id of the action that opens it, which is left out. Deletes itself once it is closed.
    CommandPalette(const ActionRegistry &actions, const QString &own, QWidget *window);

    [[nodiscard]] QLineEdit *edit() const { return m_edit; }
    [[nodiscard]] QListWidget *list() const { return m_list; }
    /// Ids, the best first.
    [[nodiscard]] QStringList shown() const;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    void filter();
    void runChosen();

    const ActionRegistry &m_actions;
    QString m_own;
    QLineEdit *m_edit;
    QListWidget *m_list;
};

} // namespace headkv
