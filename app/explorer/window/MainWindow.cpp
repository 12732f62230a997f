// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/window/MainWindow.h"

#include "app/explorer/budget/BudgetPage.h"
#include "app/explorer/common/ChartActions.h"
#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/compare/ComparePage.h"
#include "app/explorer/generate/GeneratePage.h"
#include "app/explorer/heads/HeadInspector.h"
#include "app/explorer/heads/HeadsPage.h"
#include "app/explorer/model/ModelPage.h"
#include "app/explorer/probe/ProbePage.h"
#include "app/explorer/start/StartPage.h"
#include "app/explorer/window/Confirmations.h"
#include "app/explorer/window/DocumentKeeper.h"
#include "app/explorer/window/ExplorerOptions.h"
#include "app/explorer/window/FileDrop.h"
#include "app/explorer/window/LogPanel.h"
#include "app/explorer/window/NotesPanel.h"
#include "app/explorer/window/PageRail.h"
#include "app/explorer/window/RecentMenu.h"
#include "app/explorer/window/SessionStatusBar.h"
#include "app/explorer/window/WindowDocuments.h"
#include "app/explorer/window/WindowTools.h"
#include "core/base/Installation.h"
#include "sessions/LaneSession.h"
#include "sessions/ProbeSession.h"
#include "sessions/ScoreLibrary.h"
#include "sessions/SessionFile.h"
#include "widgets/controls/MessageBar.h"
#include "widgets/theme/Icons.h"

#include <QAction>
#include <QActionGroup>
#include <QApplication>
#include <QCloseEvent>
#include <QDockWidget>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QMenuBar>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QStackedWidget>
#include <QStatusBar>
#include <algorithm>

