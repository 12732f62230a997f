// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/common/ActionRegistry.h"
#include "app/explorer/common/FileOpener.h"
#include "app/explorer/common/RecentFiles.h"
#include "sessions/Session.h"
#include "widgets/theme/Theme.h"

#include <QMainWindow>
#include <QUndoStack>

class QDockWidget;
class QMenu;
class QSettings;
class QStackedWidget;

namespace headkv {

class BudgetPage;
class ComparePage;
class GeneratePage;
class HeadInspector;
class HeadsPage;
class LogPanel;
class MessageBar;
class ModelPage;
class NotesPanel;
class Page;
class ProbePage;
class StartPage;
class WindowDocuments;
class WindowTools;

/// The window: pages with their rail, docks, menus, status bar; and the session they show.
class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    /// Both outlive the window.
    MainWindow(Theme &theme, QSettings &settings);
    ~MainWindow() override;

    /// Asks before a model takes the place of one that generates, and before a session, once its turn has come, that of
    /// one with unsaved changes.
    void openFiles(const QStringList &files);
    /// "start", "model", "probe", "heads", "budget", "generate", "compare".
    void showPage(const QString &name);
    /// Nothing runs, nothing waits to be opened.
    [[nodiscard]] bool isIdle() const;
    [[nodiscard]] const QStringList &openFailures() const { return m_opener.failures(); }

    [[nodiscard]] Session &session() { return m_session; }
    [[nodiscard]] const ActionRegistry &actions() const { return m_actions; }
    [[nodiscard]] ActionRegistry &actions() { return m_actions; }
    /// Of models that are opened from now on.
    void setModelOptions(const ModelOptions &options) { m_opener.setModelOptions(options); }
    [[nodiscard]] ModelPage *modelPage() const { return m_model; }
    [[nodiscard]] ProbePage *probePage() const { return m_probe; }
    [[nodiscard]] HeadsPage *headsPage() const { return m_heads; }
    [[nodiscard]] BudgetPage *budgetPage() const { return m_budget; }
    [[nodiscard]] GeneratePage *generatePage() const { return m_generate; }
    [[nodiscard]] ComparePage *comparePage() const { return m_compare; }
    [[nodiscard]] StartPage *startPage() const { return m_start; }
    [[nodiscard]] NotesPanel *notes() const { return m_notes; }
    [[nodiscard]] WindowDocuments *documents() const { return m_documents; }
    /// What is to be said above all pages: a recovery, a session's model.
    [[nodiscard]] MessageBar *bar() const { return m_bar; }
    [[nodiscard]] QUndoStack &undoStack() { return m_undo; }
    [[nodiscard]] Page *currentPage() const;

protected:
    void closeEvent(QCloseEvent *event) override;

private:
    void buildActions();
    void buildPages();
    void buildDocks();
    void buildMenus();
    void buildThemeMenu(QMenu *view);
    void connectSession();
    void updateActions();
    void restore();
    void resetLayout();
    void chooseFiles();
    void chooseFolder();
    void exportFigure();
    void fileOpened(const QString &file);
    void showProblem(const QString &message);
    void about();

    Theme &m_theme;
    QSettings &m_settings;
    Session m_session;
    ActionRegistry m_actions;
    QUndoStack m_undo;
    RecentFiles m_recents;
    FileOpener m_opener;
    QStackedWidget *m_pages = nullptr;
    StartPage *m_start = nullptr;
    ModelPage *m_model = nullptr;
    ProbePage *m_probe = nullptr;
    HeadsPage *m_heads = nullptr;
    BudgetPage *m_budget = nullptr;
    GeneratePage *m_generate = nullptr;
    ComparePage *m_compare = nullptr;
    HeadInspector *m_inspector = nullptr;
    LogPanel *m_log = nullptr;
    QDockWidget *m_inspectorDock = nullptr;
    NotesPanel *m_notes = nullptr;
    MessageBar *m_bar = nullptr;
    WindowDocuments *m_documents = nullptr;
    QDockWidget *m_logDock = nullptr;
    QDockWidget *m_notesDock = nullptr;
    WindowTools *m_tools = nullptr;
};

} // namespace headkv
