// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/window/WindowTools.h"

#include "app/explorer/budget/BudgetPage.h"
#include "app/explorer/common/UserSettings.h"
#include "app/explorer/compare/ComparePage.h"
#include "app/explorer/generate/GeneratePage.h"
#include "app/explorer/heads/HeadsPage.h"
#include "app/explorer/model/ModelPage.h"
#include "app/explorer/probe/ProbePage.h"
#include "app/explorer/window/CommandPalette.h"
#include "app/explorer/window/ExportAllDialog.h"
#include "app/explorer/window/MainWindow.h"
#include "app/explorer/window/SettingsDialog.h"
#include "app/explorer/window/ShortcutSheet.h"
#include "widgets/charts/HeatmapView.h"

#include <QAction>

namespace headkv {

WindowTools::WindowTools(MainWindow &window, Theme &theme, QSettings &settings)
    : QObject(&window)
    , m_window(window)
    , m_theme(theme)
    , m_settings(settings)
{
    const auto add = [this](const char *id, const QString &text, const char *icon, const QList<QKeySequence> &keys,
                            const QString &tip, auto slot) {
        QAction *action = m_window.actions().add(QLatin1String(id), text, QLatin1String(icon));
        action->setShortcuts(keys);
        action->setToolTip(tip);
        connect(action, &QAction::triggered, this, slot);
    };
    m_window.actions().explain(QStringLiteral("edit.undo"),
                               tr("There is no edit of budgets, pins or notes to take back"));
    m_window.actions().explain(QStringLiteral("edit.redo"), tr("No edit of budgets, pins or notes was taken back"));
    add("file.exportAll", tr("Export &all…"), "download", {QKeySequence(tr("Ctrl+Shift+E"))},
        tr("Write all pages' figures, numbers, scores, budgets and reports into a folder"), &WindowTools::exportAll);
    add("edit.settings", tr("&Settings…"), "settings", {QKeySequence(tr("Ctrl+,"))},
        tr("How models are computed and how the window looks"), &WindowTools::showSettings);
    add("view.commands", tr("&Commands…"), "command", {QKeySequence(tr("Ctrl+Shift+P"))},
        tr("Find any command by a few letters"), &WindowTools::showCommands);
    add("help.shortcuts", tr("&Shortcuts"), "help", {QKeySequence(Qt::Key_F1), QKeySequence(tr("Ctrl+/"))},
        tr("All keys at a glance"), &WindowTools::showShortcuts);
}

void WindowTools::exportAll()
{
    ExportAllDialog dialog(m_window.session(),
                           {{QStringLiteral("model"), m_window.modelPage()},
                            {QStringLiteral("probe"), m_window.probePage()},
                            {QStringLiteral("heads"), m_window.headsPage()},
                            {QStringLiteral("budget"), m_window.budgetPage()},
                            {QStringLiteral("generate"), m_window.generatePage()},
                            {QStringLiteral("compare"), m_window.comparePage()}},
                           m_settings, &m_window);
    dialog.exec();
}

void WindowTools::showCommands()
{
    (new CommandPalette(m_window.actions(), QStringLiteral("view.commands"), &m_window))->show();
}

void WindowTools::showShortcuts() { ShortcutSheet(m_window.actions(), &m_window).exec(); }

void WindowTools::showSettings()
{
    const auto info = m_window.session().modelInfo();
    const bool isIdle = m_window.session().activity() == Session::Activity::Idle;
    SettingsDialog dialog(m_theme, m_settings, info && isIdle, &m_window);
    if (dialog.exec() != QDialog::Accepted)
        return;
    m_theme.setMode(dialog.themeMode());
    m_window.actions().action(QStringLiteral("theme.") + toString(dialog.themeMode()))->setChecked(true);
    applySettings();
    if (dialog.wantsReload() && m_window.session().modelInfo())
        m_window.openFiles({QString::fromStdString(m_window.session().modelInfo()->path)});
}

void WindowTools::applySettings()
{
    const ColorMap::Name colors = storedColorMap(m_settings);
    m_window.headsPage()->setColorMap(colors);
    for (HeatmapView *map : m_window.findChildren<HeatmapView *>()) {
        if (map->colorMap() != ColorMap::Name::Diverging)
            map->setColorMap(colors);
    }
    m_window.setModelOptions(storedModelOptions(m_settings));
}

} // namespace headkv
