// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/window/WindowDocuments.h"

#include "app/explorer/common/RecentFiles.h"
#include "app/explorer/window/DocumentKeeper.h"
#include "app/explorer/window/MainWindow.h"
#include "app/explorer/window/TourStops.h"
#include "sessions/ScoreLibrary.h"

#include <QAction>
#include <QDir>

// Q_INIT_RESOURCE must stand outside every namespace.
static void initSamples() { Q_INIT_RESOURCE(samples); }

namespace headkv {

namespace {

const QString sampleSession = QStringLiteral(":/headkv/samples/smollm2-135m.hkv");

} // namespace

WindowDocuments::WindowDocuments(MainWindow &window, RecentFiles &recents, QSettings &settings)
    : QObject(&window)
    , m_window(window)
    , m_recents(recents)
    , m_settings(settings)
{
    initSamples();
    const auto add = [this](const char *id, const QString &text, const char *icon, const QKeySequence &keys,
                            const QString &tip, auto slot) {
        QAction *action = m_window.actions().add(QLatin1String(id), text, QLatin1String(icon), keys);
        action->setToolTip(tip);
        connect(action, &QAction::triggered, this, slot);
    };
    add("file.new", tr("&New session"), "file", QKeySequence(tr("Ctrl+N")), tr("Close what is open, but for the model"),
        [this] { m_keeper->begin(); });
    add("file.sample", tr("Open the sa&mple session"), "heads", {},
        tr("Real scores, budgets and a comparison of the default model, which need no model to look at"),
        &WindowDocuments::openSample);
    add("file.save", tr("&Save"), "save", QKeySequence(tr("Ctrl+S")),
        tr("Keep scores, budgets, runs, pins and notes in one file"), [this] { m_keeper->save(); });
    add("file.saveAs", tr("Save &as…"), "save", QKeySequence(tr("Ctrl+Shift+S")),
        tr("Save the session as another file"), [this] { m_keeper->saveAs(); });
    add("help.tour", tr("Guided &tour"), "help", {}, tr("Two minutes at the program's own controls"),
        &WindowDocuments::beginTour);
}

void WindowDocuments::attach()
{
    m_keeper = new DocumentKeeper({m_window.session(), m_window.actions(), m_window.undoStack(), *m_window.probePage(),
                                   *m_window.headsPage(), *m_window.budgetPage(), *m_window.generatePage(),
                                   *m_window.comparePage(), *m_window.notes(), *m_window.bar()},
                                  m_settings, m_window, this);
    connectKeeper();
    showTitle();
    updateActions();
}

void WindowDocuments::connectKeeper()
{
    const auto open = [this](const QString &file) { m_window.openFiles({file}); };
    connect(m_keeper, &DocumentKeeper::loadRequested, this, open);
    connect(m_keeper, &DocumentKeeper::openRequested, this, open);
    connect(m_keeper, &DocumentKeeper::changed, this, &WindowDocuments::showTitle);
    connect(m_keeper, &DocumentKeeper::saved, &m_recents, &RecentFiles::add);
    connect(&m_window.session(), &Session::activityChanged, this, &WindowDocuments::updateActions);
}

void WindowDocuments::showTitle()
{
    m_window.setWindowTitle(tr("%1[*] – HeadKV Explorer").arg(m_keeper->name()));
    m_window.setWindowModified(m_keeper->isDirty());
}

void WindowDocuments::updateActions()
{
    const bool idle = m_window.session().activity() == Session::Activity::Idle;
    for (const char *id : {"file.new", "file.sample", "help.tour"})
        m_window.actions().action(QLatin1String(id))->setEnabled(idle);
}

void WindowDocuments::openSample() { m_window.openFiles({sampleSession}); }

void WindowDocuments::beginTour()
{
    const auto begin = [this] {
        if (m_window.findChild<GuidedTour *>()) // asked for twice
            return;
        auto *tour = new GuidedTour(tourStops(m_window), m_window);
        connect(tour, &GuidedTour::pageWanted, &m_window, &MainWindow::showPage);
        tour->begin();
    };
    if (!m_window.session().scores().sets().empty() || m_keeper->isDirty())
        return begin();
    connect(m_keeper, &DocumentKeeper::opened, this, begin, Qt::SingleShotConnection);
    openSample();
}

void WindowDocuments::remember()
{
    if (!m_keeper->file().isEmpty())
        m_recents.add(m_keeper->file());
}

} // namespace headkv
