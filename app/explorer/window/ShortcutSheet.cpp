// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/window/ShortcutSheet.h"

#include "app/explorer/common/ActionRegistry.h"
#include "app/explorer/common/FormHelpers.h"
#include "widgets/theme/Theme.h"

#include <QAction>
#include <QDialogButtonBox>
#include <QGridLayout>
#include <QLabel>
#include <QVBoxLayout>
#include <array>

namespace headkv {

namespace {

QString keysOf(const QAction &action)
{
    QStringList keys;
    for (const QKeySequence &shortcut : action.shortcuts())
        keys.append(shortcut.toString(QKeySequence::NativeText));
    return keys.join(QObject::tr(" or "));
}

} // namespace

ShortcutSheet::ShortcutSheet(const ActionRegistry &actions, QWidget *window)
    : QDialog(window)
{
    setWindowTitle(tr("Shortcuts"));
    QStringList groups;
    QHash<QString, QList<std::pair<QString, QString>>> rows;
    for (const QString &id : actions.ids()) {
        const QAction *action = actions.action(id);
        if (action->shortcut().isEmpty())
            continue;
        const QString group = ActionRegistry::group(id);
        if (!rows.contains(group))
            groups.append(group);
        rows[group].append({keysOf(*action), actions.title(id)});
    }
    auto *columns = new QHBoxLayout;
    columns->setSpacing(5 * Theme::spacing);
    std::array<QVBoxLayout *, 2> column{};
    for (QVBoxLayout *&side : column) {
        side = new QVBoxLayout;
        side->setSpacing(Theme::spacing);
        columns->addLayout(side, 1);
    }
    std::array<qsizetype, 2> heights{};
    for (const QString &group : groups) {
        const std::size_t lower = heights[1] < heights[0] ? 1 : 0;
        addGroup(column[lower], group, rows[group]);
        heights[lower] += rows[group].size() + 2;
    }
    addGroup(column[heights[1] < heights[0] ? 1 : 0], tr("In a figure or table that has the focus"),
             {{tr("Arrows, Home, End"), tr("Move over heads and cells")},
              {tr("Enter or Space"), tr("Pin a head, open a case")},
              {tr("+  −  0"), tr("Zoom, and show all again")},
              {tr("Menu key"), tr("Copy or export the figure")},
              {QKeySequence(QKeySequence::Copy).toString(QKeySequence::NativeText), tr("Copy a table's chosen rows")}});
    for (QVBoxLayout *side : column)
        side->addStretch();
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(3 * Theme::spacing, 2 * Theme::spacing, 3 * Theme::spacing, 2 * Theme::spacing);
    layout->setSpacing(2 * Theme::spacing);
    layout->addLayout(columns);
    layout->addWidget(buttons);
}

void ShortcutSheet::addGroup(QVBoxLayout *column, const QString &title, const QList<std::pair<QString, QString>> &rows)
{
    column->addWidget(heading(title));
    auto *grid = new QGridLayout;
    grid->setHorizontalSpacing(2 * Theme::spacing);
    grid->setVerticalSpacing(Theme::spacing / 2);
    grid->setColumnMinimumWidth(0, fontMetrics().horizontalAdvance(tr("Arrows, Home, End"))); // as wide in all groups
    grid->setColumnStretch(1, 1);
    for (const auto &[keys, what] : rows) {
        auto *key = new QLabel(keys);
        key->setForegroundRole(QPalette::PlaceholderText);
        const int row = grid->rowCount();
        grid->addWidget(key, row, 0);
        grid->addWidget(new QLabel(what), row, 1);
    }
    column->addLayout(grid);
    column->addSpacing(Theme::spacing);
}

} // namespace headkv
