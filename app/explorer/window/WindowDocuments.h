// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

class QSettings;

namespace headkv {

class DocumentKeeper;
class MainWindow;
class RecentFiles;

/// The session as the window's document: the actions for it, the title, the sample, the tour. Registers "file.new",
/// "file.sample", "file.save", "file.saveAs" and "help.tour".
class WindowDocuments : public QObject
{
    Q_OBJECT

public:
    /// All outlive it. The actions work once attach() was called.
    WindowDocuments(MainWindow &window, RecentFiles &recents, QSettings &settings);

    /// To the window's pages, which are there by now.
    void attach();
    [[nodiscard]] DocumentKeeper *keeper() const { return m_keeper; }
    void openSample();
    /// With the sample session, where nothing is open.
    void beginTour();
    /// An opened session among the recent files; of samples and recovered copies nothing is remembered.
    void remember();

private:
    void connectKeeper();
    void showTitle();
    void updateActions();

    MainWindow &m_window;
    RecentFiles &m_recents;
    QSettings &m_settings;
    DocumentKeeper *m_keeper = nullptr;
};

} // namespace headkv
