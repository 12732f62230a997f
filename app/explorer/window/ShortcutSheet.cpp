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
#include <algorithm>
#include <array>
#include <vector>

namespace headkv {

namespace {

QString keysOf(const QAction &action)
{
    QStringList keys;
    for (const QKeySequence &shortcut : action.shortcuts())
        keys.append(shortcut.toString(QKeySequence::NativeText));
    return keys.join(QObject::tr(" or "));
}

struct Group
{
    QString title;
    QList<std::pair<QString, QString>> rows; ///< keys and what they do
};

/// Those of actions, in their order; then what figures and tables do with keys.
std::vector<Group> groupsOf(const ActionRegistry &actions)
{
    std::vector<Group> groups;
    for (const QString &id : actions.ids()) {
        const QAction *action = actions.action(id);
        if (action->shortcut().isEmpty())
            continue;
        const QString title = ActionRegistry::group(id);
        auto group = std::ranges::find(groups, title, &Group::title);
        if (group == groups.end())
            group = groups.insert(groups.end(), {title, {}});
        group->rows.append({keysOf(*action), actions.title(id)});
    }
    const QString copy = QKeySequence(QKeySequence::Copy).toString(QKeySequence::NativeText);
    groups.push_back({ShortcutSheet::tr("In a figure or table that has the focus"),
                      {{ShortcutSheet::tr("Arrows, Home, End"), ShortcutSheet::tr("Move over heads and cells")},
                       {ShortcutSheet::tr("Enter or Space"), ShortcutSheet::tr("Pin a head, open a case")},
                       {ShortcutSheet::tr("+  −  0"), ShortcutSheet::tr("Zoom, and show all again")},
                       {ShortcutSheet::tr("Menu key"), ShortcutSheet::tr("Copy or export the figure")},
                       {copy, ShortcutSheet::tr("Copy a table's chosen rows")}}});
    return groups;
}

} // namespace

ShortcutSheet::ShortcutSheet(const ActionRegistry &actions, QWidget *window)
    : QDialog(window)
{
    setWindowTitle(tr("Shortcuts"));
    auto *columns = new QHBoxLayout;
    columns->setSpacing(5 * Theme::spacing);
    std::array<QVBoxLayout *, 2> column{};
    for (QVBoxLayout *&side : column) {
        side = new QVBoxLayout;
        side->setSpacing(Theme::spacing);
        columns->addLayout(side, 1);
    }
    std::array<qsizetype, 2> heights{};
    for (const auto &[title, rows] : groupsOf(actions)) {
        const std::size_t lower = heights[1] < heights[0] ? 1 : 0;
        addGroup(column[lower], title, rows);
        heights[lower] += rows.size() + 2;
    }
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
