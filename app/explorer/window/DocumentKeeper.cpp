// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/window/DocumentKeeper.h"

#include "app/explorer/budget/BudgetPage.h"
#include "app/explorer/common/ActionRegistry.h"
#include "app/explorer/compare/ComparePage.h"
#include "app/explorer/compare/TaskPanel.h"
#include "app/explorer/compare/VariantPanel.h"
#include "app/explorer/generate/GeneratePage.h"
#include "app/explorer/generate/GeneratePanel.h"
#include "app/explorer/generate/PromptEdit.h"
#include "app/explorer/heads/HeadsPage.h"
#include "app/explorer/probe/ProbePage.h"
#include "app/explorer/probe/ProbeSettingsPanel.h"
#include "app/explorer/window/Autosave.h"
#include "app/explorer/window/Confirmations.h"
#include "app/explorer/window/NotesPanel.h"
#include "app/explorer/window/SessionSaver.h"
#include "sessions/EvaluationSession.h"
#include "sessions/LaneSession.h"
#include "sessions/ProbeSession.h"
#include "sessions/ScoreLibrary.h"
#include "sessions/Session.h"
#include "sessions/SessionContents.h"
#include "sessions/SessionFile.h"
#include "widgets/controls/MessageBar.h"

#include <QAction>
#include <QDateTime>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QLineEdit>
#include <QSettings>
#include <QUndoStack>
#include <QWidget>
#include <utility>

