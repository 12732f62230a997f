// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

class QSettings;

namespace headkv {

class MainWindow;
class Theme;

/// What serves all pages and stands on none: Export all, the command palette, the shortcuts, the settings. Registers
/// their actions: "file.exportAll", "view.commands", "edit.settings", "help.shortcuts".
class WindowTools : public QObject
{
    Q_OBJECT

public:
    /// All outlive the tools.
    WindowTools(MainWindow &window, Theme &theme, QSettings &settings);

    void exportAll();
    void showCommands();
    void showShortcuts();
    void showSettings();
    /// Gives all heatmaps the stored colours, and models that are loaded from now on the stored options.
    void applySettings();

private:
    MainWindow &m_window;
    Theme &m_theme;
    QSettings &m_settings;
};

} // namespace headkv
