// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "sessions/SessionDocument.h"

#include <QObject>
#include <memory>

class QSettings;
class QUndoStack;

namespace headkv {

class ActionRegistry;
class Autosave;
class BudgetPage;
class ComparePage;
class GeneratePage;
class HeadsPage;
class MessageBar;
class NotesPanel;
class ProbePage;
class Session;
class SessionSaver;

/// The parts of a window that a session file tells of. All outlive the keeper.
struct DocumentParts
{
    Session &session;
    const ActionRegistry &actions; ///< "page.…" and "dock.…" say what is shown
    QUndoStack &undo;
    ProbePage &probe;
    HeadsPage &heads;
    BudgetPage &budget;
    GeneratePage &generate;
    ComparePage &compare;
    NotesPanel &notes;
    MessageBar &bar; ///< above all pages
};

/// The session as a document: its file, whether something would be lost, New, Save, recovery after a crash, and the
/// model that it was made with. Saving happens on a thread of its own; the session counts as saved once the file is
/// there, and what is changed meanwhile is not in it.
class DocumentKeeper : public QObject
{
    Q_OBJECT

public:
    /// All outlive the keeper.
    DocumentKeeper(const DocumentParts &parts, QSettings &settings, QWidget &window, QObject *parent);
    ~DocumentKeeper() override;

    /// Empty: it has none yet.
    [[nodiscard]] const QString &file() const { return m_file; }
    [[nodiscard]] bool isDirty() const { return m_isDirty; }
    /// For the window's title.
    [[nodiscard]] QString name() const;

    /// Asks whether to save what would be lost. False: the user would rather stay.
    [[nodiscard]] bool mayLeave();
    /// An empty session, after mayLeave().
    void begin();
    /// To its file, or one that is asked for; answers with saved() or failed().
    void save();
    void saveAs();
    /// Waits for it. Returns the error, empty: done; the session then is that file.
    [[nodiscard]] QString saveTo(const QString &path);
    [[nodiscard]] SessionDocument capture() const;

    /// Keeps copies of unsaved changes in a folder from now on, and offers what a program left there that is gone.
    void keepCopies(const QString &folder);
    [[nodiscard]] Autosave *autosave() const { return m_autosave.get(); }
    /// The session is left for good: no copy of it is needed.
    void giveUp();

Q_SIGNALS:
    void changed();                           ///< name or dirty mark
    void saved(const QString &path);          ///< but for automatic copies
    void opened();                            ///< another session is there, or an empty one
    void loadRequested(const QString &model); ///< for FileOpener
    void openRequested(const QString &session);
    void failed(const QString &message);

private:
    void connectChanges();
    void arrive(const DocumentPtr &document, const QString &path);
    void show(const SessionDocument &document);
    /// Where something would be lost if it were not saved, `loss`, or the session is a file.
    void touch(bool loss);
    [[nodiscard]] QString askForFile();
    void startSaving(const QString &path);
    void endSaving(const QString &path, const QString &error);
    void setState(const QString &file, bool dirty);
    void showModel();
    void locateModel();
    void offerRecovery();
    void barAction();
    void barSecondAction();
    void reviewModel();

    enum class Offer { None, Recovery, Load, Locate };

    DocumentParts m_parts;
    QSettings &m_settings;
    QWidget &m_window;
    std::unique_ptr<Autosave> m_autosave;
    SessionSaver *m_saver;
    QString m_saveError; ///< of the last one
    QString m_file;
    QString m_title;      ///< of a sample
    SessionModel m_model; ///< that the session was made with, while none is loaded
    QString m_recovering; ///< the copy that is being opened
    bool m_isDirty = false;
    quint64 m_changes = 0, m_savedChanges = 0; ///< how many there were, now and as saving began
    bool m_isArriving = false;                 ///< changes are those of a file being opened
    Offer m_offer = Offer::None;
};

} // namespace headkv