namespace headkv {

namespace {

const QString pagePrefix = QStringLiteral("page.");
const QString dockPrefix = QStringLiteral("dock.");

/// The names behind a prefix whose action is checked.
QStringList checkedNames(const ActionRegistry &actions, const QString &prefix)
{
    QStringList names;
    for (const QString &id : actions.ids()) {
        if (id.startsWith(prefix) && actions.action(id)->isChecked())
            names.append(id.mid(prefix.size()));
    }
    return names;
}

} // namespace

DocumentKeeper::DocumentKeeper(const DocumentParts &parts, QSettings &settings, QWidget &window, QObject *parent)
    : QObject(parent)
    , m_parts(parts)
    , m_settings(settings)
    , m_window(window)
    , m_saver(new SessionSaver(this))
{
    connectChanges();
    connect(m_saver, &SessionSaver::done, this, &DocumentKeeper::endSaving);
    connect(&parts.session, &Session::documentArriving, this, [this] {
        m_saver->wait(); // for the one that goes
        m_isArriving = true;
    });
    connect(&parts.session, &Session::documentOpened, this, &DocumentKeeper::arrive);
    connect(&parts.session, &Session::modelChanged, this, &DocumentKeeper::reviewModel);
    connect(&parts.bar, &MessageBar::actionTriggered, this, &DocumentKeeper::barAction);
    connect(&parts.bar, &MessageBar::secondActionTriggered, this, &DocumentKeeper::barSecondAction);
    connect(&parts.bar, &MessageBar::dismissed, this, [this] { m_offer = Offer::None; });
}

DocumentKeeper::~DocumentKeeper() = default;

/// Runs and edits would be lost; what came from files is there still, but a session that is a file tells of it.
void DocumentKeeper::connectChanges()
{
    const auto loses = [this] { touch(true); };
    const auto tells = [this] { touch(false); };
    const Session &session = m_parts.session;
    const ProbeSession &probe = session.probe();
    connect(&probe, &ProbeSession::caseDone, this, [this] {
        if (m_parts.session.activity() == Activity::Probing) // else they come from a report
            touch(true);
    });
    const EvaluationSession &evaluation = session.evaluation();
    connect(&evaluation, &EvaluationSession::answered, this, loses);
    connect(&evaluation, &EvaluationSession::finished, this, tells);
    const LaneSession &lanes = session.lanes();
    connect(&lanes, &LaneSession::started, this, loses);
    connect(&lanes, &LaneSession::finished, this, loses);
    connect(&lanes, &LaneSession::added, this, tells);
    connect(&lanes, &LaneSession::cleared, this, tells);
    for (const auto signal : {&ScoreLibrary::added, &ScoreLibrary::removed})
        connect(&session.scores(), signal, this, tells);
    connect(m_parts.generate.panel(), &GeneratePanel::changed, this, tells);
    connect(m_parts.probe.settingsPanel(), &ProbeSettingsPanel::changed, this, tells);
    connect(m_parts.compare.tasks(), &TaskPanel::changed, this, tells);
    connect(m_parts.compare.variants(), &VariantPanel::changed, this, tells);
    connect(&m_parts.undo, &QUndoStack::indexChanged, this, loses);
}

QString DocumentKeeper::name() const
{
    if (!m_file.isEmpty())
        return QFileInfo(m_file).fileName();
    return m_title.isEmpty() ? tr("New session") : m_title;
}

void DocumentKeeper::touch(bool loss)
{
    const bool isFile = !m_file.isEmpty() || m_saver->isRunning();
    if (m_isArriving || (!loss && !isFile))
        return;
    ++m_changes;
    if (m_autosave)
        m_autosave->changed();
    if (!m_isDirty)
        setState(m_file, true);
}

void DocumentKeeper::setState(const QString &file, bool dirty)
{
    m_file = file;
    m_isDirty = dirty;
    if (m_autosave && !dirty)
        m_autosave->clear();
    Q_EMIT changed();
}

SessionDocument DocumentKeeper::capture() const
{
    SessionDocument document = captureSession(m_parts.session);
    if (!document.model.isKnown())
        document.model = m_model;
    document.notes = m_parts.notes.text();
    document.page = checkedNames(m_parts.actions, pagePrefix).value(0);
    document.docks = checkedNames(m_parts.actions, dockPrefix);
    document.heads = m_parts.heads.state();
    document.budgets = m_parts.budget.state();
    document.probeForm = m_parts.probe.settingsPanel()->state();
    document.tasks = m_parts.compare.tasks()->state();
    document.variants = m_parts.compare.variants()->state();
    const GeneratePanel *panel = m_parts.generate.panel();
    document.prompt = {panel->system()->text(), panel->prompt()->text()};
    document.generateForm = panel->state();
    return document;
}

void DocumentKeeper::show(const SessionDocument &document)
{
    m_model = document.model;
    m_parts.notes.setText(document.notes);
    m_parts.heads.restore(document.heads);
    m_parts.budget.restore(document.budgets);
    m_parts.probe.settingsPanel()->restore(document.probeForm);
    m_parts.compare.tasks()->restore(document.tasks);
    m_parts.compare.variants()->restore(document.variants);
    m_parts.generate.panel()->system()->setText(document.prompt.system);
    m_parts.generate.panel()->prompt()->setText(document.prompt.text);
    m_parts.generate.panel()->restore(document.generateForm);
    m_parts.undo.clear();
    for (const QString &id : m_parts.actions.ids()) {
        QAction *action = m_parts.actions.action(id);
        if (id.startsWith(dockPrefix) && document.docks.contains(id.mid(dockPrefix.size())) != action->isChecked())
            action->trigger();
    }
    if (QAction *page = m_parts.actions.action(pagePrefix + document.page))
        page->trigger();
}

void DocumentKeeper::arrive(const DocumentPtr &document, const QString &path)
{
    show(*document);
    m_isArriving = false;
    const bool recovered = path == std::exchange(m_recovering, {});
    const bool sample = path.startsWith(QLatin1Char(':'));
    m_title = sample ? tr("Sample session") : QString();
    setState(recovered ? document->recoveryOf : sample ? QString() : path, false);
    if (recovered) {
        m_autosave->adoptOrphan();
        touch(true);
    }
    if (recovered || m_offer != Offer::Recovery) { // which a session named at the start does not take away
        m_parts.bar.dismiss();
        showModel();
    }
    Q_EMIT opened();
}

void DocumentKeeper::begin()
{
    if (!mayLeave())
        return;
    m_isArriving = true;
    clearSession(m_parts.session);
    SessionDocument empty;
    empty.page = QStringLiteral("start");
    empty.budgets = m_parts.budget.state(); // settings stay as they were chosen
    empty.budgets.scoreSet = -1;
    empty.probeForm = m_parts.probe.settingsPanel()->state();
    empty.tasks = m_parts.compare.tasks()->state();
    empty.variants = m_parts.compare.variants()->state();
    empty.generateForm = m_parts.generate.panel()->state();
    show(empty);
    m_parts.session.afterWork([this] {
        m_isArriving = false;
        m_title.clear();
        setState({}, false);
        Q_EMIT opened();
    });
}

bool DocumentKeeper::mayLeave()
{
    m_saver->wait();
    if (!m_isDirty)
        return true;
    switch (asksToSave(name(), &m_window)) {
    case SaveAnswer::Save: {
        const QString path = m_file.isEmpty() ? askForFile() : m_file;
        return !path.isEmpty() && saveTo(path).isEmpty();
    }
    case SaveAnswer::Discard:
        return true;
    case SaveAnswer::Cancel:
        break;
    }
    return false;
}

void DocumentKeeper::save()
{
    if (m_file.isEmpty())
        saveAs();
    else if (!m_isArriving) // half of another session does not go into this one's file
        startSaving(m_file);
}

void DocumentKeeper::saveAs()
{
    if (const QString path = askForFile(); !path.isEmpty() && !m_isArriving)
        startSaving(path);
}

/// Empty: the user would rather not.
QString DocumentKeeper::askForFile()
{
    const QString key = QStringLiteral("sessionFolder");
    const QString proposed =
        m_file.isEmpty() ? m_settings.value(key, QDir::homePath()).toString() + QStringLiteral("/session.hkv") : m_file;
    QString path = QFileDialog::getSaveFileName(&m_window, tr("Save the session"), proposed, tr("Sessions (*.hkv)"));
    if (path.isEmpty())
        return {};
    if (!isSessionFile(path))
        path += QStringLiteral(".hkv");
    m_settings.setValue(key, QFileInfo(path).absolutePath());
    return path;
}

QString DocumentKeeper::saveTo(const QString &path)
{
    startSaving(path);
    m_saver->wait();
    return m_saveError;
}

void DocumentKeeper::startSaving(const QString &path)
{
    m_saver->wait(); // so that its changes are not taken for those of this one
    m_savedChanges = m_changes;
    m_saver->start(capture(), QFileInfo(path).absoluteFilePath());
}

void DocumentKeeper::endSaving(const QString &path, const QString &error)
{
    m_saveError = error;
    if (!error.isEmpty()) {
        Q_EMIT failed(error);
        return;
    }
    setState(path, m_changes != m_savedChanges);
    Q_EMIT saved(path);
}

void DocumentKeeper::giveUp()
{
    if (m_autosave)
        m_autosave->clear();
}

void DocumentKeeper::keepCopies(const QString &folder)
{
    m_autosave = std::make_unique<Autosave>(folder, [this] {
        SessionDocument document = capture();
        document.recoveryOf = m_file;
        return document;
    });
    connect(m_autosave.get(), &Autosave::failed, this, &DocumentKeeper::failed);
    offerRecovery();
}

void DocumentKeeper::offerRecovery()
{
    const QString orphan = m_autosave->orphan();
    if (orphan.isEmpty())
        return;
    m_parts.bar.showMessage(
        MessageBar::Kind::Warning,
        tr("The program ended without a word while a session had unsaved changes. A copy of %1 is there.")
            .arg(QFileInfo(orphan).lastModified().toString(QStringLiteral("yyyy-MM-dd hh:mm"))),
        tr("&Recover"), tr("&Discard"));
    m_offer = Offer::Recovery;
}

void DocumentKeeper::barAction()
{
    switch (m_offer) {
    case Offer::Recovery:
        m_recovering = m_autosave->orphan();
        Q_EMIT openRequested(m_recovering);
        break;
    case Offer::Load:
        m_parts.bar.dismiss();
        Q_EMIT loadRequested(m_model.path);
        break;
    case Offer::Locate:
        locateModel();
        break;
    case Offer::None:
        break;
    }
}

void DocumentKeeper::barSecondAction()
{
    if (m_offer != Offer::Recovery)
        return;
    m_autosave->discardOrphan();
    m_parts.bar.dismiss();
    offerRecovery(); // of another one
}

/// What became of the model that the session was made with.
void DocumentKeeper::showModel()
{
    const InfoPtr &loaded = m_parts.session.modelInfo();
    if (!m_model.isKnown() || (loaded && QString::fromStdString(loaded->sha256) == m_model.sha256))
        return;
    const bool there = m_model.path == QLatin1String("default") || QFileInfo::exists(m_model.path);
    m_parts.bar.showMessage(
        MessageBar::Kind::Info,
        there ? tr("This session was made with %1, which need not be loaded to look at it.").arg(m_model.name)
              : tr("This session was made with %1, which is not at %2 any more. All that the "
                   "session holds can be looked at without it.")
                    .arg(m_model.name, m_model.path),
        there ? tr("&Load it") : tr("&Locate the model…"));
    m_offer = there ? Offer::Load : Offer::Locate;
}

void DocumentKeeper::locateModel()
{
    const QString path = QFileDialog::getOpenFileName(&m_window, tr("Locate %1").arg(m_model.name),
                                                      m_settings.value(QStringLiteral("openFolder")).toString(),
                                                      tr("Models (*.gguf *.safetensors config.json)"));
    if (path.isEmpty())
        return;
    m_parts.bar.dismiss();
    Q_EMIT loadRequested(path);
}

/// A model that is loaded is the session's from now on; another one than it was made with is worth a word.
void DocumentKeeper::reviewModel()
{
    const InfoPtr &loaded = m_parts.session.modelInfo();
    if (!loaded || !m_model.isKnown())
        return;
    if (m_offer == Offer::Load || m_offer == Offer::Locate)
        m_parts.bar.dismiss();
    if (QString::fromStdString(loaded->sha256) == m_model.sha256)
        return;
    m_parts.bar.showMessage(
        MessageBar::Kind::Warning,
        tr("%1 is another model than %2, which this session was made with: its runs cannot go on with it.")
            .arg(QString::fromStdString(loaded->name), m_model.name));
    touch(false);
}

} // namespace headkv