namespace headkv {

namespace {

QString pageAction(const QString &name) { return QStringLiteral("page.") + name; }

} // namespace

MainWindow::MainWindow(Theme &theme, QSettings &settings)
    : m_theme(theme)
    , m_settings(settings)
    , m_recents(settings)
    , m_opener(m_session)
{
    setWindowIcon(themedIcon(QStringLiteral("app")));
    connect(new FileDrop(*this), &FileDrop::dropped, this, &MainWindow::openFiles);
    setMinimumSize(900, 560);
    buildActions();
    buildDocks();
    buildPages();
    m_documents->attach();
    buildMenus();
    new SessionStatusBar(m_session, statusBar());
    m_tools->applySettings();
    connectSession();
    restore();
    updateActions();
}

/// Documents hear of the session and of edits, which end with the window: they go first.
MainWindow::~MainWindow() { delete m_documents; }

void MainWindow::buildActions()
{
    const auto add = [this](const char *id, const QString &text, const char *icon, const QKeySequence &keys,
                            auto &&slot) {
        connect(m_actions.add(QLatin1String(id), text, QLatin1String(icon), keys), &QAction::triggered, this, slot);
    };
    m_documents = new WindowDocuments(*this, m_recents, m_settings);
    add("file.open", tr("&Open…"), "folder", QKeySequence::Open, &MainWindow::chooseFiles);
    add("file.openFolder", tr("Open model &folder…"), "folder", QKeySequence(tr("Ctrl+Shift+O")),
        &MainWindow::chooseFolder);
    add("file.loadDefault", tr("Load &default model"), "model", QKeySequence(tr("Ctrl+D")),
        [this] { openFiles({QStringLiteral("default")}); });
    add("file.export", tr("&Export figure…"), "export", QKeySequence(tr("Ctrl+E")), &MainWindow::exportFigure);
    add("file.quit", tr("&Quit"), "close", QKeySequence(tr("Ctrl+Q")), &MainWindow::close);
    const auto take = [this](const char *id, QAction *action, const char *icon, const QKeySequence &keys) {
        action->setIcon(themedIcon(QLatin1String(icon)));
        action->setShortcut(keys);
        m_actions.take(QLatin1String(id), action);
    };
    take("edit.undo", m_undo.createUndoAction(this, tr("&Undo")), "undo", QKeySequence(tr("Ctrl+Z")));
    take("edit.redo", m_undo.createRedoAction(this, tr("&Redo")), "redo", QKeySequence(tr("Ctrl+Shift+Z")));
    add("run.cancel", tr("&Cancel what runs"), "cancel", QKeySequence(tr("Ctrl+.")), [this] { m_session.cancel(); });
    m_tools = new WindowTools(*this, m_theme, m_settings);
    add("view.resetLayout", tr("&Reset layout"), "reset", {}, &MainWindow::resetLayout);
    add("help.about", tr("&About HeadKV Explorer"), "info", {}, &MainWindow::about);
    const QStringList titles{tr("&Start"),  tr("&Model"),    tr("&Probe"),  tr("&Heads"),
                             tr("&Budget"), tr("&Generate"), tr("&Compare")};
    auto *group = new QActionGroup(this);
    for (int i = 0; i < titles.size(); ++i) {
        const QString name = ExplorerOptions::pageNames()[i];
        QAction *action =
            m_actions.add(pageAction(name), titles[i], name, QKeySequence(QStringLiteral("Ctrl+%1").arg(i + 1)));
        action->setCheckable(true);
        group->addAction(action);
        connect(action, &QAction::triggered, this, [this, name] { showPage(name); });
    }
}

void MainWindow::buildPages()
{
    m_pages = new QStackedWidget;
    m_start = new StartPage(m_actions, m_recents);
    m_model = new ModelPage(m_session, m_actions);
    m_probe = new ProbePage(m_session, m_settings);
    m_heads = new HeadsPage(m_session, m_settings, m_undo, m_inspector);
    m_budget = new BudgetPage(m_session, m_settings, m_actions, m_undo);
    m_generate = new GeneratePage(m_session, m_settings);
    m_compare = new ComparePage(m_session, m_settings);
    for (Page *page :
         std::initializer_list<Page *>{m_start, m_model, m_probe, m_heads, m_budget, m_generate, m_compare})
        m_pages->addWidget(page);
    QList<QAction *> railActions;
    for (const QString &name : ExplorerOptions::pageNames())
        railActions.append(m_actions.action(pageAction(name)));
    auto *central = new QWidget;
    auto *layout = new QHBoxLayout(central);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(new PageRail(railActions));
    auto *column = new QVBoxLayout;
    column->setSpacing(0);
    m_bar = new MessageBar;
    m_bar->setContentsMargins(2 * Theme::spacing, 2 * Theme::spacing, 2 * Theme::spacing, 0);
    column->addWidget(m_bar);
    column->addWidget(m_pages, 1);
    layout->addLayout(column, 1);
    setCentralWidget(central);
    connect(m_start, &StartPage::openRequested, this, [this](const QString &file) { openFiles({file}); });
    const auto loadDefault = [this] { openFiles({QStringLiteral("default")}); };
    connect(m_probe, &ProbePage::loadRequested, this, loadDefault);
    connect(m_generate, &GeneratePage::loadRequested, this, loadDefault);
    connect(m_compare, &ComparePage::loadRequested, this, loadDefault);
    connect(m_compare, &ComparePage::openRequested, this, &MainWindow::chooseFiles);
    connect(m_compare, &ComparePage::figureChanged, this, &MainWindow::updateActions);
    connect(m_heads, &HeadsPage::openRequested, this, &MainWindow::chooseFiles);
    connect(m_budget, &BudgetPage::openRequested, this, &MainWindow::chooseFiles);
    connect(m_heads, &HeadsPage::probeRequested, this, [this] { showPage(QStringLiteral("probe")); });
    connect(m_heads, &HeadsPage::inspectorWanted, m_inspectorDock, &QDockWidget::show);
    showPage(ExplorerOptions::pageNames().first());
}

void MainWindow::buildDocks()
{
    m_inspector = new HeadInspector(m_session);
    m_log = new LogPanel;
    m_notes = new NotesPanel(m_undo);
    const auto dock = [this](const QString &title, const QString &name, QWidget *content) {
        auto *widget = new QDockWidget(title, this);
        widget->setObjectName(name);
        widget->setWidget(content);
        m_actions.take(QStringLiteral("dock.") + name, widget->toggleViewAction());
        return widget;
    };
    m_inspectorDock = dock(tr("Head inspector"), QStringLiteral("inspector"), m_inspector);
    m_notesDock = dock(tr("Notes"), QStringLiteral("notes"), m_notes);
    m_logDock = dock(tr("Log"), QStringLiteral("log"), m_log);
    resetLayout();
}

void MainWindow::resetLayout()
{
    for (QDockWidget *dock : {m_inspectorDock, m_notesDock, m_logDock}) {
        dock->setFloating(false);
        addDockWidget(dock == m_logDock ? Qt::BottomDockWidgetArea : Qt::RightDockWidgetArea, dock);
        dock->hide();
    }
}

void MainWindow::buildMenus()
{
    const auto fill = [this](QMenu *menu, std::initializer_list<const char *> ids) {
        for (const char *id : ids) {
            if (*id)
                menu->addAction(m_actions.action(QLatin1String(id)));
            else
                menu->addSeparator();
        }
    };
    QMenu *file = menuBar()->addMenu(tr("&File"));
    fill(file, {"file.new", "file.open", "file.openFolder"});
    auto *recents = new RecentMenu(m_recents, this);
    file->addMenu(recents);
    connect(recents, &RecentMenu::chosen, this, [this](const QString &name) { openFiles({name}); });
    fill(file, {"file.sample", "file.loadDefault", "", "file.save", "file.saveAs", "file.export", "file.exportAll", "",
                "run.cancel", "", "file.quit"});
    fill(menuBar()->addMenu(tr("&Edit")), {"edit.undo", "edit.redo", "", "edit.settings"});
    QMenu *view = menuBar()->addMenu(tr("&View"));
    fill(view,
         {"view.commands", "", "page.start", "page.model", "page.probe", "page.heads", "page.budget", "page.generate",
          "page.compare", "", "dock.inspector", "dock.notes", "dock.log", "view.resetLayout", ""});
    buildThemeMenu(view);
    fill(menuBar()->addMenu(tr("&Help")), {"help.tour", "help.shortcuts", "", "help.about"});
}

void MainWindow::buildThemeMenu(QMenu *view)
{
    QMenu *menu = view->addMenu(themedIcon(QStringLiteral("theme")), tr("&Theme"));
    auto *group = new QActionGroup(this);
    const QStringList titles{tr("&Light"), tr("&Dark"), tr("As the &system")};
    for (int i = 0; i < titles.size(); ++i) {
        const auto mode = static_cast<ThemeMode>(i);
        QAction *action = m_actions.add(QStringLiteral("theme.") + toString(mode), titles[i]);
        action->setCheckable(true);
        action->setChecked(m_theme.mode() == mode);
        group->addAction(action);
        menu->addAction(action);
        connect(action, &QAction::triggered, this, [this, mode] {
            m_theme.setMode(mode);
            m_settings.setValue(QStringLiteral("theme"), toString(mode));
        });
    }
}

void MainWindow::connectSession()
{
    connect(&m_session, &Session::failed, this, &MainWindow::showProblem);
    connect(&m_opener, &FileOpener::refused, this, &MainWindow::showProblem);
    m_opener.setMayReplace([this] { return m_documents->keeper()->mayLeave(); });
    connect(m_documents->keeper(), &DocumentKeeper::failed, this, &MainWindow::showProblem);
    connect(&m_session, &Session::notice, this, [this](const QString &message) {
        m_log->append(message);
        currentPage()->messages()->showMessage(MessageBar::Kind::Warning, message);
    });
    connect(&m_session, &Session::logged, m_log, &LogPanel::append);
    connect(&m_opener, &FileOpener::opened, this, &MainWindow::fileOpened);
    connect(&m_session, &Session::activityChanged, this, &MainWindow::updateActions);
    connect(&m_session.probe(), &ProbeSession::started, this, &MainWindow::updateActions);
    for (const auto signal : {&LaneSession::started, &LaneSession::cleared})
        connect(&m_session.lanes(), signal, this, &MainWindow::updateActions);
    connect(&m_session.lanes(), &LaneSession::added, this, &MainWindow::updateActions);
    for (const auto signal : {&ScoreLibrary::added, &ScoreLibrary::removed})
        connect(&m_session.scores(), signal, this, &MainWindow::updateActions);
    connect(&m_session, &Session::modelChanged, this, &MainWindow::updateActions);
}

void MainWindow::updateActions()
{
    const bool busy = m_session.activity() != Session::Activity::Idle;
    // Lanes can be stopped for a model without a loss; a load or a probe cannot.
    const bool waiting = busy && m_session.activity() != Session::Activity::Generating &&
                         m_session.activity() != Session::Activity::Inspecting;
    const auto set = [this](const char *id, bool enabled, const QString &tip) {
        QAction *action = m_actions.action(QLatin1String(id));
        action->setEnabled(enabled);
        action->setToolTip(tip);
    };
    const QString waits = tr("Something runs; wait for it or cancel it");
    set("file.open", !waiting,
        waiting ? waits : tr("Open a session (.hkv), a model (.gguf), head scores or a report (.json)"));
    set("file.openFolder", !waiting, waiting ? waits : tr("Open a Hugging Face model: a folder with config.json"));
    set("file.loadDefault", !waiting, waiting ? waits : tr("Load the model that the set-up brought"));
    set("run.cancel", busy,
        busy ? tr("Stop what runs; a probe keeps its finished cases, a lane what it wrote, an evaluation its answers")
             : tr("Nothing runs"));
    const bool figure = currentPage()->exportChart() != nullptr;
    set("file.export", figure,
        figure ? tr("Write this page's figure as PNG, SVG, PDF or CSV") : tr("This page has no figure yet"));
}

void MainWindow::restore()
{
    resize(1280, 800);
    restoreGeometry(m_settings.value(QStringLiteral("geometry")).toByteArray());
    restoreState(m_settings.value(QStringLiteral("docks")).toByteArray());
}

Page *MainWindow::currentPage() const { return static_cast<Page *>(m_pages->currentWidget()); }

void MainWindow::showPage(const QString &name)
{
    const auto index = static_cast<int>(ExplorerOptions::pageNames().indexOf(name));
    if (index < 0)
        return;
    m_pages->setCurrentIndex(index);
    m_actions.action(pageAction(name))->setChecked(true);
    updateActions();
}

bool MainWindow::isIdle() const
{
    return m_opener.isIdle() && m_session.activity() == Session::Activity::Idle &&
           (currentPage() != m_probe || m_probe->isSettled()) &&
           (currentPage() != m_generate || m_generate->isSettled()) &&
           (currentPage() != m_compare || m_compare->isSettled());
}

void MainWindow::openFiles(const QStringList &files)
{
    QStringList wanted = files;
    if (m_session.activity() == Session::Activity::Inspecting)
        m_session.cancel(); // nothing is lost: it can be read again
    if (m_session.activity() == Session::Activity::Generating && std::ranges::any_of(files, &FileOpener::isModel)) {
        if (confirmsLoading(this))
            m_session.cancel(); // the opener waits until the lanes have stopped
        else
            wanted.removeIf(&FileOpener::isModel);
    }
    m_opener.open(wanted);
}

void MainWindow::fileOpened(const QString &file)
{
    if (isSessionFile(file)) // it says itself what is shown
        return m_documents->remember();
    m_recents.add(file);
    // From Start, go to what was opened; another page was chosen on purpose.
    if (currentPage() == m_start)
        showPage(FileOpener::pageOf(file));
}

void MainWindow::chooseFiles()
{
    const QString key = QStringLiteral("openFolder");
    const QStringList files = QFileDialog::getOpenFileNames(
        this, tr("Open a session, a model, head scores or a report"), m_settings.value(key).toString(),
        tr("Sessions, models, head scores and reports (*.hkv *.gguf *.json)"));
    if (files.isEmpty())
        return;
    m_settings.setValue(key, QFileInfo(files.first()).absolutePath());
    openFiles(files);
}

void MainWindow::chooseFolder()
{
    const QString key = QStringLiteral("openFolder");
    const QString folder =
        QFileDialog::getExistingDirectory(this, tr("Open a model's folder"), m_settings.value(key).toString());
    if (folder.isEmpty())
        return;
    m_settings.setValue(key, QFileInfo(folder).absolutePath());
    openFiles({folder});
}

void MainWindow::exportFigure()
{
    if (const Chart *chart = currentPage()->exportChart())
        exportChartWithDialog(*chart, m_settings, this);
}

void MainWindow::showProblem(const QString &message)
{
    m_log->append(message);
    currentPage()->messages()->showMessage(MessageBar::Kind::Error, message);
}

void MainWindow::about()
{
    QMessageBox::about(this, tr("About HeadKV Explorer"),
                       tr("<h3>HeadKV Explorer %1</h3><p>See which attention heads of a language model find and reason "
                          "over facts, and what memory each deserves.</p>"
                          "<p>Free software under the GNU General Public License, version 3 or later. Built on Qt, "
                          "LibTorch, QCustomPlot and nlohmann/json.</p>")
                           .arg(QLatin1String(programVersion())));
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    const Session::Activity activity = m_session.activity();
    const bool loses = activity != Session::Activity::Idle && activity != Session::Activity::Inspecting;
    if ((loses && !confirmsLeaving(activity, this)) || !m_documents->keeper()->mayLeave()) {
        event->ignore(); // and what runs goes on
        return;
    }
    m_session.cancel();
    m_settings.setValue(QStringLiteral("geometry"), saveGeometry());
    m_settings.setValue(QStringLiteral("docks"), saveState());
    m_documents->keeper()->giveUp();
    event->accept();
}

} // namespace headkv
